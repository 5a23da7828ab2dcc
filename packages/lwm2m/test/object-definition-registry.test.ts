import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import {
  compareObjectVersions,
  coreDefinitions,
  Device,
  type ObjectDefinition,
  ObjectDefinitionRegistry,
  type ResourceDefinition,
} from '@dunlin/lwm2m';

const rain: ResourceDefinition = {
  id: 0,
  name: 'Rain',
  operations: 'R',
  isMultiple: false,
  isMandatory: true,
  type: 'float',
};

function gauge(version: string, name = 'Rain Gauge', resources = [rain]): ObjectDefinition {
  return {
    id: 26_241,
    name,
    version,
    isMultiple: false,
    isMandatory: false,
    resources: new Map(resources.map((resource) => [resource.id, resource])),
  };
}

function found(registry: ObjectDefinitionRegistry, version?: string): string | undefined {
  const definition = registry.find(26_241, version);
  return definition && `${definition.name} ${definition.version}`;
}

describe('ObjectDefinitionRegistry', () => {
  test('finds the very version that is asked for (R-124)', () => {
    const registry = ObjectDefinitionRegistry.of(['1.0', '1.1', '2.0'].map((version) => gauge(version)));
    for (const version of ['1.0', '1.1', '2.0'])
      assert.equal(found(registry, version), `Rain Gauge ${version}`);
  });

  test('passes over the minor version when the very one is not known, nearest first (R-124)', () => {
    const registry = ObjectDefinitionRegistry.of(
      ['1.0', '1.2', '1.10', '2.3'].map((version) => gauge(version)),
    );
    assert.equal(found(registry, '1.9'), 'Rain Gauge 1.10');
    assert.equal(found(registry, '1.3'), 'Rain Gauge 1.2');
    assert.equal(found(registry, '1.99'), 'Rain Gauge 1.10');
    assert.equal(found(registry, '2.0'), 'Rain Gauge 2.3');
    assert.equal(found(registry, '1.1'), 'Rain Gauge 1.2', 'the newer of two that are equally near');
  });

  test('finds nothing in another major version, which is not compatible (R-120, R-124)', () => {
    const registry = ObjectDefinitionRegistry.of([gauge('1.0'), gauge('2.0')]);
    assert.equal(found(registry, '3.0'), undefined);
    assert.equal(found(registry, '0.9'), undefined);
    assert.equal(registry.find(26_242), undefined);
  });

  test('finds the newest when no version is given', () => {
    const registry = ObjectDefinitionRegistry.of(['1.9', '1.10', '0.99'].map((version) => gauge(version)));
    assert.equal(found(registry), 'Rain Gauge 1.10');
  });

  test('finds nothing for a version that is none (R-120)', () => {
    const registry = ObjectDefinitionRegistry.of([gauge('1.0')]);
    for (const version of ['', '1', '1.x', 'one', '1.0.0']) assert.equal(found(registry, version), undefined);
  });

  test('lies over its parents, each over the next', () => {
    const below = ObjectDefinitionRegistry.of([gauge('1.0', 'Below'), gauge('1.5', 'Below')]);
    const between = ObjectDefinitionRegistry.of([gauge('1.0', 'Between'), gauge('1.2', 'Between')]);
    const own = ObjectDefinitionRegistry.of([gauge('1.0', 'Own')], [between, below]);
    assert.equal(found(own, '1.0'), 'Own 1.0');
    assert.equal(found(own, '1.2'), 'Between 1.2', 'the very version before one that is only near');
    assert.equal(found(own, '1.5'), 'Below 1.5');
    assert.equal(found(own, '1.3'), 'Between 1.2');
    assert.equal(found(own), 'Below 1.5');
    assert.equal(new ObjectDefinitionRegistry([own]).find(26_241, '1.0'), own.find(26_241, '1.0'));
  });

  test('keeps what was added last under an id and version', () => {
    const registry = ObjectDefinitionRegistry.of([gauge('1.0', 'First')]);
    const second = gauge('1.0', 'Second');
    assert.equal(registry.add(second), second);
    assert.equal(registry.find(26_241, '1.0'), second);
  });

  test('keeps one object of definitions that say the same, in whichever layer', () => {
    const range = { kind: 'enumeration', values: [1, 2] } as const;
    const first = gauge('1.0', 'Rain Gauge', [{ ...rain, range, units: 'mm' }]);
    const registry = ObjectDefinitionRegistry.of([first], [coreDefinitions]);
    const same = gauge('1.0', 'Rain Gauge', [{ ...rain, range: { ...range, values: [1, 2] }, units: 'mm' }]);
    assert.equal(registry.add(same), first);
    const { resources } = Device.definition;
    assert.equal(registry.add({ ...Device.definition, resources: new Map(resources) }), Device.definition);
    assert.equal(registry.list().filter(({ id }) => id === 3).length, 1);
  });

  test('tells definitions apart by every fact', () => {
    const interval = { kind: 'interval', minimum: 0, maximum: 1 } as const;
    const base = { ...rain, range: interval };
    const variants: readonly ObjectDefinition[] = [
      gauge('1.0', 'Rain Gauge', [base]),
      gauge('1.0', 'Other', [base]),
      { ...gauge('1.0', 'Rain Gauge', [base]), isMultiple: true },
      { ...gauge('1.0', 'Rain Gauge', [base]), isMandatory: true },
      gauge('1.0', 'Rain Gauge', []),
      gauge('1.0', 'Rain Gauge', [rain]),
      ...[
        { ...base, id: 1 },
        { ...base, name: 'Snow' },
        { ...base, operations: 'RW' as const },
        { ...base, isMultiple: true },
        { ...base, isMandatory: false },
        { ...base, type: 'integer' as const },
        { ...base, units: 'mm' },
        { ...base, range: { ...interval, maximum: 2 } },
        { ...base, range: { ...interval, minimum: 1 } },
        { ...base, range: { ...interval, kind: 'length' as const } },
        { ...base, range: { kind: 'enumeration' as const, values: [0, 1] } },
        { ...base, range: { kind: 'enumeration' as const, values: [0, 2] } },
        { ...base, range: { kind: 'enumeration' as const, values: [0] } },
      ].map((resource) => gauge('1.0', 'Rain Gauge', [resource])),
    ];
    for (const one of variants) {
      const registry = ObjectDefinitionRegistry.of([one]);
      for (const other of variants) assert.equal(registry.add(other), other);
    }
  });

  test('lists the definitions of all layers once, by id and version', () => {
    const below = ObjectDefinitionRegistry.of(
      [gauge('1.10', 'Below'), gauge('1.9', 'Below')],
      [coreDefinitions],
    );
    const registry = ObjectDefinitionRegistry.of([gauge('1.9', 'Own')], [below]);
    const listed = registry.list().map(({ id, version, name }) => `${id} ${version} ${name}`);
    assert.equal(listed.length, 10);
    assert.deepEqual(listed.slice(0, 2), ['0 1.0 LwM2M Security', '1 1.0 LwM2M Server']);
    assert.deepEqual(listed.slice(-2), ['26241 1.9 Own', '26241 1.10 Below']);
  });

  test('refuses a definition that the enabler does not allow (R-105, R-110)', () => {
    const registry = new ObjectDefinitionRegistry();
    const typed = gauge('1.0', 'Rain Gauge', [{ ...rain, operations: 'E' }]);
    assert.throws(() => registry.add(typed), {
      code: 'usage',
      message: /is executable and has the type float/,
    });
    const misplaced = { ...gauge('1.0'), resources: new Map([[7, rain]]) };
    assert.throws(() => registry.add(misplaced), /Resource 0 is held under the id 7/);
    assert.throws(() => registry.add({ ...gauge('1.0'), id: 65_535 }), { code: 'usage' });
  });
});

describe('compareObjectVersions', () => {
  test('orders versions by their numbers, the major one first (R-120)', () => {
    const versions = ['1.10', '2.0', '1.2', '10.0', '1.0'];
    assert.deepEqual(versions.sort(compareObjectVersions), ['1.0', '1.2', '1.10', '2.0', '10.0']);
    assert.equal(compareObjectVersions('1.1', '1.1'), 0);
  });
});
