import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import type { KnownValueDocument, ObservationDocument, ServerEvent } from '@dunlin/api';

import { positionOf } from '../../src/pages/device/location/position.ts';
import { chartedPaths } from '../../src/pages/device/telemetry/charted-paths.ts';
import { csvOf } from '../../src/pages/device/telemetry/csv.ts';
import {
  historySeries,
  joinedSeries,
  resolutionOf,
} from '../../src/pages/device/telemetry/history-series.ts';
import { SeriesStore, withPoint } from '../../src/values/series.ts';

const time = '2026-11-26T12:00:00.000Z';
const seconds = Date.parse(time) / 1000;

const known = (
  path: string,
  value: string | number,
  type: 'float' | 'string' = 'float',
): KnownValueDocument => ({
  path,
  resource: { type, value },
  origin: 'read',
  knownAt: time,
});

describe('the numbers that devices notify', () => {
  const notified: ServerEvent = {
    type: 'notification',
    time,
    endpoint: 'lamp',
    path: '/3303/0/5700',
    isFresh: true,
    content: { path: '/3303/0/5700', kind: 'resource', type: 'float', value: 21 },
    history: [
      {
        measuredAt: '2026-11-26T11:59:00.000Z',
        content: { path: '/3303/0/5700', kind: 'resource', type: 'float', value: 20 },
      },
    ],
  };

  it('are kept in the order of time, with those of the past that came along', () => {
    const store = new SeriesStore();
    let changes = 0;
    store.subscribe(() => (changes += 1));
    store.apply([notified]);
    assert.deepEqual(store.series('lamp', '/3303/0/5700'), {
      times: [seconds - 60, seconds],
      values: [20, 21],
    });
    assert.equal(store.series('other', '/3303/0/5700'), undefined);
    assert.equal(changes, 1);
  });

  it('do not include texts', () => {
    const store = new SeriesStore();
    store.apply([
      { ...notified, content: { path: '/3/0/0', kind: 'resource', type: 'string', value: '5' }, history: [] },
    ]);
    assert.equal(store.series('lamp', '/3/0/0'), undefined);
  });

  it('are put where they belong when they come late, and replace one of the same time', () => {
    const series = withPoint(withPoint(withPoint(undefined, 1, 10), 3, 30), 2, 20);
    assert.deepEqual(series, { times: [1, 2, 3], values: [10, 20, 30] });
    assert.deepEqual(withPoint(series, 2, 21).values, [10, 21, 30]);
  });

  it('are saved as comma-separated values (RFC 4180)', () => {
    assert.equal(csvOf({ times: [0], values: [1.5] }), 'time,value\r\n1970-01-01T00:00:00.000Z,1.5\r\n');
  });
});

describe('the history of a Resource', () => {
  const at = (second: number): string => new Date(second * 1000).toISOString();
  const facts = { path: '/3303/0/5700', from: at(0), to: at(9), resolution: null, next: null };

  it('is its numbers, or the means of its buckets', () => {
    const samples = [
      { time: at(1), value: 20, origin: 'notified' },
      { time: at(2), value: 'NaN', origin: 'notified' },
    ] as const;
    assert.deepEqual(historySeries({ ...facts, samples, buckets: [] }), { times: [1], values: [20] });
    const buckets = [
      { time: at(1), count: 2, minimum: 1, maximum: 3, mean: 2, last: 3 },
      { time: at(3), count: 1, last: 'x' },
    ];
    assert.deepEqual(historySeries({ ...facts, samples: [], buckets }), { times: [1], values: [2] });
  });

  it('goes over into what is live, which counts where both are', () => {
    const past = { times: [1, 2, 3], values: [10, 20, 30] };
    assert.deepEqual(joinedSeries(past, { times: [3, 4], values: [31, 40] }), {
      times: [1, 2, 3, 4],
      values: [10, 20, 31, 40],
    });
    assert.deepEqual(joinedSeries(past, { times: [], values: [] }), past);
    assert.deepEqual(joinedSeries(undefined, past), past);
  });

  it('is asked for in buckets when it is long, so that a chart has no more points than pixels', () => {
    assert.deepEqual(resolutionOf(300), {});
    assert.deepEqual(resolutionOf(2_592_000), { resolution: 2592 });
  });
});

describe('the charts of a device', () => {
  it('are of the numbers that are observed, by themselves or in their instance', () => {
    const observation = (path: string): ObservationDocument => ({
      path,
      state: 'active',
      isDesired: true,
      since: time,
    });
    const values = [
      known('/3/0/9', 1),
      known('/3/0/0', 'x', 'string'),
      known('/33/0/9', 1),
      known('/3303/0/5700', 2),
    ];
    assert.deepEqual(
      chartedPaths([observation('/3/0'), observation('/3303/0/5700')], values).map(({ path }) => path),
      ['/3/0/9', '/3303/0/5700'],
    );
  });
});

describe('the position of a device', () => {
  it('is that of Object 6, whose numbers are texts in 1.0', () => {
    const values = [
      known('/6/0/0', '52.52', 'string'),
      known('/6/0/1', '13.405', 'string'),
      known('/6/0/3', '25', 'string'),
    ];
    assert.deepEqual(positionOf(values), { latitude: 52.52, longitude: 13.405, radius: 25 });
    assert.deepEqual(positionOf([known('/6/0/0', 1), known('/6/0/1', 2)]), {
      latitude: 1,
      longitude: 2,
      radius: undefined,
    });
  });

  const nowhere: readonly (readonly KnownValueDocument[])[] = [
    [],
    [known('/6/0/0', 1)],
    [known('/6/0/0', '', 'string'), known('/6/0/1', 2)],
    [known('/6/0/0', 'north', 'string'), known('/6/0/1', 2)],
    [known('/6/0/0', 91), known('/6/0/1', 2)],
    [known('/6/0/0', 1), known('/6/0/1', 181)],
  ];
  for (const values of nowhere) {
    it(`is unknown of ${JSON.stringify(values.map(({ resource }) => resource))}`, () => {
      assert.equal(positionOf(values), undefined);
    });
  }
});
