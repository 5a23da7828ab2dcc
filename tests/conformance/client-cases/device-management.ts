import assert from 'node:assert/strict';

import {
  expectCode,
  expectContent,
  expectValues,
  hex,
  instanceOf,
  json,
  linksOf,
  plainText,
  text,
  tlv,
  utf8,
  valueOf,
  type Values,
} from '../support/checks.ts';
import { type ConformanceCase, NotApplicable } from '../support/conformance-case.ts';
import type { DeviceUnderTest } from '../support/device-under-test.ts';

/** What 215 and 220 write to `/1/0`; the binding stays what it is. */
const serverValues: Values = { 2: 101, 3: 1010, 5: 2000, 6: true };

/** Writes to `/1/0`, sees the values, writes back what was there, sees that. */
async function setAndRestore(device: DeviceUnderTest, format: number, payload: Uint8Array): Promise<void> {
  await device.needsResources('/1/0', 2, 3, 5, 6);
  const saved = instanceOf(await device.get('/1/0', tlv), '/1/0');
  expectCode(await device.post('/1/0', format, payload), '2.04');
  expectValues(instanceOf(await device.get('/1/0', tlv), '/1/0'), serverValues);
  for (const id of [2, 3, 5]) expectCode(await device.put(`/1/0/${id}`, text, plainText(saved[id])), '2.04');
  expectCode(await device.put('/1/0/6', text, plainText(saved[6])), '2.04');
  expectValues(instanceOf(await device.get('/1/0', tlv), '/1/0'), saved);
}

/** Device Management & Service Enablement of a Client (1.0 §5.4; ETS 200 to 299). */
export const deviceManagementCases: readonly ConformanceCase<DeviceUnderTest>[] = [
  {
    id: '1.0-int-201',
    title: 'Querying of Resources in plain text',
    run: async (device) => {
      await device.needsResources('/3/0', 0, 1, 2);
      for (const path of ['/3/0/0', '/3/0/1', '/3/0/2']) {
        const answer = await device.get(path, text);
        expectContent(answer, text);
        assert.equal(typeof valueOf(answer, path), 'string');
      }
    },
  },
  {
    id: '1.0-int-203',
    title: 'Querying of an instance in TLV',
    run: async (device) => {
      const answer = await device.get('/3/0', tlv);
      expectContent(answer, tlv);
      const values = instanceOf(answer, '/3/0');
      assert.equal(typeof values[16], 'string', 'Supported Binding and Modes is there');
      assert.ok(typeof values[11] === 'object', 'Error Code is there, and is Multiple');
    },
  },
  {
    id: '1.0-int-204',
    title: 'Querying of an instance in JSON',
    run: async (device) => {
      const answer = await device.get('/3/0', json);
      if (answer.code === 134) throw new NotApplicable('the device does not speak JSON');
      expectContent(answer, json);
      expectValues(instanceOf(answer, '/3/0'), {
        16: instanceOf(await device.get('/3/0', tlv), '/3/0')[16] ?? '',
      });
    },
  },
  {
    id: '1.0-int-205',
    title: 'Setting of Resources in plain text',
    run: async (device) => {
      await device.needsResources('/1/0', 2, 3, 5);
      const saved = instanceOf(await device.get('/1/0', tlv), '/1/0');
      const written: Values = { 2: 101, 3: 1010, 5: 2000 };
      for (const values of [written, { 2: saved[2] ?? 0, 3: saved[3] ?? 0, 5: saved[5] ?? 0 }]) {
        for (const [id, value] of Object.entries(values)) {
          expectCode(await device.put(`/1/0/${id}`, text, plainText(value)), '2.04');
        }
        expectValues(instanceOf(await device.get('/1/0', tlv), '/1/0'), values);
      }
    },
  },
  {
    id: '1.0-int-215',
    title: 'Setting of an instance in TLV',
    run: (device) => setAndRestore(device, tlv, hex('C1 02 65 C2 03 03 F2 C2 05 07 D0 C1 06 01')),
  },
  {
    id: '1.0-int-220',
    title: 'Setting of an instance in JSON',
    run: async (device) => {
      const entries = '[{"n":"2","v":101},{"n":"3","v":1010},{"n":"5","v":2000},{"n":"6","bv":true}]';
      await setAndRestore(device, json, utf8(`{"bn":"/1/0/","e":${entries}}`));
    },
  },
  {
    id: '1.0-int-241',
    title: 'Execute: Reboot',
    run: async (device) => {
      const { seen } = device;
      expectCode(await device.post('/3/0/4'), '2.04');
      await device.nextRegister(seen, 120);
    },
  },
  {
    id: '1.0-int-260',
    title: 'Discover and Write-Attributes',
    run: async (device) => {
      await device.needsResources('/3/0', 7);
      const before = linksOf(await device.get('/3', 40));
      assert.ok('/3' in before, 'the Object is among the links');
      assert.ok('/3/0/16' in before, 'the Resources are among the links');
      expectCode(await device.writeAttributes('/3/0', 'pmin=10', 'pmax=200'), '2.04');
      const { pmin, pmax } = linksOf(await device.get('/3/0', 40))['/3/0'] ?? {};
      assert.deepEqual([pmin, pmax], ['10', '200'], 'the instance has the attributes');
      expectCode(await device.writeAttributes('/3/0/7', 'lt=1', 'gt=6', 'st=1'), '2.04');
      const links = linksOf(await device.get('/3/0/7', 40));
      const { dim, ...attributes } = links['/3/0/7'] ?? {};
      assert.ok(dim !== undefined, 'the number of Resource Instances is there');
      assert.deepEqual(attributes, { pmin: '10', pmax: '200', lt: '1', gt: '6', st: '1' });
      expectCode(await device.writeAttributes('/3/0', 'pmin', 'pmax'), '2.04');
      expectCode(await device.writeAttributes('/3/0/7', 'lt', 'gt', 'st'), '2.04');
    },
  },
];
