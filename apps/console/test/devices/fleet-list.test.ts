import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import type { DevicePage, DeviceQuery, DeviceSummary, ServerEvent } from '@dunlin/api';

import { FleetList } from '../../src/pages/devices/fleet-list.ts';

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

/** A server with these devices, in pages of two. */
class Fleet {
  readonly asked: DeviceQuery[] = [];
  readonly names: string[];

  constructor(...names: readonly string[]) {
    this.names = [...names];
  }

  devices(query: DeviceQuery): Promise<DevicePage> {
    this.asked.push(query);
    const after = this.names.filter((name) => name > (query.after ?? ''));
    const names = after.slice(0, 2);
    return Promise.resolve({
      devices: names.map((name) => device(name)),
      next: after.length > 2 ? (names[1] ?? null) : null,
      total: this.names.length,
    });
  }
}

const registered = (endpoint: string): ServerEvent => ({
  type: 'registered',
  time,
  endpoint,
  device: device(endpoint),
  replaced: false,
});

const namesOf = (list: FleetList): readonly string[] => list.state.rows.map((row) => row.device.endpoint);

describe('the list of the fleet', () => {
  it('asks for one page after another, and knows when it has all', async () => {
    const fleet = new Fleet('a', 'b', 'c');
    using list = new FleetList(fleet, { contains: 'x' });
    await list.refresh();
    assert.deepEqual([namesOf(list), list.state.isAll], [['a', 'b'], false]);
    await list.loadMore();
    assert.deepEqual([namesOf(list), list.state.isAll], [['a', 'b', 'c'], true]);
    await list.loadMore();
    assert.deepEqual(
      fleet.asked.map(({ contains, after }) => [contains, after]),
      [
        ['x', undefined],
        ['x', 'b'],
      ],
    );
  });

  it('changes rows in place, and leaves the row of a device that is gone where it was', async () => {
    using list = new FleetList(new Fleet('a', 'b'), {});
    await list.refresh();
    list.apply([
      { type: 'updated', time, endpoint: 'b', device: device('b', { presence: 'asleep' }) },
      { type: 'expired', time, endpoint: 'a', registrationId: 'r1' },
    ]);
    assert.deepEqual(
      list.state.rows.map((row) => [row.device.endpoint, row.device.presence, row.isGone]),
      [
        ['a', 'reachable', true],
        ['b', 'asleep', false],
      ],
    );
  });

  it('counts newcomers without moving a row, and shows them when it is asked for anew', async () => {
    const fleet = new Fleet('b');
    using list = new FleetList(fleet, {});
    await list.refresh();
    fleet.names.unshift('a');
    list.apply([registered('a'), registered('a')]);
    assert.deepEqual([namesOf(list), list.state.newcomers], [['b'], 1]);
    await list.refresh();
    assert.deepEqual([namesOf(list), list.state.newcomers], [['a', 'b'], 0]);
  });

  it('does not count a newcomer that went again', async () => {
    using list = new FleetList(new Fleet('b'), {});
    await list.refresh();
    list.apply([registered('a'), { type: 'deregistered', time, endpoint: 'a', registrationId: 'r1' }]);
    assert.equal(list.state.newcomers, 0);
  });

  it('shows the first device at once, because nothing can jump in an empty list', async () => {
    const fleet = new Fleet();
    using list = new FleetList(fleet, {});
    await list.refresh();
    fleet.names.push('a');
    list.apply([registered('a')]);
    await new Promise(setImmediate);
    assert.deepEqual(namesOf(list), ['a']);
  });

  it('shows as many rows as before when it is asked for anew', async () => {
    using list = new FleetList(new Fleet('a', 'b', 'c', 'd', 'e'), {});
    await list.refresh();
    await list.loadMore();
    await list.refresh();
    assert.deepEqual(namesOf(list), ['a', 'b', 'c', 'd']);
  });

  it('keeps its rows and tells the failure when the server does not answer', async () => {
    const fleet = new Fleet('a');
    using list = new FleetList(fleet, {});
    await list.refresh();
    const failure = new Error('away');
    fleet.devices = () => Promise.reject(failure);
    await list.refresh();
    assert.deepEqual([namesOf(list), list.state.failure], [['a'], failure]);
  });
});
