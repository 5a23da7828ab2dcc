import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { UsageError } from '@dunlin/base';
import { ContentFormat } from '@dunlin/coap';
import { Device } from '@dunlin/lwm2m';
import { DeviceErrorCode, DeviceErrors } from '@dunlin/client';

import { completeDevice } from '../support/reference-device.ts';
import { bytes, hex, json, text, World } from '../support/world.ts';

describe('the Device Object (1.0 §E.4)', () => {
  test('Reboot: the 2.04 leaves first, then the device restarts and registers again (R-1030, R-463)', async () => {
    const order: string[] = [];
    const onReboot = () => {
      order.push('reboot');
      world.client.restart();
    };
    const world: World = await World.registered({ objects: [completeDevice({ onReboot })] });
    world.network.watch(({ from, datagram }) => {
      if (from.address === '192.0.2.7') order.push(datagram[1] === 0x44 ? '2.04' : 'POST');
    });
    assert.equal((await world.execute('/3/0/4')).code, '2.04');
    await world.pass(1);
    assert.deepEqual(order.slice(0, 3), ['2.04', 'reboot', 'POST']);
    assert.deepEqual(world.server.lines, ['POST /rd', 'POST /rd']);
  });

  test('Factory Reset runs after its answer, and does not exist where the device has none (R-1031)', async () => {
    let count = 0;
    const world = await World.registered({
      objects: [completeDevice({ onFactoryReset: () => void (count += 1) })],
    });
    assert.equal((await world.execute('/3/0/5')).code, '2.04');
    assert.equal(count, 1);
    const without = await World.registered();
    assert.equal((await without.execute('/3/0/5')).code, '4.04');
  });

  test('Current Time ticks; a Write sets an offset that stays (R-1034)', async () => {
    const world = await World.registered();
    const read = async () => Number((await world.read('/3/0/13', text)).text);
    const start = await read();
    assert.equal(start, Math.floor(world.network.clock.now / 1000));
    await world.pass(100);
    assert.ok(Math.abs((await read()) - start - 100) <= 1);
    assert.equal((await world.put('/3/0/13', text, bytes('1367491215'))).code, '2.04');
    await world.pass(60);
    const later = await read();
    assert.ok(later >= 1_367_491_274 && later <= 1_367_491_277, `${later}`);
  });

  test('a time that no clock can run from is refused, and the clock stays (R-135)', async () => {
    const world = await World.registered();
    for (const value of ['-9223372036854775808', '9223372036854775807', '9007199254740992']) {
      assert.equal((await world.put('/3/0/13', text, bytes(value))).code, '4.00', value);
    }
    assert.equal((await world.put('/3/0/13', text, bytes('-1'))).code, '2.04');
    assert.equal((await world.read('/3/0')).code, '2.05');
  });

  test('supplied values are live (R-420)', async () => {
    let free = 1000;
    const world = await World.registered({
      objects: [completeDevice({ memoryFree: () => free, memoryTotal: 4096 })],
    });
    free = 900;
    assert.equal((await world.read('/3/0/10', text)).text, '900');
    assert.equal((await world.read('/3/0/21', text)).text, '4096');
  });

  test('UTC Offset and Timezone can be written, what describes the device cannot', async () => {
    const world = await World.registered();
    assert.equal((await world.put('/3/0/14', text, bytes('-05:00'))).code, '2.04');
    assert.equal((await world.put('/3/0/15', text, bytes('America/Lima'))).code, '2.04');
    assert.equal(world.client.get(Device.timezone), 'America/Lima');
    for (const id of [0, 1, 2, 3, 9, 10, 11, 16]) {
      assert.equal((await world.put(`/3/0/${id}`, text, bytes('1'))).code, '4.05', `/3/0/${id}`);
    }
  });

  test('a UTC Offset is written as ISO 8601 does', async () => {
    const world = await World.registered();
    for (const offset of ['+02:00', '-0330', '+05', 'UTC+12:00', 'Z']) {
      assert.equal((await world.put('/3/0/14', text, bytes(offset))).code, '2.04', offset);
      assert.equal(world.client.get(Device.utcOffset), offset);
    }
    for (const offset of ['', '2', '+2:00', '+24:00', '+02:60', '02:00', 'CEST', '+02:00 ', '\u{1f550}']) {
      assert.equal((await world.put('/3/0/14', text, bytes(offset))).code, '4.00', offset);
    }
    assert.equal(world.client.get(Device.utcOffset), 'Z');
  });

  test('voltage and current are those of the power source with their id, and of no other', async () => {
    const world = await World.registered();
    assert.match((await world.read('/3/0', json)).text, /"6\/1","v":5.*"7\/1","v":5000.*"8\/1","v":900/s);
    for (const wrong of ['powerSourceVoltage', 'powerSourceCurrent']) {
      assert.throws(() => completeDevice({ [wrong]: new Map([[2, 12_000]]) }), UsageError);
      assert.throws(() => completeDevice({ availablePowerSources: undefined }), UsageError);
    }
    // What is asked for when it is read cannot be checked before.
    completeDevice({ availablePowerSources: () => new Map([[2, 5]]) });
  });

  test('Supported Binding and Modes is what the author says, U by default (R-361)', async () => {
    assert.equal((await (await World.registered()).read('/3/0/16', text)).text, 'U');
    const world = await World.registered({ objects: [completeDevice({ supportedBindingAndModes: 'UQ' })] });
    assert.equal((await world.read('/3/0/16', text)).text, 'UQ');
  });
});

