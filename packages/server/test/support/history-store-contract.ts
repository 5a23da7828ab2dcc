import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { type Instant, instantFrom, milliseconds } from '@dunlin/base';
import type { DataType, Value } from '@dunlin/lwm2m';

import type { HistoryLimits, HistoryRange, HistoryStore, NewHistorySample } from '../../src/index.ts';

const start = Date.UTC(2026, 0, 1, 12);
const at = (seconds: number): Instant => instantFrom(start + seconds * 1000);

function sample(
  seconds: number,
  value: Value,
  {
    type = 'float',
    path = '/3303/0/5700',
    endpointName = 'lamp',
  }: { type?: DataType; path?: string; endpointName?: string } = {},
): NewHistorySample {
  return { endpointName, path, at: at(seconds), type, value, origin: 'notified' };
}

const all: HistoryRange = { endpointName: 'lamp', path: '/3303/0/5700', from: at(-1e6), to: at(1e6) };

/** What every history store promises. */
export function historyStoreContract(
  name: string,
  open: (limits?: Partial<HistoryLimits>) => Promise<HistoryStore>,
): void {
  describe(name, () => {
    it('gives the samples of a range in the order of their times, whatever the order they came in', async () => {
      await using store = await open();
      store.append([sample(30, 3), sample(10, 1)]);
      store.append([sample(20, 2), sample(40, 4)]);
      const found = await store.samples({ ...all, from: at(10), to: at(40) }, 100);
      assert.deepEqual(
        found.map(({ value }) => value),
        [1, 2, 3],
      );
      assert.deepEqual(found[0], { at: at(10), type: 'float', value: 1, origin: 'notified' });
      assert.deepEqual(
        (await store.samples(all, 2)).map(({ value }) => value),
        [1, 2],
      );
    });

    it('keeps values of every type exactly', async () => {
      await using store = await open();
      const values: readonly (readonly [DataType, Value])[] = [
        ['string', 'übel "x"'],
        ['integer', 9_007_199_254_740_993n],
        ['integer', -5],
        ['unsigned-integer', 18_446_744_073_709_551_615n],
        ['float', 0.1],
        ['float', Number.NaN],
        ['boolean', true],
        ['opaque', Uint8Array.of(0, 255)],
        ['time', 1_767_268_800],
        ['objlnk', { objectId: 3, objectInstanceId: 65_535 }],
        ['corelnk', '</3/0>'],
      ];
      store.append(values.map(([type, value], index) => sample(index, value, { type })));
      const found = await store.samples(all, 100);
      assert.deepEqual(
        found.map(({ type, value }) => [type, value]),
        values,
      );
    });

    it('keeps the later of two samples of one path and time', async () => {
      await using store = await open();
      store.append([sample(1, 1), sample(1, 2)]);
      assert.deepEqual(
        (await store.samples(all, 10)).map(({ value }) => value),
        [2],
      );
    });

    it('knows devices and paths apart', async () => {
      await using store = await open();
      store.append([
        sample(1, 1),
        sample(1, 2, { path: '/3303/0/5701' }),
        sample(1, 3, { endpointName: 'other' }),
      ]);
      assert.deepEqual(
        (await store.samples(all, 10)).map(({ value }) => value),
        [1],
      );
      const other = await store.samples({ ...all, endpointName: 'other' }, 10);
      assert.deepEqual(
        other.map(({ value }) => value),
        [3],
      );
      assert.deepEqual(await store.samples({ ...all, endpointName: 'nobody' }, 10), []);
    });

    it('sums up parts of time that begin at multiples of their length', async () => {
      await using store = await open();
      store.append([sample(0, 1), sample(30, 2), sample(59, 6), sample(60, 7), sample(200, -1)]);
      const buckets = await store.buckets(all, milliseconds(60_000));
      assert.deepEqual(
        buckets.map(({ at: begins, count, minimum, maximum, mean, last }) => [
          (begins - start) / 1000,
          count,
          minimum,
          maximum,
          mean,
          last.value,
        ]),
        [
          [0, 3, 1, 6, 3, 6],
          [60, 1, 7, 7, 7, 7],
          [180, 1, -1, -1, -1, -1],
        ],
      );
    });

    it('counts booleans as 0 and 1, and gives no mean of texts', async () => {
      await using store = await open();
      store.append([sample(0, true, { type: 'boolean' }), sample(1, false, { type: 'boolean' })]);
      store.append([sample(60, 'on', { type: 'string' })]);
      const [booleans, texts] = await store.buckets(all, milliseconds(60_000));
      assert.equal(booleans?.mean, 0.5);
      assert.equal(texts?.mean, undefined);
      assert.equal(texts?.last.value, 'on');
    });

    it('lists the paths of a device in numeric order, with when their samples are', async () => {
      await using store = await open();
      store.append([
        sample(5, 1, { path: '/3303/10/5700' }),
        sample(1, 'x', { path: '/3303/9/5701', type: 'string' }),
      ]);
      store.append([sample(9, 2, { path: '/3303/10/5700' })]);
      assert.deepEqual(await store.series('lamp'), [
        { path: '/3303/9/5701', type: 'string', first: at(1), last: at(1) },
        { path: '/3303/10/5700', type: 'float', first: at(5), last: at(9) },
      ]);
      assert.deepEqual(await store.series('nobody'), []);
    });

    it('forgets a device', async () => {
      await using store = await open();
      store.append([sample(1, 1), sample(1, 2, { endpointName: 'other' })]);
      await store.remove('lamp');
      assert.deepEqual(await store.series('lamp'), []);
      assert.equal((await store.series('other')).length, 1);
      store.append([sample(2, 5)]);
      assert.deepEqual(
        (await store.samples(all, 10)).map(({ value }) => value),
        [5],
      );
    });

    it('forgets what is too old', async () => {
      await using store = await open({ age: milliseconds(100_000) });
      store.append([sample(0, 1), sample(50, 2), sample(50, 3, { path: '/3/0/9' })]);
      await store.sweep(at(120));
      assert.deepEqual(
        (await store.samples(all, 10)).map(({ value }) => value),
        [2],
      );
      await store.sweep(at(1000));
      assert.deepEqual(await store.series('lamp'), []);
    });

    it('keeps so many samples of a path, the newest', async () => {
      await using store = await open({ samplesPerPath: 10 });
      for (let number = 0; number < 50; number += 1) store.append([sample(number, number)]);
      await store.sweep(at(50));
      assert.deepEqual(
        (await store.samples(all, 100)).map(({ value }) => value).slice(-10),
        [40, 41, 42, 43, 44, 45, 46, 47, 48, 49],
      );
      assert.ok((await store.samples(all, 100)).length <= 11);
    });

    it('keeps so many paths of a device, and no value that is too long', async () => {
      await using store = await open({ pathsPerDevice: 2, valueLength: 20 });
      for (const id of [1, 2, 3]) store.append([sample(1, id, { path: `/3303/0/${id}` })]);
      store.append([sample(2, 'x'.repeat(50), { path: '/3303/0/1', type: 'string' })]);
      assert.deepEqual(
        (await store.series('lamp')).map(({ path, last }) => [path, last]),
        [
          ['/3303/0/1', at(1)],
          ['/3303/0/2', at(1)],
        ],
      );
    });
  });
}
