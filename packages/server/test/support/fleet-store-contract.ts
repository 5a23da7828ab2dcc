import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { instantFrom } from '@dunlin/base';

import type { FleetRecord, FleetStore } from '../../src/index.ts';

const lamp: FleetRecord = {
  endpointName: 'lamp',
  tags: ['lab', 'with space'],
  manufacturer: 'Acme',
  modelNumber: 'X1',
  firmwareVersion: '2.1',
  factsAt: instantFrom(3),
  firstSeen: instantFrom(1),
  lastSeen: instantFrom(2),
  lastRegistration: '{"endpoint":"lamp"}',
};
const bare: FleetRecord = {
  endpointName: 'a/b "ü"',
  tags: [],
  firstSeen: instantFrom(1),
  lastSeen: instantFrom(1),
};

/** What every fleet store promises. */
export function fleetStoreContract(name: string, open: () => Promise<FleetStore>): void {
  const sorted = (store: FleetStore): readonly FleetRecord[] =>
    [...store.all()].sort((one, other) => (one.endpointName < other.endpointName ? -1 : 1));

  describe(name, () => {
    it('gives back what was put, facts that are not known left out', async () => {
      await using store = await open();
      await store.put([lamp, bare]);
      assert.deepEqual(sorted(store), [bare, lamp]);
    });

    it('keeps a record in place of that of the same device', async () => {
      await using store = await open();
      await store.put([lamp]);
      const changed: FleetRecord = {
        endpointName: 'lamp',
        tags: ['x'],
        firstSeen: lamp.firstSeen,
        lastSeen: instantFrom(9),
      };
      await store.put([changed]);
      assert.deepEqual(sorted(store), [changed]);
    });

    it('forgets a device, and says whether it knew it', async () => {
      await using store = await open();
      await store.put([lamp, bare]);
      assert.equal(await store.remove('lamp'), true);
      assert.equal(await store.remove('lamp'), false);
      assert.deepEqual(sorted(store), [bare]);
    });
  });
}
