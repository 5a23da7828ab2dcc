import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import type { HistoryDocument } from '@dunlin/api';

import { runProgram } from '../../src/program/run-program.ts';
import { testContext } from '../support/test-context.ts';

const history: HistoryDocument = {
  path: '/3303/0/5700',
  name: 'Sensor Value',
  units: 'Cel',
  from: '2025-12-31T12:00:00.000Z',
  to: '2026-01-01T12:00:00.000Z',
  samples: [{ time: '2026-01-01T11:59:00.000Z', value: 20.5, origin: 'notified' }],
  buckets: [],
  resolution: null,
  next: null,
};

describe('dunlin history', () => {
  it('shows the values of a Resource', async () => {
    const context = testContext(() => ({ json: history }));
    assert.equal(await runProgram(['history', 'lamp', '/3303/0/5700', '--last', '1h'], context), 0);
    assert.equal(
      context.out(),
      'TIME                      VALUE (Cel)  ORIGIN\n2026-01-01T11:59:00.000Z  20.5         notified\n',
    );
    assert.match(context.requests[0]?.url ?? '', /from=2026-01-01T11%3A00%3A00\.000Z/);
  });

  it('shows parts of time, as a table and as comma-separated values', async () => {
    const bucket = { time: '2026-01-01T11:59:00.000Z', count: 2, minimum: 1, maximum: 3, mean: 2, last: 3 };
    const answer = {
      ...history,
      samples: [],
      buckets: [bucket],
      resolution: 60,
      next: '2026-01-01T12:00:00.000Z',
    };
    const table = testContext(() => ({ json: answer }));
    const args = ['history', 'lamp', '/3303/0/5700', '--resolution', '60'];
    assert.equal(await runProgram(args, table), 0);
    assert.match(table.out(), /^2026-01-01T11:59:00\.000Z +2 +1 +3 +2 +3$/m);
    assert.match(table.err(), /There are more: --from 2026-01-01T12/);
    const csv = testContext(() => ({ json: answer }));
    assert.equal(await runProgram([...args, '--csv'], csv), 0);
    assert.match(csv.out(), /\r\n2026-01-01T11:59:00\.000Z,2,1,3,2,3\r\n$/);
  });

  it('lists of which Resources there are values', async () => {
    const series = [
      { path: '/3/0/9', name: 'Battery Level', type: 'integer', first: history.from, last: history.to },
    ];
    const context = testContext(() => ({ json: { series, next: null } }));
    assert.equal(await runProgram(['history', 'lamp'], context), 0);
    assert.match(context.out(), /^\/3\/0\/9 +Battery Level +integer +2025/m);
  });

  it('refuses a time that is none', async () => {
    assert.equal(await runProgram(['history', 'lamp', '/3/0/9', '--last', 'week'], testContext()), 2);
  });
});
