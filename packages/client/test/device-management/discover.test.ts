import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { ContentFormat } from '@dunlin/coap';
import { objectInstances } from '@dunlin/client';

import { probeObject } from '../support/probe-device.ts';
import { completeDevice, Portfolio } from '../support/reference-device.ts';
import { World } from '../support/world.ts';

const open = () =>
  World.registered({ objects: [completeDevice(), probeObject(), objectInstances(Portfolio, {})] });
const links = async (world: World, path: string) => (await world.discover(path)).text.split(',');

describe('Discover (1.0 §5.4.2)', () => {
  test('an Object lists its instances and all that is instantiated, executables and write-only Resources too (R-431, R-432)', async () => {
    assert.deepEqual(await links(await open(), '/26241'), [
      '</26241>;ver="2.1"',
      '</26241/0>',
      '</26241/0/0>',
      '</26241/0/1>',
      '</26241/0/2>',
      '</26241/0/3>',
      '</26241/0/4>',
      '</26241/0/5>;dim=2',
      '</26241/0/6>',
      '</26241/0/9>',
      '</26241/3>',
      '</26241/3/0>',
      '</26241/3/2>',
    ]);
  });

  test('an instance lists its Resources, and dim of each Multiple one (R-431, R-433)', async () => {
    const world = await open();
    assert.deepEqual(await links(world, '/26241/3'), ['</26241/3>', '</26241/3/0>', '</26241/3/2>']);
    const device = await links(world, '/3/0');
    assert.ok(device.includes('</3/0/6>;dim=2'));
    assert.ok(device.includes('</3/0/11>;dim=1'));
  });

  test('the answer is in link format', async () => {
    const answer = await (await open()).discover('/3/0');
    assert.deepEqual([answer.code, answer.contentFormat], ['2.05', ContentFormat.linkFormat]);
  });

  test('an Object without instances is listed alone', async () => {
    assert.deepEqual(await links(await open(), '/16'), ['</16>']);
  });

  test('a version is said of an Object outside of the enabler that is not of 1.0 (R-121)', async () => {
    const world = await open();
    assert.equal((await links(world, '/26241'))[0], '</26241>;ver="2.1"');
    assert.equal((await links(world, '/3'))[0], '</3>');
  });

  test('attributes are shown where they were set, on a Resource all that are in effect (R-431, R-434)', async () => {
    const world = await open();
    for (const [path, ...query] of [
      ['/3', 'pmin=10'],
      ['/3/0', 'pmax=60'],
      ['/3/0/7', 'gt=50', 'lt=42.2'],
    ] as const) {
      assert.equal((await world.writeAttributes(path, ...query)).code, '2.04');
    }
    assert.equal((await links(world, '/3'))[0], '</3>;pmin=10');
    const instance = await links(world, '/3/0');
    assert.equal(instance[0], '</3/0>;pmax=60');
    assert.ok(instance.includes('</3/0/7>;dim=2;gt=50;lt=42.2'));
    assert.deepEqual(await links(world, '/3/0/7'), ['</3/0/7>;dim=2;pmin=10;pmax=60;gt=50;lt=42.2']);
  });

  test('Discover changes nothing (R-436)', async () => {
    const world = await open();
    const before = (await world.read('/26241')).payload;
    await world.discover('/26241');
    assert.deepEqual((await world.read('/26241')).payload, before);
    assert.equal(world.server.received.length, 1, 'no Update followed');
  });

  for (const path of ['/4711', '/26241/9', '/26241/0/77', '/26241/3/1']) {
    test(`what does not exist is 4.04: ${path}`, async () => {
      assert.equal((await (await open()).discover(path)).code, '4.04');
    });
  }
});
