import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';

import { StorageError } from '@dunlin/base';
import { type FleetRecord, MemoryFleetStore } from '@dunlin/server';

import { FleetEntry } from '../../src/fleet/fleet-entry.ts';
import { FleetKeeper } from '../../src/fleet/fleet-keeper.ts';
import { noon } from '../support/fake-server.ts';

class CountingStore extends MemoryFleetStore {
  readonly writes: number[] = [];
  failure: Error | undefined;

  override put(records: readonly FleetRecord[]): void {
    if (this.failure !== undefined) throw this.failure;
    this.writes.push(records.length);
    super.put(records);
  }
}

function bench() {
  const store = new CountingStore();
  const errors: unknown[] = [];
  const keeper = new FleetKeeper(store, {
    describe: (name) => Promise.resolve(`document of ${name}`),
    onError: (error) => errors.push(error),
  });
  const entry = (name: string): FleetEntry => new FleetEntry(name, noon);
  return { store, errors, keeper, entry };
}

async function pass(milliseconds: number): Promise<void> {
  mock.timers.tick(milliseconds);
  for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate);
}

describe('what is kept of a fleet', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }));
  afterEach(() => mock.timers.reset());

  it('is written a second later, several changes of a device as one', async () => {
    const { store, keeper, entry } = bench();
    const lamp = entry('lamp');
    keeper.changed(lamp);
    keeper.changed(lamp);
    keeper.changed(entry('meter'));
    await pass(999);
    assert.deepEqual(store.writes, []);
    await pass(1);
    assert.deepEqual(store.writes, [2]);
  });

  it('has a registration that is there, for when its end is not seen', async () => {
    const { store, keeper, entry } = bench();
    const lamp = entry('lamp');
    lamp.isRegistered = true;
    await keeper.keep(lamp);
    lamp.isRegistered = false;
    lamp.lastRegistration = 'as it ended';
    assert.equal([...store.all()][0]?.lastRegistration, 'document of lamp');
    await keeper.keep(lamp);
    assert.equal([...store.all()][0]?.lastRegistration, 'as it ended');
  });

  it('is written in parts, and whole when the keeper is disposed', async () => {
    const { store, keeper, entry } = bench();
    for (let number = 0; number < 2500; number += 1) keeper.changed(entry(`device-${number}`));
    await keeper[Symbol.asyncDispose]();
    assert.deepEqual(store.writes, [1000, 1000, 500]);
  });

  it('is tried again when the store fails, which is told', async () => {
    const { store, errors, keeper, entry } = bench();
    store.failure = new StorageError('disk full');
    keeper.changed(entry('lamp'));
    await pass(1000);
    assert.equal(errors.length, 1);
    store.failure = undefined;
    await pass(1000);
    assert.deepEqual(store.writes, [1]);
  });

  it('is not written of a device that is forgotten', async () => {
    const { store, keeper, entry } = bench();
    const lamp = entry('lamp');
    keeper.changed(lamp);
    lamp.isGone = true;
    await keeper.remove('lamp');
    await pass(1000);
    assert.deepEqual([...store.all()], []);
  });
});
