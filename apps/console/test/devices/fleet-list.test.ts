import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import type { DevicePage, DeviceQuery, DeviceSummary, ServerEvent } from '@dunlin/api';

import { type BulkResult, bulkRun } from '../../src/pages/devices/bulk/bulk-run.ts';
import { filterCompletions } from '../../src/pages/devices/filter-completions.ts';
import { FleetList } from '../../src/pages/devices/fleet-list.ts';
import { includesGone } from '../../src/pages/devices/includes-gone.ts';

const time = '2026-11-26T12:00:00.000Z';

function device(endpoint: string, change: Partial<DeviceSummary> = {}): DeviceSummary {
  return {
    endpoint,
    registrationId: 'r1',
    lifetime: 300,
    version: '1.0',
    bindingMode: 'U',
    state: 'online',
    presence: 'reachable',
    address: '127.0.0.1:5683',
    transport: 'udp',
    security: 'none',
    rootPath: '/',
    objects: [],
    contentFormats: [],
    additional: {},
    tags: [],
    queued: 0,
    lastSeen: time,
    registeredAt: time,
    updatedAt: time,
    expiresAt: time,
    ...change,
  };
}

/** A server with these devices. */
class Fleet {
  readonly asked: DeviceQuery[] = [];
  readonly names: string[];

  constructor(...names: readonly string[]) {
    this.names = [...names];
  }

  devices(query: DeviceQuery): Promise<DevicePage> {
    this.asked.push(query);
    const { offset = 0, limit = 100 } = query;
    const names = this.names.slice(offset, offset + limit);
    return Promise.resolve({
      devices: names.map((name) => device(name)),
      next: null,
      total: this.names.length,
    });
  }
}

const many = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `lamp-${String(index).padStart(6, '0')}`);

const expired = (endpoint: string): ServerEvent => ({
  type: 'expired',
  time,
  endpoint,
  registrationId: 'r1',
});

const registered = (endpoint: string, replaced = false): ServerEvent => ({
  type: 'registered',
  time,
  endpoint,
  device: device(endpoint),
  replaced,
});

const namesOf = (list: FleetList): readonly (string | undefined)[] =>
  Array.from({ length: list.state.total ?? 0 }, (_, index) => list.rowAt(index)?.device.endpoint);

const settled = (): Promise<void> => new Promise(setImmediate);

