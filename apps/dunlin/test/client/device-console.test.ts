import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { location, LwM2mClient, ObjectTree } from '@dunlin/client';
import { loadRegisteredDefinitions, Location } from '@dunlin/lwm2m';

import { runConsoleLine } from '../../src/client/device-console.ts';
import { exampleObject } from '../../src/client/example-object.ts';
import { hostDevice, utcOffset } from '../../src/client/host-device.ts';
import type { SimulatedDevice } from '../../src/client/open-device.ts';
import { measure, simulatedTemperature, temperatureAt } from '../../src/client/simulated-temperature.ts';
import { Temperature } from '../../src/client/temperature.ts';
import { noNetwork } from '../support/no-network.ts';

async function openTestDevice(): Promise<SimulatedDevice> {
  const definitions = await loadRegisteredDefinitions();
  const light = definitions.find(3311);
  assert.ok(light);
  const client = await LwM2mClient.open({
    endpoint: 'lamp',
    servers: [{ uri: 'coap://127.0.0.1:5683', shortServerId: 1 }],
    objects: [
      hostDevice('lamp', () => '0.0.0', {
        hasSms: false,
        onReboot: () => undefined,
        onFactoryReset: () => undefined,
      }),
      simulatedTemperature(
        () => 0,
        () => undefined,
      ),
      exampleObject(light, [2], () => undefined),
      location({ latitude: 1, longitude: 2, timestamp: 3 }),
    ],
    binding: noNetwork,
  });
  return { client, isMoving: true, [Symbol.asyncDispose]: () => Promise.resolve() };
}

const textOf = (device: SimulatedDevice, line: string): string => {
  const result = runConsoleLine(device, line);
  assert.ok(result.kind === 'text', result.kind === 'problem' ? result.reason : result.kind);
  return result.text;
};

describe('the console of a device', () => {
  it('gets and sets values, and holds the temperature that was set', async () => {
    const device = await openTestDevice();
    assert.equal(textOf(device, '  set  /3303/0/5700   21.5 '), '');
    assert.match(textOf(device, 'get /3303/0/5700'), /^\/3303\/0\/5700 {2}Sensor Value {2}21\.5$/m);
    assert.equal(device.isMoving, false);
    textOf(device, 'move');
    assert.equal(device.isMoving, true);
  });

  it('notes when a position was set, with the position (R-1062)', async () => {
    const device = await openTestDevice();
    textOf(device, 'set /6/0/0 52.53');
    assert.equal(device.client.get(Location.latitude), 52.53);
    const timestamp = device.client.get(Location.timestamp);
    assert.ok(typeof timestamp === 'number' && timestamp > 1_700_000_000, String(timestamp));
    textOf(device, 'set /6/0/5 7');
    assert.equal(device.client.get(Location.timestamp), 7);
  });

  it('keeps blanks within a text', async () => {
    const device = await openTestDevice();
    textOf(device, 'set /3/0/15 Europe / Rome');
    assert.match(textOf(device, 'get /3/0/15'), /Europe \/ Rome/);
  });

  it('shows instances and Objects, and lists them', async () => {
    const device = await openTestDevice();
    assert.match(textOf(device, 'get /3'), /\/3\/0\/0 .*Dunlin/);
    assert.match(textOf(device, 'list'), /\/3311 +Light Control +2/);
  });

  it('sets one instance of a multiple Resource and keeps the others', async () => {
    const device = await openTestDevice();
    textOf(device, 'set /3/0/6/1 5');
    assert.match(textOf(device, 'get /3/0/6'), /\/3\/0\/6\/0 .* 0\n\/3\/0\/6\/1 .* 5\n/);
    assert.match(textOf(device, 'get /3/0/6/1'), /5/);
  });

  it('takes true and false for booleans', async () => {
    const device = await openTestDevice();
    textOf(device, 'set /3311/2/5850 true');
    assert.match(textOf(device, 'get /3311/2/5850'), /true/);
  });

  for (const [line, reason] of [
    ['sett /3', 'there is no command sett; did you mean set?'],
    ['frobnicate', 'there is no command frobnicate; try help'],
    ['get', 'give a path, such as get /3303/0/5700'],
    ['get /9/9', 'there is nothing to read at /9/9'],
    ['set /3303/0 1', 'give a Resource and a value, such as set /3303/0/5700 21.5'],
    ['set /3303/0/9 1', 'there is no Resource /3303/0/9'],
    ['set /3303/0/5700 warm', 'the text is not a decimal number'],
    ['sleep long', 'give seconds, such as sleep 5'],
  ] as const) {
    it(`${line}: ${reason}`, async () => {
      assert.deepEqual(runConsoleLine(await openTestDevice(), line), { kind: 'problem', reason });
    });
  }

  it('waits, quits, helps, and passes over comments and empty lines', async () => {
    const device = await openTestDevice();
    assert.deepEqual(runConsoleLine(device, 'sleep 0.5'), { kind: 'wait', seconds: 0.5 });
    assert.deepEqual(runConsoleLine(device, 'quit'), { kind: 'quit' });
    assert.match(textOf(device, 'help'), /set \/3303/);
    assert.equal(textOf(device, '# a remark') + textOf(device, ''), '');
  });
});

describe('the simulated device', () => {
  it('has a temperature of a room at any time, to a tenth', () => {
    for (let instant = 0; instant < 600_000; instant += 1234) {
      const value = temperatureAt(instant);
      assert.ok(value > 15 && value < 27);
      assert.equal(Math.round(value * 10) / 10, value);
    }
  });

  it('keeps the extremes of what it measured', async () => {
    const { client } = await openTestDevice();
    for (const value of [30, -5, 20]) measure(client, value);
    const { sensorValue, minimumMeasuredValue, maximumMeasuredValue } = Temperature(0);
    assert.deepEqual(
      [sensorValue, minimumMeasuredValue, maximumMeasuredValue].map((resource) => client.get(resource)),
      [20, -5, 30],
    );
  });

  it('writes offsets from UTC as LwM2M does', () => {
    assert.deepEqual([0, -60, 210, -345].map(utcOffset), ['+00:00', '+01:00', '-03:30', '+05:45']);
  });

  it('gives every example Resource a value that fits its definition, for every registered Object', async () => {
    const definitions = await loadRegisteredDefinitions();
    const objects = definitions
      .list()
      .filter(({ id }) => id > 7 && id < 4000)
      .flatMap(({ id }) => definitions.find(id) ?? []);
    for (const definition of new Set(objects))
      void new ObjectTree([exampleObject(definition, [0], () => undefined)]);
    assert.ok(objects.length > 50);
  });
});
