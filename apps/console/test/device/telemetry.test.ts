import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import type { DeviceSummary, KnownValueDocument, ObservationDocument, ServerEvent } from '@dunlin/api';

import { positionOf } from '../../src/pages/device/location/position.ts';
import {
  absencesOf,
  brokenAt,
  type BrokenSeries,
  valueAt,
} from '../../src/pages/device/telemetry/absences.ts';
import { chartRows, csvOf } from '../../src/pages/device/telemetry/chart-table.ts';
import { type Charted, chartedOf, fittingInto } from '../../src/pages/device/telemetry/charted.ts';
import {
  detailedSeries,
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

  it('are kept for each instance of a multiple Resource', () => {
    const store = new SeriesStore();
    const content = {
      path: '/3/0/7',
      kind: 'resource',
      type: 'integer',
      values: { 0: 3800, 1: 12_000 },
    } as const;
    store.apply([{ ...notified, path: '/3/0/7', content, history: [] }]);
    assert.deepEqual(store.series('lamp', '/3/0/7/1'), { times: [seconds], values: [12_000] });
    assert.equal(store.series('lamp', '/3/0/7'), undefined);
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

  it('are forgotten when events were lost, as the history of the server has them', () => {
    const store = new SeriesStore();
    store.apply([notified]);
    const { version } = store;
    store.apply([{ type: 'reset', time }]);
    assert.equal(store.series('lamp', '/3303/0/5700'), undefined);
    assert.notEqual(store.version, version);
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

  it('has more detail where one zoomed', () => {
    const past = { times: [1, 5, 9], values: [10, 50, 90] };
    const detail = { times: [4, 5, 6], values: [40, 51, 60] };
    assert.deepEqual(detailedSeries(past, { from: 3, to: 7 }, detail), {
      times: [1, 4, 5, 6, 9],
      values: [10, 40, 51, 60, 90],
    });
    assert.equal(detailedSeries(undefined, { from: 3, to: 7 }, detail), detail);
  });

  it('is asked for in buckets when it is long, so that a chart has no more points than pixels', () => {
    assert.deepEqual(resolutionOf(300), {});
    assert.deepEqual(resolutionOf(2_592_000), { resolution: 2592 });
  });
});

describe('what can be charted of a device', () => {
  const observation = (path: string): ObservationDocument => ({
    path,
    state: 'active',
    isDesired: true,
    since: time,
  });

  it('are the numbers that are observed, by themselves or in their instance', () => {
    const values = [
      known('/3/0/9', 1),
      known('/3/0/0', 'x', 'string'),
      known('/33/0/9', 1),
      known('/3303/0/5700', 2),
    ];
    assert.deepEqual(
      chartedOf([], [observation('/3/0'), observation('/3303/0/5700')], values).map(({ path }) => path),
      ['/3/0/9', '/3303/0/5700'],
    );
  });

  it('are the numbers of which values are kept, in the order of their paths, and each once', () => {
    const kept = { type: 'float', name: 'Sensor Value', units: 'Cel', first: time, last: time } as const;
    const history = [
      { ...kept, path: '/3303/10/5700' },
      { ...kept, path: '/3303/2/5700' },
      { ...kept, path: '/3/0/0', type: 'string' as const },
    ];
    assert.deepEqual(
      chartedOf(history, [observation('/3303/2')], [known('/3303/2/5700', 1)]).map(
        ({ path, isObserved, first }) => [path, isObserved, first],
      ),
      [
        ['/3303/2/5700', true, time],
        ['/3303/10/5700', false, time],
      ],
    );
  });
});

describe('the unit of what is charted', () => {
  it('is that of the definition, or the Sensor Units (5701) beside it', () => {
    const values = [
      known('/3303/0/5700', 20),
      known('/3303/0/5701', 'Cel', 'string'),
      known('/3303/0/5900', 1),
      known('/3303/1/5700', 20),
    ];
    const observed = [{ path: '/3303', state: 'active', isDesired: true, since: time }] as const;
    assert.deepEqual(
      chartedOf([], observed, values).map(({ path, units }) => [path, units]),
      [
        ['/3303/0/5700', 'Cel'],
        ['/3303/0/5900', ''],
        ['/3303/1/5700', ''],
      ],
    );
  });
});

describe('a chart', () => {
  const charted = (path: string, units: string): Charted => ({ path, name: path, units, isObserved: true });

  it('has an axis for each of two units, refuses a third, and takes more of the two', () => {
    const chosen = [charted('/1', 'Cel'), charted('/2', '%'), charted('/3', 'V'), charted('/4', 'Cel')];
    const { fits, refusals } = fittingInto(chosen);
    assert.deepEqual(
      fits.map(({ path }) => path),
      ['/1', '/2', '/4'],
    );
    assert.deepEqual(refusals, [{ kind: 'third-unit', of: charted('/3', 'V'), units: ['Cel', '%'] }]);
  });

  it('takes as many lines as can be told apart', () => {
    const chosen = ['/1', '/2', '/3', '/4', '/5', '/6', '/7'].map((path) => charted(path, 'Cel'));
    const { fits, refusals } = fittingInto(chosen);
    assert.equal(fits.length, 6);
    assert.deepEqual(refusals, [{ kind: 'too-many', of: charted('/7', 'Cel') }]);
  });

  const lines: readonly BrokenSeries[] = [
    { times: [1, 2, 3], values: [10, null, 30] },
    { times: [1, 4], values: [1.5, 4.5] },
  ];

  it('is a table too, with a row for each time, and none for a break', () => {
    assert.deepEqual(chartRows(lines), [
      { time: 1, values: [10, 1.5] },
      { time: 3, values: [30, undefined] },
      { time: 4, values: [undefined, 4.5] },
    ]);
    assert.deepEqual(
      chartRows(lines, { from: 2, to: 3 }).map((row) => row.time),
      [3],
    );
  });

  it('is saved as comma-separated values (RFC 4180)', () => {
    assert.equal(
      csvOf(['/3303/0/5700', '/3303/1/5700'], chartRows(lines)).replaceAll('1970-01-01T00:00:0', ''),
      'time,/3303/0/5700,/3303/1/5700\r\n1.000Z,10,1.5\r\n3.000Z,30,\r\n4.000Z,,4.5\r\n',
    );
  });
});

describe('where a device was away', () => {
  const event = (type: 'deregistered' | 'expired', second: number): ServerEvent => ({
    type,
    time: new Date(second * 1000).toISOString(),
    endpoint: 'lamp',
    registrationId: 'a',
  });
  const registered = (second: number): ServerEvent => ({
    type: 'registered',
    time: new Date(second * 1000).toISOString(),
    endpoint: 'lamp',
    device: {} as DeviceSummary,
    replaced: false,
  });

  it('is from the end of a registration to the beginning of the next, in whatever order the events come', () => {
    const events = [registered(30), event('expired', 20), registered(10), event('deregistered', 40)];
    assert.deepEqual(absencesOf(events), [{ from: 20, to: 30 }]);
    assert.deepEqual(absencesOf([registered(10), registered(20)]), [], 'a new one in place of the old');
  });

  it('lines are broken, and have no value under the cursor', () => {
    const broken = brokenAt({ times: [10, 19, 31, 40], values: [1, 2, 3, 4] }, [{ from: 20, to: 30 }]);
    assert.deepEqual(broken, { times: [10, 19, 20, 31, 40], values: [1, 2, null, 3, 4] });
    assert.deepEqual(
      [5, 19.5, 25, 31, 99].map((at) => valueAt(broken, at)),
      [undefined, 2, undefined, 3, 4],
    );
  });

  it('lines are whole when the device told later what it had measured meanwhile', () => {
    const series = { times: [19, 25, 31], values: [2, 3, 4] };
    assert.deepEqual(brokenAt(series, [{ from: 20, to: 30 }]), series);
  });

  it('lines of means are broken by what is longer than the part of time of a mean', () => {
    const series = { times: [0, 10, 30, 40], values: [1, 2, 3, 4] };
    assert.deepEqual(brokenAt(series, [{ from: 18, to: 35 }], 10).values, [1, 2, null, 3, 4]);
    assert.deepEqual(brokenAt(series, [{ from: 18, to: 22 }], 10), series);
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
