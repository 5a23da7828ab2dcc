import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { probeObject } from '../support/probe-device.ts';
import { completeDevice, Probe } from '../support/reference-device.ts';
import { World } from '../support/world.ts';

const open = () => World.registered({ objects: [completeDevice(), probeObject()] });
const resourceLink = async (world: World, path: string) => (await world.discover(path)).text;

describe('Write-Attributes (1.0 §5.4.4)', () => {
  test('attributes are set at Object, Object Instance and Resource level, several at once (R-450, R-451)', async () => {
    const world = await open();
    assert.equal((await world.writeAttributes('/26241', 'pmin=1', 'pmax=10')).code, '2.04');
    assert.equal((await world.writeAttributes('/26241/0', 'pmax=20')).code, '2.04');
    assert.equal((await world.writeAttributes('/26241/0/0', 'gt=10', 'lt=1', 'st=0.5')).code, '2.04');
    assert.equal(await resourceLink(world, '/26241/0/0'), '</26241/0/0>;pmin=1;pmax=20;gt=10;lt=1;st=0.5');
  });

  test('X-IR-2: an attribute without a value is unset, what is not mentioned stays (R-451, R-521)', async () => {
    const world = await open();
    await world.writeAttributes('/26241', 'pmin=1');
    await world.writeAttributes('/26241/0/0', 'pmin=5', 'pmax=50');
    assert.equal(await resourceLink(world, '/26241/0/0'), '</26241/0/0>;pmin=5;pmax=50');
    assert.equal((await world.writeAttributes('/26241/0/0', 'pmin')).code, '2.04');
    assert.equal(await resourceLink(world, '/26241/0/0'), '</26241/0/0>;pmin=1;pmax=50');
    await world.writeAttributes('/26241', 'pmin');
    assert.equal(await resourceLink(world, '/26241/0/0'), '</26241/0/0>;pmax=50');
  });

  for (const query of [
    ['pmin=x'],
    ['pmin=-1'],
    ['pmin=1.5'],
    ['pmin='],
    ['st=-1'],
    ['dim=3'],
    ['ver=1.0'],
    ['epmin=1'],
    ['colour=red'],
    ['pmin=1', 'pmin=2'],
    ['pmin=1', 'bogus=2'],
    ['lt=5', 'gt=5'],
    ['lt=6', 'gt=5'],
    ['lt=1', 'gt=5', 'st=2'],
  ]) {
    test(`what is not a valid set is 4.00, and nothing is stored: ?${query.join('&')} (R-452, R-454)`, async () => {
      const world = await open();
      await world.writeAttributes('/26241/0/0', 'pmax=7');
      assert.equal((await world.writeAttributes('/26241/0/0', ...query)).code, '4.00');
      assert.equal(await resourceLink(world, '/26241/0/0'), '</26241/0/0>;pmax=7');
    });
  }

  test('thresholds are judged together with those of earlier requests (R-454)', async () => {
    const world = await open();
    assert.equal((await world.writeAttributes('/26241/0/0', 'gt=5')).code, '2.04');
    assert.equal((await world.writeAttributes('/26241/0/0', 'lt=5')).code, '4.00');
    assert.equal((await world.writeAttributes('/26241/0/0', 'lt=3', 'st=1')).code, '4.00');
    assert.equal((await world.writeAttributes('/26241/0/0', 'lt=3', 'st=0.5')).code, '2.04');
  });

  test('a pmax below pmin is accepted (R-454)', async () => {
    const world = await open();
    assert.equal((await world.writeAttributes('/26241/0/0', 'pmin=10', 'pmax=5')).code, '2.04');
  });

  test('gt, lt and st above Resource level, or on a Resource that is no number, are 4.00 (R-453)', async () => {
    const world = await open();
    assert.equal((await world.writeAttributes('/26241', 'gt=1')).code, '4.00');
    assert.equal((await world.writeAttributes('/26241/0', 'st=1')).code, '4.00');
    assert.equal((await world.writeAttributes('/26241/0/1', 'lt=1')).code, '4.00');
  });

  test('a Resource that cannot be read has no attributes: 4.05 (R-104)', async () => {
    const world = await open();
    assert.equal((await world.writeAttributes('/26241/0/3', 'pmin=1')).code, '4.05');
    assert.equal((await world.writeAttributes('/26241/0/4', 'pmin=1')).code, '4.05');
  });

  test('what does not exist is 4.04 (R-457)', async () => {
    const world = await open();
    for (const path of ['/4711', '/26241/9', '/26241/0/77', '/26241/3/1']) {
      assert.equal((await world.writeAttributes(path, 'pmin=1')).code, '4.04', path);
    }
  });

  test('attributes go with their instance and survive a new registration (R-456)', async () => {
    const world = await open();
    await world.writeAttributes('/26241/3', 'pmin=3');
    await world.writeAttributes('/26241/3/0', 'pmax=3');
    await world.writeAttributes('/26241/0/0', 'pmax=30');
    world.client.restart();
    await world.until(() => world.server.lines.filter((line) => line === 'POST /rd').length === 2);
    await world.pass(1);
    assert.equal(await resourceLink(world, '/26241/3/0'), '</26241/3/0>;pmin=3;pmax=3');
    assert.equal((await world.delete('/26241/3')).code, '2.02');
    world.client.createInstance(Probe, 3, { level: 1, count: 1 });
    assert.equal(await resourceLink(world, '/26241/3/0'), '</26241/3/0>');
    assert.equal(await resourceLink(world, '/26241/0/0'), '</26241/0/0>;pmax=30');
  });

  test('a Server finds room for so many paths only; one more is 5.00', async () => {
    const world = await World.registered({
      objects: [completeDevice()],
      limits: { attributePathsPerServer: 2 },
    });
    assert.equal((await world.writeAttributes('/3', 'pmin=1')).code, '2.04');
    assert.equal((await world.writeAttributes('/3/0', 'pmin=1')).code, '2.04');
    assert.equal((await world.writeAttributes('/3/0/9', 'pmin=1')).code, '5.00');
    assert.equal((await world.writeAttributes('/3/0', 'pmin=2')).code, '2.04');
    assert.equal((await world.writeAttributes('/3/0', 'pmin')).code, '2.04');
    assert.equal((await world.writeAttributes('/3/0/9', 'pmin=1')).code, '2.04');
  });
});