describe('the list of the fleet', () => {
  it('fetches what is in sight of very many, once, wherever one jumps', async () => {
    const fleet = new Fleet();
    for (const name of many(100_000)) fleet.names.push(name);
    using list = new FleetList(fleet, 'tag:lab');
    await list.refresh();
    assert.equal(list.state.total, 100_000);
    list.show(49_990, 40);
    await settled();
    list.show(49_990, 40);
    await settled();
    assert.equal(list.rowAt(50_000)?.device.endpoint, 'lamp-050000');
    assert.equal(list.rowAt(70_000), undefined);
    assert.deepEqual(
      fleet.asked.map(({ filter, offset }) => [filter, offset]),
      [
        ['tag:lab', 0],
        ['tag:lab', 49_900],
        ['tag:lab', 50_000],
      ],
    );
  });

  it('forgets what is long out of sight, and fetches it again when one comes back', async () => {
    const fleet = new Fleet(...many(10_000));
    using list = new FleetList(fleet, '');
    await list.refresh();
    for (let first = 0; first < 3000; first += 100) {
      list.show(first, 40);
      await settled();
    }
    assert.equal(namesOf(list).filter((name) => name !== undefined).length, 1000);
    assert.equal(list.rowAt(2900)?.device.endpoint, 'lamp-002900');
    assert.equal(list.rowAt(0), undefined);
    list.show(0, 40);
    await settled();
    assert.equal(list.rowAt(0)?.device.endpoint, 'lamp-000000');
    fleet.asked.length = 0;
    await list.refresh();
    assert.equal(fleet.asked.length, 10, 'not all that was ever seen is asked for anew');
  });

  it('keeps in memory what is in sight, however much else was seen since', async () => {
    using list = new FleetList(new Fleet(...many(10_000)), '');
    await list.refresh();
    for (let first = 1000; first < 3000; first += 100) {
      list.show(first, 40);
      list.show(0, 40);
      await settled();
    }
    assert.equal(list.rowAt(0)?.device.endpoint, 'lamp-000000');
  });

  it('fetches what is scrolled to while the list is asked for anew', async () => {
    using list = new FleetList(new Fleet(...many(10_000)), '');
    await list.refresh();
    const anew = list.refresh();
    list.show(5000, 40);
    await anew;
    await settled();
    assert.equal(list.rowAt(5000)?.device.endpoint, 'lamp-005000');
  });

  it('changes rows in place, and leaves the row of a device that is gone where it was', async () => {
    using list = new FleetList(new Fleet('a', 'b'), '');
    await list.refresh();
    list.apply([
      { type: 'updated', time, endpoint: 'b', device: device('b', { presence: 'asleep' }) },
      { type: 'expired', time, endpoint: 'a', registrationId: 'r1' },
    ]);
    assert.deepEqual([list.rowAt(0)?.device.endpoint, list.rowAt(0)?.isGone], ['a', true]);
    assert.deepEqual([list.rowAt(1)?.device.presence, list.rowAt(1)?.isGone], ['asleep', false]);
  });

  it('counts newcomers without moving a row, and shows them when it is asked for anew', async () => {
    const fleet = new Fleet('b');
    using list = new FleetList(fleet, '');
    await list.refresh();
    fleet.names.unshift('a');
    list.apply([registered('a'), registered('a')]);
    assert.deepEqual([namesOf(list), list.state.newcomers], [['b'], 1]);
    await list.refresh();
    assert.deepEqual([namesOf(list), list.state.newcomers], [['a', 'b'], 0]);
  });

  it('asks the server whether newcomers fit the filter', async () => {
    const fleet = new Fleet('b');
    using list = new FleetList(fleet, 'tag:lab');
    await list.refresh();
    list.apply([registered('elsewhere')]);
    await settled();
    assert.equal(list.state.newcomers, 0);
    fleet.names.push('c');
    list.apply([registered('c')]);
    await settled();
    assert.deepEqual([namesOf(list), list.state.newcomers], [['b'], 1]);
  });

  it('counts newcomers of a filter right after one left and another page was fetched', async () => {
    const fleet = new Fleet(...many(300));
    using list = new FleetList(fleet, 'tag:lab');
    await list.refresh();
    fleet.names.splice(0, 1);
    list.apply([expired('lamp-000000')]);
    list.show(200, 40);
    await settled();
    fleet.names.push('newcomer');
    list.apply([registered('newcomer')]);
    await settled();
    assert.equal(list.state.newcomers, 1);
  });

  it('counts newcomers of a filter right that devices fit also when they are gone', async () => {
    const fleet = new Fleet('a', 'b');
    using list = new FleetList(fleet, 'state:any');
    await list.refresh();
    list.apply([expired('a')]);
    fleet.names.push('c');
    list.apply([registered('c')]);
    await settled();
    assert.equal(list.state.newcomers, 1);
  });

  it('takes nobody for a newcomer who is in a row out of sight: registered anew, or gone and back', async () => {
    using list = new FleetList(new Fleet(...many(300)), '');
    await list.refresh();
    list.apply([registered('lamp-000250', true), expired('lamp-000260'), registered('lamp-000260')]);
    assert.equal(list.state.newcomers, 0);
    list.apply([registered('newcomer'), expired('newcomer'), registered('newcomer')]);
    assert.equal(list.state.newcomers, 1);
  });

  for (const filter of ['', 'tag:lab']) {
    it(`counts a newcomer no more once it is in a row that one scrolled to: ${JSON.stringify(filter)}`, async () => {
      const fleet = new Fleet(...many(300));
      using list = new FleetList(fleet, filter);
      await list.refresh();
      fleet.names.splice(250, 0, 'newcomer');
      list.apply([registered('newcomer')]);
      await settled();
      assert.equal(list.state.newcomers, 1);
      list.show(250, 10);
      await settled();
      assert.deepEqual([list.rowAt(250)?.device.endpoint, list.state.newcomers], ['newcomer', 0]);
      fleet.names.unshift('another');
      list.apply([registered('another')]);
      await settled();
      assert.equal(list.state.newcomers, 1);
    });
  }

  it('asks again for those that came while it asked', async () => {
    const fleet = new Fleet('b');
    using list = new FleetList(fleet, 'tag:lab');
    await list.refresh();
    fleet.names.push('c');
    list.apply([registered('c')]);
    fleet.names.push('d');
    list.apply([registered('d')]);
    await settled();
    assert.equal(list.state.newcomers, 2);
    assert.equal(fleet.asked.length, 3);
  });

  it('does not count a newcomer that went again', async () => {
    using list = new FleetList(new Fleet('b'), '');
    await list.refresh();
    list.apply([registered('a'), { type: 'deregistered', time, endpoint: 'a', registrationId: 'r1' }]);
    assert.equal(list.state.newcomers, 0);
  });

  it('shows the first device at once, because nothing can jump in an empty list', async () => {
    const fleet = new Fleet();
    using list = new FleetList(fleet, '');
    await list.refresh();
    fleet.names.push('a');
    list.apply([registered('a')]);
    await settled();
    assert.deepEqual(namesOf(list), ['a']);
  });

  it('keeps its rows and tells the failure when the server does not answer', async () => {
    const fleet = new Fleet('a');
    using list = new FleetList(fleet, '');
    await list.refresh();
    const failure = new Error('away');
    fleet.devices = () => Promise.reject(failure);
    await list.refresh();
    assert.deepEqual([namesOf(list), list.state.failure], [['a'], failure]);
  });
});

