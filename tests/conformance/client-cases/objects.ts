import assert from 'node:assert/strict';

import { expectCode, expectValues, hex, instanceOf, plainText, text, tlv } from '../support/checks.ts';
import { type ConformanceCase, NotApplicable } from '../support/conformance-case.ts';
import type { DeviceUnderTest } from '../support/device-under-test.ts';
import { deviceManagementCases } from './device-management.ts';
import { informationReportingCases, observed, withdraw } from './information-reporting.ts';
import { registrationCases } from './registration.ts';

/** A case that the specification gives another number as well. */
function alias(id: string, title: string, other: string): ConformanceCase<DeviceUnderTest> {
  const all = [...registrationCases, ...deviceManagementCases, ...informationReportingCases];
  const original = all.find((each) => each.id === other);
  if (original === undefined) throw new Error(`there is no ${other}`);
  return { id, title: `${title} (as ${other})`, run: original.run };
}

/** Reads an instance that must have these Resources. */
function readsInstance(
  path: string,
  ...mandatory: readonly number[]
): (device: DeviceUnderTest) => Promise<void> {
  return async (device) => {
    device.needs(path);
    const values = instanceOf(await device.get(path, tlv), path);
    for (const id of mandatory) assert.ok(id in values, `${path}/${id} is mandatory and missing`);
  };
}

/** Observes an instance with periods of 2 s and 10 s. */
function observesInstance(path: string): (device: DeviceUnderTest) => Promise<void> {
  return async (device) => {
    device.needs(path);
    const watch = await observed(device, path, 2, 10);
    device.party.cancel(watch, 'active');
    await withdraw(device, path);
  };
}

/** The Objects 1, 3, 4, 6 and 7 of a Client (1.0 Appendix E; ETS 551 to 910). */
export const objectCases: readonly ConformanceCase<DeviceUnderTest>[] = [
  alias('1.0-int-551', 'Setting of the Server Object', '1.0-int-215'),
  alias('1.0-int-556', 'Trigger of the Server Object', '1.0-int-104'),
  {
    id: '1.0-int-651',
    title: 'Setting of writable Resources of the Device Object',
    run: async (device) => {
      await device.needsResources('/3/0', 13, 14, 15);
      const saved = instanceOf(await device.get('/3/0', tlv), '/3/0');
      const payload = hex(
        'C4 0D 51 82 42 8F C6 0E 2B 30 32 3A 30 30 C8 0F 0C 45 75 72 6F 70 65 2F 50 61 72 69 73',
      );
      expectCode(await device.post('/3/0', tlv, payload), '2.04');
      const values = instanceOf(await device.get('/3/0', tlv), '/3/0');
      assert.ok(Number(values[13]) >= 1_367_491_215, 'the clock runs on from what was written');
      assert.ok(Number(values[13]) < 1_367_491_215 + 60, 'the clock is the one that was written');
      expectValues(values, { 14: '+02:00', 15: 'Europe/Paris' });
      for (const id of [13, 14, 15])
        expectCode(await device.put(`/3/0/${id}`, text, plainText(saved[id])), '2.04');
      expectValues(instanceOf(await device.get('/3/0', tlv), '/3/0'), {
        14: saved[14] ?? '',
        15: saved[15] ?? '',
      });
    },
  },
  {
    id: '1.0-int-652',
    title: 'Querying of the firmware version in the format the device prefers',
    run: async (device) => {
      await device.needsResources('/3/0', 3);
      const answer = await device.get('/3/0/3');
      expectCode(answer, '2.05');
      assert.ok(answer.contentFormat !== undefined, 'the Content-Format is said');
    },
  },
  alias('1.0-int-655', 'Execute of the Device Object', '1.0-int-241'),
  alias('1.0-int-660', 'Observation of the Device Object', '1.0-int-301'),
  {
    id: '1.0-int-680',
    title: 'Creation of an instance of the Device Object is refused',
    run: async (device) => expectCode(await device.post('/3', tlv, hex('C0 00')), '4.05'),
  },
  {
    id: '1.0-int-685',
    title: 'Deletion of the instance of the Device Object is refused',
    run: async (device) => expectCode(await device.delete('/3/0'), '4.05'),
  },
  {
    id: '1.0-int-701',
    title: 'Querying of Connectivity Monitoring',
    run: readsInstance('/4/0', 0, 1, 2, 4),
  },
  { id: '1.0-int-710', title: 'Observation of Connectivity Monitoring', run: observesInstance('/4/0') },
  { id: '1.0-int-801', title: 'Querying of Location', run: readsInstance('/6/0', 0, 1, 5) },
  { id: '1.0-int-810', title: 'Observation of Location', run: observesInstance('/6/0') },
  {
    id: '1.0-int-901',
    title: 'Start and stop of Connectivity Statistics',
    run: async (device) => {
      device.needs('/7/0');
      expectCode(await device.post('/7/0/6'), '2.04');
      await device.get('/3/0', tlv);
      await device.pace.pass(3);
      expectCode(await device.post('/7/0/7'), '2.04');
      const values = instanceOf(await device.get('/7/0', tlv), '/7/0');
      for (const id of [0, 1, 2, 3, 4, 5]) if (id in values) assert.ok(Number(values[id]) >= 0);
      const again = instanceOf(await device.get('/7/0', tlv), '/7/0');
      assert.deepEqual([again[2], again[3]], [values[2], values[3]], 'a counter runs on after Stop');
    },
  },
  {
    id: '1.0-int-905',
    title: 'Setting of the collection period',
    run: async (device) => {
      await device.needsResources('/7/0', 8);
      const saved = instanceOf(await device.get('/7/0', tlv), '/7/0')[8] ?? 0;
      const other = Number(saved) + 20;
      expectCode(await device.put('/7/0/8', text, plainText(other)), '2.04');
      expectValues(instanceOf(await device.get('/7/0', tlv), '/7/0'), { 8: other });
      expectCode(await device.put('/7/0/8', text, plainText(saved)), '2.04');
    },
  },
  {
    id: '1.0-int-910',
    title: 'Observation of Connectivity Statistics',
    run: async (device) => {
      device.needs('/7/0');
      expectCode(await device.post('/7/0/6'), '2.04');
      await observesInstance('/7/0')(device);
      expectCode(await device.post('/7/0/7'), '2.04');
    },
  },
  {
    id: '1.0-int-950',
    title: 'Registration with several Servers',
    run: async (device) => {
      await Promise.resolve();
      if (!('/1/1' in device.objects)) throw new NotApplicable('the device has one Server');
      throw new NotApplicable('this runner is one Server only');
    },
  },
];
