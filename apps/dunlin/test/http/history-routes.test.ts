import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { instantFrom } from '@dunlin/base';
import { MemoryHistoryStore, type NewHistorySample } from '@dunlin/server';

import { noon } from '../support/fake-server.ts';
import { testApp } from '../support/test-app.ts';

const sensor = '/3303/0/5700';

function sample(
  secondsBefore: number,
  value: NewHistorySample['value'],
  change: Partial<NewHistorySample> = {},
): NewHistorySample {
  const at = instantFrom(noon - secondsBefore * 1000);
  return { endpointName: 'lamp', path: sensor, at, type: 'float', value, origin: 'notified', ...change };
}

async function bench(...samples: readonly NewHistorySample[]) {
  const history = new MemoryHistoryStore();
  history.append(samples);
  const app = await testApp({ history });
  return { ...app, history, get: (query: string) => app.ask('GET', `/api/v1/devices/lamp/history${query}`) };
}

describe('GET /devices/{endpoint}/history', () => {
  it('gives the values of the last day, with name and units', async () => {
    const { get } = await bench(sample(90_000, 1), sample(60, 20.5), sample(30, 21));
    const { status, body } = await get(`?path=${sensor}`);
    assert.equal(status, 200);
    assert.deepEqual(body, {
      path: sensor,
      name: 'Sensor Value',
      from: '2025-12-31T12:00:00.000Z',
      to: '2026-01-01T12:00:00.000Z',
      samples: [
        { time: '2026-01-01T11:59:00.000Z', value: 20.5, origin: 'notified' },
        { time: '2026-01-01T11:59:30.000Z', value: 21, origin: 'notified' },
      ],
      buckets: [],
      resolution: null,
      next: null,
    });
  });

  it('gives no more than the limit, and where to go on', async () => {
    const { get } = await bench(sample(3, 1), sample(2, 2), sample(1, 3));
    const first = await get(`?path=${sensor}&limit=2`);
    assert.equal((first.body['samples'] as unknown[]).length, 2);
    const rest = await get(`?path=${sensor}&from=${String(first.body['next'])}`);
    assert.deepEqual(
      (rest.body['samples'] as { value: number }[]).map(({ value }) => value),
      [3],
    );
    assert.equal(rest.body['next'], null);
  });

  it('sums up parts of time for charts', async () => {
    const { get } = await bench(sample(119, 1), sample(100, 3), sample(59, 10));
    const { body } = await get(`?path=${sensor}&resolution=60`);
    assert.deepEqual(body['samples'], []);
    assert.equal(body['resolution'], 60);
    assert.deepEqual(body['buckets'], [
      { time: '2026-01-01T11:58:00.000Z', count: 2, minimum: 1, maximum: 3, mean: 2, last: 3 },
      { time: '2026-01-01T11:59:00.000Z', count: 1, minimum: 10, maximum: 10, mean: 10, last: 10 },
    ]);
  });

  it('gives comma-separated values in which no text is a formula', async () => {
    const text = { type: 'string', path: '/3/0/0' } as const;
    const { get } = await bench(
      sample(3, '=1+1', text),
      sample(2, 'a "b", c', text),
      sample(1, 'plain', text),
    );
    const { text: csv, headers } = await get('?path=/3/0/0&format=csv');
    assert.match(String(headers['content-type']), /^text\/csv/);
    assert.match(String(headers['content-disposition']), /filename="lamp_3_0_0\.csv"/);
    assert.equal(
      csv,
      [
        'time,value,origin',
        "2026-01-01T11:59:57.000Z,'=1+1,notified",
        '2026-01-01T11:59:58.000Z,"a ""b"", c",notified',
        '2026-01-01T11:59:59.000Z,plain,notified',
        '',
      ].join('\r\n'),
    );
    const buckets = await get('?path=/3/0/0&format=csv&resolution=60');
    assert.match(buckets.text, /^time,count,minimum,maximum,mean,last\r\n\S+,3,,,,plain\r\n$/);
  });

  for (const [query, field] of [
    ['', 'query.path'],
    ['?path=/3303/0', 'query.path'],
    ['?path=x', 'query.path'],
    [`?path=${sensor}&from=yesterday`, 'query.from'],
    [`?path=${sensor}&limit=0`, 'query.limit'],
    [`?path=${sensor}&resolution=0.5`, 'query.resolution'],
    [`?path=${sensor}&resolution=1`, 'query.resolution'],
  ] as const)
    it(`answers 400 naming ${field} for ${query || 'nothing'}`, async () => {
      const { get } = await bench();
      const { status, body } = await get(query);
      assert.deepEqual([status, body['error']], [400, 'bad-request']);
      assert.ok(
        body['field'] === field || (query === '' && String(body['message']).includes('path')),
        JSON.stringify(body),
      );
    });

  it('answers 404 for a device that nobody knows', async () => {
    const { ask } = await bench();
    assert.equal((await ask('GET', `/api/v1/devices/nobody/history?path=${sensor}`)).status, 404);
    assert.equal((await ask('GET', '/api/v1/devices/nobody/history/paths')).status, 404);
  });

  it('lists the paths of which there are values', async () => {
    const { get } = await bench(sample(3, 1), sample(1, 2));
    assert.deepEqual((await get('/paths')).body, {
      series: [
        {
          path: sensor,
          name: 'Sensor Value',
          type: 'float',
          first: '2026-01-01T11:59:57.000Z',
          last: '2026-01-01T11:59:59.000Z',
        },
      ],
      next: null,
    });
    const of = async (query: string): Promise<unknown> => (await get(`/paths?${query}`)).body['series'];
    assert.deepEqual(await of('contains=nobody'), []);
    assert.equal(((await of('contains=SENSOR')) as unknown[]).length, 1);
    assert.deepEqual(await of(`after=${sensor}`), []);
  });

  it('is forgotten with the device', async () => {
    const { ask, history } = await bench(sample(1, 1));
    await ask('DELETE', '/api/v1/devices/lamp?forget=true');
    assert.deepEqual(history.series('lamp'), []);
  });
});