describe('the filter', () => {
  for (const [filter, expected] of [
    ['', false],
    ['tag:lab', false],
    ['state:online', false],
    ['state:any', true],
    ['lamp STATE:asleep,Offline', true],
    ['state:"lapsed" tag:lab', true],
    ['-state:online', true],
    ['-state:offline', false],
    ['state:any -state:offline', false],
    ['"state:any"', false],
  ] as const) {
    it(`lets devices fit that are gone: ${JSON.stringify(filter)} ${expected}`, () => {
      assert.equal(includesGone(filter), expected);
    });
  }

  it('has its last condition completed', () => {
    assert.ok(filterCompletions('').includes('state:'));
    assert.deepEqual(filterCompletions('tag:lab state:o'), ['tag:lab state:online', 'tag:lab state:offline']);
    assert.deepEqual(filterCompletions('-sta'), ['-state:']);
    assert.deepEqual(filterCompletions('lamp'), []);
  });
});

describe('doing the same to many devices', () => {
  const failed: BulkResult = { kind: 'failed', text: 'refused' };

  it('does it to each once, a few at a time, and tells what became of each', async () => {
    let running = 0;
    let most = 0;
    const results = new Map<string, BulkResult>();
    await bulkRun(many(100), {
      act: async (endpoint) => {
        running += 1;
        most = Math.max(most, running);
        await settled();
        running -= 1;
        if (endpoint === 'lamp-000007') throw new Error('refused');
        return 'ok';
      },
      tell: () => failed,
      signal: new AbortController().signal,
      onResult: (endpoint, result) => results.set(endpoint, result),
    });
    assert.equal(most, 8);
    assert.equal([...results.values()].filter(({ kind }) => kind === 'done').length, 99);
    assert.equal(results.get('lamp-000007'), failed);
  });

  it('stops before the next device, and says which were not asked', async () => {
    const stopping = new AbortController();
    const results = new Map<string, BulkResult>();
    await bulkRun(many(20), {
      act: () => {
        stopping.abort();
        return Promise.resolve('ok');
      },
      tell: () => failed,
      signal: stopping.signal,
      onResult: (endpoint, result) => results.set(endpoint, result),
    });
    const count = (kind: BulkResult['kind']): number =>
      [...results.values()].filter((each) => each.kind === kind).length;
    assert.equal(count('done') + count('stopped'), 20);
    assert.ok(count('done') <= 8);
  });
});
