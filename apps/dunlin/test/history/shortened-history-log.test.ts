import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { instantFrom, milliseconds } from '@dunlin/base';

import { ShortenedHistoryLog } from '../../src/history/shortened-history-log.ts';

const hour = 3_600_000;
const start = Date.UTC(2026, 0, 20);

describe('a history that is too large for its room', () => {
  it('warns that values go before their age, with how long they are kept, and once an hour at most', () => {
    const warnings: unknown[][] = [];
    let time = start;
    const shortenedLog = new ShortenedHistoryLog(
      { age: milliseconds(30 * 24 * hour), size: 1000 },
      () => instantFrom(time),
      { warn: (...line: unknown[]) => warnings.push(line) },
    );
    shortenedLog.shortened({ count: 5, until: instantFrom(start - 12 * hour) });
    time += hour - 1;
    shortenedLog.shortened({ count: 7, until: instantFrom(start - 11 * hour) });
    assert.deepEqual(warnings, [
      [
        { bytes: 1000, forgotten: 5, keptSince: '2026-01-19T12:00:00.000Z' },
        'the history has no more room: values are kept for 12 hours and not for 720; history-size says how much room it has',
      ],
    ]);
    time += 1;
    shortenedLog.shortened({ count: 1, until: instantFrom(start - 9 * hour) });
    assert.deepEqual(warnings[1], [
      { bytes: 1000, forgotten: 8, keptSince: '2026-01-19T15:00:00.000Z' },
      'the history has no more room: values are kept for 10 hours and not for 720; history-size says how much room it has',
    ]);
  });
});
