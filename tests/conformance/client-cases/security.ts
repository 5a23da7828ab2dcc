import assert from 'node:assert/strict';

import { instanceOf, tlv } from '../support/checks.ts';
import { type ConformanceCase, NotApplicable } from '../support/conformance-case.ts';
import type { DeviceUnderTest } from '../support/device-under-test.ts';

/** Security of a Client (1.0 §7.1; ETS 400 to 499). */
export const securityCases: readonly ConformanceCase<DeviceUnderTest>[] = [
  {
    id: '1.0-int-401',
    title: 'UDP channel security: pre-shared key',
    run: async (device) => {
      if (device.security.kind !== 'psk') throw new NotApplicable('the device came without a pre-shared key');
      const values = instanceOf(await device.get('/3/0', tlv), '/3/0');
      assert.equal(typeof values[16], 'string');
      assert.equal(device.security.kind, 'psk', 'everything is read over the association');
    },
  },
];
