import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { UsageError } from '@dunlin/base';
import { isFormatFailure, Location, decodeContent } from '@dunlin/lwm2m';
import { location, type LocationFix, type LocationValues, reportLocation } from '@dunlin/client';

import { completeDevice } from '../support/reference-device.ts';
import { text, tlv, World } from '../support/world.ts';

const brisbane: LocationFix = { latitude: -27.4698, longitude: 153.0251, timestamp: 1_367_491_215 };

const open = (values: LocationValues): Promise<World> =>
  World.registered({ objects: [completeDevice(), location(values)] });

/** What `/6/0` holds, by Resource id. */
async function readAll(world: World): Promise<Readonly<Record<number, unknown>>> {
  const { payload } = await world.read('/6/0', tlv);
  const content = decodeContent(tlv, Location.path, payload, Location.definition);
  assert.ok(!isFormatFailure(content) && content.kind === 'object-instance');
  return Object.fromEntries(
    [...content.resources].map(([id, resource]) => [
      id,
      resource.kind === 'single' ? resource.value : resource,
    ]),
  );
}

describe('the Location Object (1.0 §E.7)', () => {
  test('says position and time as they were given, without loss (R-1062)', async () => {
    const world = await open({ ...brisbane, altitude: 27, radius: 3.5, speed: 0 });
    assert.deepEqual(await readAll(world), {
      0: -27.4698,
      1: 153.0251,
      2: 27,
      3: 3.5,
      5: 1_367_491_215,
      6: 0,
    });
  });

  test('a measurement changes all of it in one step: an observer of the instance is notified once (R-1062)', async () => {
    const world = await open(brisbane);
    const watch = await world.observe('/6/0', tlv);
    reportLocation(world.client, {
      latitude: -27.5,
      longitude: 153.1,
      timestamp: 1_367_491_275,
      altitude: 12,
    });
    await world.pass(1);
    assert.equal(watch.notifications.length, 2);
    assert.deepEqual(await readAll(world), { 0: -27.5, 1: 153.1, 2: 12, 5: 1_367_491_275 });
  });

  test('what a measurement does not say is gone with the one before', async () => {
    const world = await open({ ...brisbane, altitude: 27, speed: 1.5, velocity: Uint8Array.of(0, 1, 2, 3) });
    reportLocation(world.client, { ...brisbane, timestamp: 1_367_491_276, radius: 20 });
    assert.deepEqual(await readAll(world), { 0: -27.4698, 1: 153.0251, 3: 20, 5: 1_367_491_276 });
    assert.equal((await world.read('/6/0/2')).code, '4.04');
  });

  test('functions are asked at each Read, and `changed` tells observers of them', async () => {
    let latitude = 10;
    const world = await open({ latitude: () => latitude, longitude: () => 20, timestamp: () => 1 });
    const watch = await world.observe('/6/0/0', text);
    latitude = 11;
    assert.equal((await world.read('/6/0/0', text)).text, '11');
    world.client.changed(Location.latitude);
    await world.pass(1);
    assert.deepEqual(
      watch.notifications.map((notification) => notification.text),
      ['10', '11'],
    );
    assert.throws(() => reportLocation(world.client, brisbane), UsageError);
  });

  test('Servers can only read it', async () => {
    const world = await open(brisbane);
    for (const id of [0, 1, 5])
      assert.equal((await world.put(`/6/0/${id}`, text, Uint8Array.of(0x31))).code, '4.05');
    assert.equal((await world.delete('/6/0')).code, '4.05');
  });

  const elsewhere: readonly Partial<LocationFix>[] = [
    { latitude: 90.001 },
    { latitude: -91 },
    { longitude: 180.5 },
    { longitude: -Infinity },
    { latitude: NaN },
  ];
  for (const part of elsewhere) {
    test(`a position that is not on Earth is the author's mistake: ${JSON.stringify(part)}`, async () => {
      assert.throws(() => location({ ...brisbane, ...part }), UsageError);
      const world = await open(brisbane);
      assert.throws(() => reportLocation(world.client, { ...brisbane, ...part }), UsageError);
      assert.equal(world.client.get(Location.latitude), brisbane.latitude);
    });
  }
});
