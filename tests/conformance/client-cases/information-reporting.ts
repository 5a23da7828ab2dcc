import assert from 'node:assert/strict';

import { expectCode, tlv } from '../support/checks.ts';
import type { Watch } from '../support/coap-party.ts';
import type { ConformanceCase } from '../support/conformance-case.ts';
import type { DeviceUnderTest } from '../support/device-under-test.ts';

/** Observes with both periods set, and gives the observation with three notifications at least. */
export async function observed(
  device: DeviceUnderTest,
  path: string,
  pmin: number,
  pmax: number,
): Promise<Watch> {
  expectCode(await device.writeAttributes(path, `pmin=${pmin}`, `pmax=${pmax}`), '2.04');
  const watch = await device.observe(path, tlv);
  const [first] = watch.notifications;
  assert.ok(first !== undefined, 'the first response does not come');
  expectCode(first.response, '2.05');
  assert.ok(first.response.observe !== undefined, 'the first response has the Observe option');
  await device.pace.until(() => watch.notifications.length > 2, pmax * 2 + 10);
  expectPeriods(watch, pmin, pmax);
  return watch;
}

/** Notifications are neither closer than pmin nor further apart than pmax, with a second or a tenth to spare. */
function expectPeriods({ notifications }: Watch, pmin: number, pmax: number): void {
  assert.ok(
    notifications.length > 2,
    `${notifications.length - 1} notifications came within two maximum periods`,
  );
  for (const [index, { at }] of notifications.slice(1).entries()) {
    const gap = at - (notifications[index]?.at ?? 0);
    assert.ok(gap >= pmin - 1, `${gap.toFixed(1)} s is less than pmin ${pmin}`);
    assert.ok(gap <= pmax + Math.max(2, pmax / 10), `${gap.toFixed(1)} s is more than pmax ${pmax}`);
  }
}

/** Withdraws the periods that a case set. */
export async function withdraw(device: DeviceUnderTest, ...paths: readonly string[]): Promise<void> {
  for (const path of paths) expectCode(await device.writeAttributes(path, 'pmin', 'pmax'), '2.04');
}

async function expectSilence(device: DeviceUnderTest, watch: Watch, seconds: number): Promise<void> {
  const { length } = watch.notifications;
  await device.pace.pass(seconds);
  assert.equal(watch.notifications.length, length, 'a notification comes after the cancellation');
}

/** Information Reporting of a Client (1.0 §5.5; ETS 300 to 399). */
export const informationReportingCases: readonly ConformanceCase<DeviceUnderTest>[] = [
  {
    id: '1.0-int-301',
    title: 'Observation and notification of values',
    run: async (device) => {
      await device.needsResources('/3/0', 6, 7, 8);
      expectCode(await device.get('/3/0/6'), '2.05');
      const [seven, eight] = await Promise.all([
        observed(device, '/3/0/7', 5, 15),
        observed(device, '/3/0/8', 10, 20),
      ]);
      for (const watch of [seven, eight]) device.party.cancel(watch, 'active');
      await withdraw(device, '/3/0/7', '/3/0/8');
    },
  },
  {
    id: '1.0-int-302',
    title: 'Cancel observations by Reset',
    run: async (device) => {
      await device.needsResources('/3/0', 7, 8);
      const seven = await observed(device, '/3/0/7', 1, 3);
      const eight = await observed(device, '/3/0/8', 1, 3);
      device.party.cancel(seven, 'passive');
      await device.pace.pass(4);
      const { length } = eight.notifications;
      await expectSilence(device, seven, 10);
      assert.ok(eight.notifications.length > length, 'the other observation goes on');
      device.party.cancel(eight, 'passive');
      await device.pace.pass(4);
      await expectSilence(device, eight, 10);
      await withdraw(device, '/3/0/7', '/3/0/8');
    },
  },
  {
    id: '1.0-int-303',
    title: 'Cancel observations by Observe 1',
    run: async (device) => {
      await device.needsResources('/3/0', 7);
      const watch = await observed(device, '/3/0/7', 1, 3);
      device.party.cancel(watch, 'active');
      await device.pace.pass(1);
      await expectSilence(device, watch, 10);
      await withdraw(device, '/3/0/7');
    },
  },
];
