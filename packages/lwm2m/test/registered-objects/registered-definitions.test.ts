import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import {
  compareObjectVersions,
  coreDefinitions,
  loadRegisteredDefinitions,
  type ObjectDefinition,
  ObjectDefinitionRegistry,
} from '@dunlin/lwm2m';

const registered = await loadRegisteredDefinitions();

function versionsOf(id: number): readonly string[] {
  return registered
    .list()
    .filter((summary) => summary.id === id)
    .map(({ version }) => version);
}

function all(): readonly ObjectDefinition[] {
  return registered.list().map(({ id, version }) => {
    const definition = registered.find(id, version);
    assert.ok(definition);
    return definition;
  });
}

describe('the registered Objects', () => {
  test('a temperature sensor is called so: /3303 with Sensor Value 5700, a readable float (R-108)', () => {
    const temperature = registered.find(3303);
    assert.equal(temperature?.name, 'Temperature');
    assert.equal(temperature.isMultiple, true);
    const { name, operations, type, isMandatory } = temperature.resources.get(5700) ?? {};
    assert.deepEqual([name, operations, type, isMandatory], ['Sensor Value', 'R', 'float', true]);
    const reset = temperature.resources.get(5605);
    assert.deepEqual([reset?.operations, reset?.type], ['E', 'none']);
  });

  test('the Objects of the enabler are there in every version registered (R-120)', () => {
    assert.deepEqual(versionsOf(0), ['1.0', '1.1', '1.2']);
    assert.deepEqual(versionsOf(1), ['1.0', '1.1', '1.2']);
    assert.deepEqual(versionsOf(2), ['1.0', '1.1']);
    assert.deepEqual(versionsOf(3), ['1.0', '1.1', '1.2']);
    assert.deepEqual(versionsOf(4), ['1.0', '1.1', '1.2', '1.3']);
    assert.deepEqual(versionsOf(5), ['1.0', '1.1', '1.2']);
    assert.equal(registered.find(3, '1.0')?.resources.has(23), false);
    assert.equal(registered.find(5)?.version, '1.2');
  });

  test('every definition is one that the enabler allows (R-102 to R-105, R-110)', () => {
    const registry = new ObjectDefinitionRegistry();
    for (const definition of all()) assert.equal(registry.add(definition), definition);
    assert.ok(registry.list().length >= 424);
  });

  test('every definition has the id, version and name it is listed with, in order', () => {
    const list = registered.list();
    for (const [position, summary] of list.entries()) {
      const { id, name, version } = registered.find(summary.id, summary.version) ?? {};
      assert.deepEqual({ id, name, version }, summary);
      const earlier = list[position - 1];
      if (earlier === undefined) continue;
      assert.ok(earlier.id < summary.id || compareObjectVersions(earlier.version, summary.version) < 0);
    }
  });

  test('Resources that are defined alike in several Objects are one object (R-108)', () => {
    const value = registered.find(3303, '1.0')?.resources.get(5700);
    assert.ok(value);
    assert.equal(registered.find(3304, '1.0')?.resources.get(5700), value);
  });

  test('bounds, units and data types of 1.1 are kept', () => {
    assert.deepEqual(registered.find(3, '1.0')?.resources.get(9)?.range, {
      kind: 'interval',
      minimum: 0,
      maximum: 100,
    });
    assert.equal(registered.find(3, '1.0')?.resources.get(7)?.units, 'mV');
    const types = new Set(
      all().flatMap(({ resources }) => Array.from(resources.values(), ({ type }) => type)),
    );
    assert.equal(types.size, 10);
  });

  test('unknown Objects and other major versions are not found (R-124)', () => {
    assert.equal(registered.find(1023), undefined);
    assert.equal(registered.find(3303, '7.0'), undefined);
  });

  test('what is found is decoded once, and the table loaded once', async () => {
    assert.equal(registered.find(3303, '1.1'), registered.find(3303, '1.9'));
    assert.equal(await loadRegisteredDefinitions(), registered);
  });

  test('lie between the definitions of an operator and those of the core', () => {
    const own: ObjectDefinition = {
      id: 3303,
      name: 'Our Temperature',
      version: '1.1',
      isMultiple: true,
      isMandatory: false,
      resources: new Map(),
    };
    const registry = ObjectDefinitionRegistry.of([own], [registered, coreDefinitions]);
    assert.equal(registry.find(3303), own);
    assert.equal(registry.find(3303, '1.0')?.name, 'Temperature');
    assert.equal(registry.find(3, '1.0'), registered.find(3, '1.0'));
  });
});
