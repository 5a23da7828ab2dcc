import assert from 'node:assert/strict';
import { test } from 'node:test';

import { addDuration, type Instant, instantFrom, milliseconds } from '@dunlin/base';
import type { DeviceStore, FirmwareState, FirmwareUpdate } from '@dunlin/server';

const start: Instant = instantFrom(Date.UTC(2030, 0, 1));

/** An update of a device as a server would keep it. */
export function firmwareUpdateOf(endpointName: string, more: Partial<FirmwareUpdate> = {}): FirmwareUpdate {
  return {
    endpointName,
    id: 1,
    image: { id: 'a'.repeat(64), name: 'image.bin', size: 5000 },
    install: 'automatic',
    delivery: { method: 'automatic' },
    startedAt: start,
    activeAt: addDuration(start, milliseconds(5)),
    attempts: 0,
    state: { kind: 'waiting' },
    observed: [],
    log: [],
    ...more,
  };
}

const pull = {
  method: 'pull',
  protocol: 'coaps',
  uri: 'coaps://192.0.2.1:5684/fw/x',
  token: 'x',
  served: 1024,
  askedUnder: 'r1',
  isBegun: false,
} as const;

/** One of every kind. */
export const everyFirmwareState: readonly FirmwareState[] = [
  { kind: 'waiting' },
  { kind: 'transferring', transfer: { method: 'push', sent: 2048, isBegun: true } },
  { kind: 'transferring', transfer: pull },
  { kind: 'downloaded' },
  { kind: 'installing', askedUnder: 'r1', isBegun: true, executions: 2 },
  { kind: 'cancelling' },
  { kind: 'succeeded', at: start },
  { kind: 'succeeded', at: start, firmwareVersion: '2.1' },
  { kind: 'failed', at: start, failure: { reason: 'result', message: 'a: no room', result: 2 } },
  { kind: 'failed', at: start, failure: { reason: 'refused', message: 'a refused it', coapCode: '4.05' } },
  { kind: 'cancelled', at: start },
];

/** What every `DeviceStore` does with updates of firmware. */
export function describeFirmwareUpdates({ open }: { readonly open: () => Promise<DeviceStore> }): void {
  test('keeps the update of a device in every state, with all that belongs to it', async () => {
    await using store = await open();
    assert.equal(await store.findFirmwareUpdate('a'), undefined);
    for (const state of everyFirmwareState) {
      const update = firmwareUpdateOf('a', {
        id: 7,
        state,
        image: { id: 'b'.repeat(64), name: 'Ω', version: '2', model: 'T-1', size: 9 },
        install: 'manual',
        delivery: { method: 'pull', protocol: 'http', blockSize: 64 },
        attempts: 3,
        versionBefore: '1',
        staleResult: 8,
        observed: ['/5/0/3'],
        log: [{ at: start, message: 'began' }],
      });
      await store.putFirmwareUpdate(update);
      assert.deepEqual(await store.findFirmwareUpdate('a'), update);
    }
    assert.notEqual(await store.findDevice('a'), undefined);
  });

  test('tells the updates that are under way', async () => {
    await using store = await open();
    for (const [index, state] of everyFirmwareState.entries())
      await store.putFirmwareUpdate(firmwareUpdateOf(`device-${index}`, { state }));
    const names = async (): Promise<readonly string[]> =>
      (await store.openFirmwareUpdates()).map(({ endpointName }) => endpointName).sort();
    assert.deepEqual(
      await names(),
      [0, 1, 2, 3, 4, 5].map((index) => `device-${index}`),
    );
    await store.putFirmwareUpdate(firmwareUpdateOf('device-0', { state: { kind: 'cancelled', at: start } }));
    assert.equal((await names()).length, 5);
  });

  test('forgets the update with its device', async () => {
    await using store = await open();
    await store.putFirmwareUpdate(firmwareUpdateOf('a'));
    assert.equal(await store.forget('a'), true);
    assert.equal(await store.findFirmwareUpdate('a'), undefined);
    assert.deepEqual(await store.openFirmwareUpdates(), []);
  });
}
