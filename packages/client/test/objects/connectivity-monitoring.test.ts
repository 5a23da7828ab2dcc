import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { seconds, UsageError } from '@dunlin/base';
import { ConnectivityMonitoring } from '@dunlin/lwm2m';
import {
  connectivityMonitoring,
  type ConnectivityMonitoringOptions,
  type ConnectivityMonitoringValues,
} from '@dunlin/client';

import { completeDevice } from '../support/reference-device.ts';
import { hex, json, text, World } from '../support/world.ts';

/** That of the reference device of the enabler. */
const cellular: ConnectivityMonitoringValues = {
  networkBearer: 0,
  availableNetworkBearer: new Map([[0, 0]]),
  radioSignalStrength: 92,
  linkQuality: 2,
  ipAddresses: new Map([[0, '192.168.0.100']]),
  routerIpAddresses: new Map([[0, '192.168.1.1']]),
  linkUtilization: 5,
  apn: new Map([[0, 'internet']]),
};

const open = (
  values: ConnectivityMonitoringValues,
  options?: ConnectivityMonitoringOptions,
): Promise<World> =>
  World.registered({ objects: [completeDevice(), connectivityMonitoring(values, options)] });

describe('the Connectivity Monitoring Object (1.0 §E.5)', () => {
  test('says what it was given', async () => {
    const world = await open(cellular);
    assert.deepEqual((await world.read('/4/0/1')).payload, hex('8301410000'));
    assert.match((await world.read('/4/0', json)).text, /192\.168\.0\.100.*192\.168\.1\.1/s);
    for (const id of [0, 2, 6]) assert.equal((await world.put(`/4/0/${id}`, text, hex('31'))).code, '4.05');
  });

  test('functions are asked at each Read', async () => {
    let strength = -70;
    const world = await open({ ...cellular, radioSignalStrength: () => strength });
    assert.equal((await world.read('/4/0/2', text)).text, '-70');
    strength = -85;
    assert.equal((await world.read('/4/0/2', text)).text, '-85');
  });

  test('functions are asked once a minute on behalf of observers, who are told of what changed', async () => {
    let addresses = new Map([[0, '192.0.2.7']]);
    let strength = -70;
    const world = await open({
      ...cellular,
      ipAddresses: () => addresses,
      radioSignalStrength: () => strength,
    });
    const watch = await world.observe('/4/0/4', json);
    const other = await world.observe('/4/0/3', text);
    await world.pass(200);
    assert.equal(watch.notifications.length, 1, 'nothing changed');
    addresses = new Map([[0, '198.51.100.7']]);
    strength = -71;
    await world.pass(60);
    assert.match(watch.notifications[1]?.text ?? '', /198\.51\.100\.7/);
    await world.pass(120);
    assert.equal(watch.notifications.length, 2);
    assert.equal(other.notifications.length, 1);
  });

  test('the interval between reviews can be chosen; what `changed` tells does not wait for one', async () => {
    let strength = -70;
    const world = await open(
      { ...cellular, radioSignalStrength: () => strength },
      { reviewInterval: seconds(5) },
    );
    const watch = await world.observe('/4/0/2', text);
    strength = -80;
    await world.pass(5);
    assert.equal(watch.notifications.at(-1)?.text, '-80');
    strength = -90;
    world.client.changed(ConnectivityMonitoring.radioSignalStrength);
    await world.pass(0.5);
    assert.equal(watch.notifications.at(-1)?.text, '-90');
    for (const interval of [0, 0.5, -1, NaN]) {
      assert.throws(
        () => connectivityMonitoring(cellular, { reviewInterval: seconds(interval) }),
        UsageError,
      );
    }
  });

  test('values alone wake nobody', async () => {
    const { clock } = connectivityMonitoring(cellular);
    assert.equal(clock, undefined);
  });
});
