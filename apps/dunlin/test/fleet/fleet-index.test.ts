import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { instantFrom } from '@dunlin/base';
import { udpPeer } from '@dunlin/coap';
import { coreDefinitions } from '@dunlin/lwm2m';
import type { FleetRecord } from '@dunlin/server';
import fc from 'fast-check';

import type { FleetEntry } from '../../src/fleet/fleet-entry.ts';
import { FleetIndex, type FleetIndexOptions } from '../../src/fleet/fleet-index.ts';
import { deviceFilter } from '../../src/fleet/device-filter.ts';
import { deviceToSummary } from '../../src/http/device-to-summary.ts';
import { noon, registration } from '../support/fake-server.ts';

function openIndex(options: Partial<FleetIndexOptions> = {}): FleetIndex {
  return new FleetIndex({ now: () => noon, reachabilityOf: () => ({ kind: 'always' }), ...options });
}

const names = (index: FleetIndex, after?: string): readonly string[] =>
  index.search({ after, limit: 1000 }).entries.map(({ endpointName }) => endpointName);

describe('the index of a fleet', () => {
  it('lists in the order of the names whatever comes and goes', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            name: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
            isLeaving: fc.boolean(),
            isListed: fc.boolean(),
          }),
        ),
        (steps) => {
          const index = openIndex();
          const present = new Set<string>();
          for (const { name, isLeaving, isListed } of steps) {
            if (isLeaving) {
              if (present.delete(name)) index.ended(registration(name), '');
              index.forget(name);
            } else {
              present.add(name);
              index.registered(registration(name));
            }
            if (isListed) assert.deepEqual(names(index), [...present].sort());
          }
          assert.deepEqual(names(index), [...present].sort());
          assert.equal(index.size, present.size);
        },
      ),
    );
  });

  it('goes on after a name that is not there any more', () => {
    const index = openIndex();
    for (const name of ['a', 'c', 'e']) index.registered(registration(name));
    assert.deepEqual(names(index, 'b'), ['c', 'e']);
    assert.deepEqual(names(index, 'c'), ['e']);
    assert.deepEqual(names(index, 'z'), []);
  });

  it('follows a device that moves, and notes when it was heard', () => {
    const index = openIndex();
    index.registered(registration('lamp'));
    const later = instantFrom(noon + 5000);
    index.updated(registration('lamp', { peer: udpPeer('198.51.100.1', 7), updatedAt: later }));
    assert.equal(index.find('lamp')?.address, '198.51.100.1:7');
    assert.equal(index.find('lamp')?.lastSeen, later);
    index.heard('lamp', noon);
    assert.equal(index.find('lamp')?.lastSeen, later);
  });

  it('keeps tags and facts over a registration that ends and one that begins', () => {
    const index = openIndex();
    const lamp = registration('lamp');
    index.registered(lamp);
    index.setTags('lamp', ['lab']);
    index.learned('lamp', { modelNumber: 'X1' }, noon);
    index.learned('lamp', { firmwareVersion: '2' }, noon);
    index.ended(lamp, 'document');
    assert.equal(index.stateOf(index.find('lamp') as FleetEntry), 'offline');
    index.registered(lamp);
    assert.deepEqual(index.find('lamp')?.tags, ['lab']);
    assert.deepEqual(index.find('lamp')?.facts.modelNumber, 'X1');
    assert.deepEqual(index.find('lamp')?.facts.firmwareVersion, '2');
    assert.equal(index.find('lamp')?.lastRegistration, undefined);
  });

  it('remembers so many devices that have left, and forgets those first that left first', () => {
    const forgotten: string[] = [];
    const index = openIndex({ limits: { offline: 2 }, forgotten: (name) => forgotten.push(name) });
    for (const name of ['a', 'b', 'c', 'd']) index.registered(registration(name));
    for (const name of ['b', 'a', 'c']) index.ended(registration(name), '');
    assert.deepEqual(forgotten, ['b']);
    index.registered(registration('a'));
    index.ended(registration('d'), '');
    assert.deepEqual(forgotten, ['b']);
    assert.equal(index.size, 3);
  });

  it('takes up what was kept of devices that are not registered, by which they are found', () => {
    const lamp = registration('lamp', { bindingMode: 'UQ' });
    const document = deviceToSummary(lamp, 'gone', { definitions: coreDefinitions });
    const record: FleetRecord = {
      endpointName: 'lamp',
      tags: ['lab'],
      modelNumber: 'X1',
      firstSeen: noon,
      lastSeen: noon,
      lastRegistration: JSON.stringify(document),
    };
    const index = openIndex();
    index.load(record);
    index.load({ ...record, endpointName: 'broken', lastRegistration: 'no JSON' });
    const filter = deviceFilter('state:offline model=X1 binding:UQ has:/3303/1 tag:lab');
    assert.ok(filter.kind === 'filter');
    assert.deepEqual(
      index.search({ filter, limit: 10 }).entries.map(({ endpointName }) => endpointName),
      ['lamp'],
    );
    assert.deepEqual(index.counts(), { online: 0, asleep: 0, offline: 2 });
  });

  it('tells what has to be kept, and not that a device updated its registration', () => {
    const changed: string[] = [];
    const index = openIndex({ changed: ({ endpointName }) => changed.push(endpointName) });
    const lamp = registration('lamp');
    index.registered(lamp);
    index.updated(lamp);
    index.registered(lamp);
    assert.deepEqual(changed, ['lamp']);
    index.ended(lamp, '');
    assert.deepEqual(changed, ['lamp', 'lamp']);
  });

  it('counts operations that wait, and never fewer than none', () => {
    const index = openIndex();
    index.registered(registration('lamp'));
    index.queued('lamp', 1);
    index.queued('lamp', -1);
    index.queued('lamp', -1);
    assert.equal(index.find('lamp')?.queued, 0);
    index.queued('nobody', 1);
  });
});
