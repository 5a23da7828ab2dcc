import assert from 'node:assert/strict';

import { linkFormat, utf8, expectCode, text } from '../support/checks.ts';
import type { ConformanceCase } from '../support/conformance-case.ts';
import type { DeviceUnderTest } from '../support/device-under-test.ts';

/** Writes a lifetime, and gives the Update that tells it. */
async function setLifetime(device: DeviceUnderTest, lifetime: number): Promise<readonly string[]> {
  const { seen } = device;
  expectCode(await device.put('/1/0/1', text, utf8(String(lifetime))), '2.04');
  const { request } = await device.nextUpdate(seen);
  return request.uriQuery;
}

/** Registration of a Client (1.0 §5.3; ETS 101 to 104). */
export const registrationCases: readonly ConformanceCase<DeviceUnderTest>[] = [
  {
    id: '1.0-int-101',
    title: 'Initial Registration',
    run: async (device) => {
      const { request } = device.registration;
      const names = request.uriQuery.map((part) => part.split('=', 1)[0]);
      assert.ok(
        request.uriQuery.some((part) => /^ep=.+/.test(part)),
        'there is an endpoint name',
      );
      assert.ok(
        request.uriQuery.some((part) => /^lt=\d+$/.test(part)),
        'there is a lifetime',
      );
      assert.ok(
        request.uriQuery.some((part) => /^lwm2m=1\.[012]$/.test(part)),
        'there is the version of the enabler',
      );
      assert.equal(new Set(names).size, names.length, 'a parameter occurs twice');
      assert.equal(request.contentFormat, linkFormat, 'the object list is in link format');
      const targets = Object.keys(device.objects);
      assert.ok(
        targets.some((target) => /^\/1(\/|$)/.test(target)),
        'the Server Object is listed',
      );
      assert.ok(
        targets.some((target) => /^\/3(\/|$)/.test(target)),
        'the Device Object is listed',
      );
      assert.ok(!targets.some((target) => /^\/0(\/|$)/.test(target)), 'the Security Object is not listed');
    },
  },
  {
    id: '1.0-int-102',
    title: 'Registration Update',
    run: async (device) => {
      const saved = new TextDecoder().decode((await device.get('/1/0/1', text)).payload);
      const query = await setLifetime(device, 20);
      assert.deepEqual(query, ['lt=20'], 'the Update tells the lifetime and nothing else');
      const { seen } = device;
      const { request } = await device.nextUpdate(seen, 20);
      assert.deepEqual(request.uriQuery, [], 'the Update in time tells nothing');
      await setLifetime(device, Number(saved));
    },
  },
  {
    id: '1.0-int-104',
    title: 'Registration Update Trigger',
    run: async (device) => {
      const { seen } = device;
      expectCode(await device.post('/1/0/8'), '2.04');
      const { request } = await device.nextUpdate(seen);
      assert.deepEqual(request.uriQuery, [], 'the Update tells nothing');
    },
  },
  {
    id: '1.0-int-103',
    title: 'Deregistration by Disable, and Register after the timeout',
    run: async (device) => {
      await device.needsResources('/1/0', 4, 5);
      const saved = new TextDecoder().decode((await device.get('/1/0/5', text)).payload);
      expectCode(await device.put('/1/0/5', text, utf8('10')), '2.04');
      const { seen } = device;
      expectCode(await device.post('/1/0/4'), '2.04');
      await device.nextDeregister(seen);
      const before = device.pace.elapsed();
      await device.nextRegister(seen, 60);
      assert.ok(device.pace.elapsed() - before > 8, 'the device is silent for the time of /1/0/5');
      expectCode(await device.put('/1/0/5', text, utf8(saved)), '2.04');
    },
  },
];