const open = (errors: DeviceErrors) => World.registered({ objects: [completeDevice({ errors })] });

describe('Error Code and Reset Error Code', () => {
  test('without an error there is one instance with the value 0 (R-1032)', async () => {
    const world = await open(new DeviceErrors());
    assert.deepEqual((await world.read('/3/0/11', ContentFormat.tlv)).payload, hex('830b410000'));
  });

  test('the first error takes the place of the 0, each further one has its own instance (R-1032)', async () => {
    const errors = new DeviceErrors();
    const world = await open(errors);
    errors.report(DeviceErrorCode.lowBattery);
    assert.deepEqual([...errors.codes], [[0, 1]]);
    errors.report(DeviceErrorCode.gpsFailure);
    errors.report(DeviceErrorCode.gpsFailure);
    assert.match((await world.read('/3/0/11', json)).text, /"0","v":1.*"1","v":3/);
  });

  test('an error that is gone loses its instance; without any a single 0 remains (R-1032)', () => {
    const errors = new DeviceErrors();
    errors.report(DeviceErrorCode.lowBattery);
    errors.report(DeviceErrorCode.gpsFailure);
    errors.clear(DeviceErrorCode.lowBattery);
    assert.deepEqual([...errors.codes], [[1, 3]]);
    errors.clear(DeviceErrorCode.gpsFailure);
    assert.deepEqual([...errors.codes], [[0, 0]]);
  });

  test('Reset leaves a single 0, and reports again what is still present (R-1033)', async () => {
    const errors = new DeviceErrors((code) => code === DeviceErrorCode.externalSupplyOff);
    const world = await open(errors);
    errors.report(DeviceErrorCode.lowBattery);
    errors.report(DeviceErrorCode.externalSupplyOff);
    assert.equal((await world.execute('/3/0/12')).code, '2.04');
    assert.deepEqual([...errors.codes], [[0, 2]]);
    const fleeting = new DeviceErrors();
    const other = await open(fleeting);
    fleeting.report(DeviceErrorCode.lowBattery);
    await other.execute('/3/0/12');
    assert.deepEqual([...fleeting.codes], [[0, 0]]);
  });

  test('an error is reported to whoever observes it', async () => {
    const errors = new DeviceErrors();
    const world = await open(errors);
    const watch = await world.observe('/3/0/11', json);
    errors.report(DeviceErrorCode.ipFailure);
    await world.pass(1);
    assert.match(watch.notifications[1]?.text ?? '', /"v":7/);
  });
});
