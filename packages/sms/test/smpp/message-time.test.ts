import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { instantFrom, milliseconds } from '@dunlin/base';
import { instantOfMessageTime } from '@dunlin/sms';
import fc from 'fast-check';

import { absoluteTime, relativeTime } from '../../src/smpp/message-time.ts';

const now = instantFrom(Date.UTC(2026, 10, 26, 17, 31, 0));

describe('Times in commands (SMPP 3.4 §7.1.1)', () => {
  for (const [duration, text] of [
    [1, '000000000001000R'],
    [300_000, '000000000500000R'],
    [3_661_001, '000000010102000R'],
    [86_400_000, '000001000000000R'],
    [90 * 86_400_000, '000030000000000R'],
    [-5, '000000000001000R'],
  ] as const) {
    test(`writes ${duration} ms from now as ${text}`, () => {
      assert.equal(relativeTime(milliseconds(duration)), text);
    });
  }

  test('writes points in time in UTC, rounded up to seconds', () => {
    assert.equal(absoluteTime(instantFrom(now + 1)), '261126173101000+');
    assert.equal(absoluteTime(instantFrom(Date.UTC(2028, 1, 29, 23, 59, 59))), '280229235959000+');
  });

  test('reads what it writes, for every second of this century', () => {
    fc.assert(
      fc.property(fc.integer({ min: 946_684_800, max: 4_102_444_799 }), (second) => {
        const written = absoluteTime(instantFrom(second * 1000));
        const date = new Date(second * 1000).toISOString().replaceAll(/\D/g, '').slice(2, 14);
        assert.equal(written, `${date}000+`);
        assert.equal(instantOfMessageTime(written, now), second * 1000);
      }),
    );
  });

  test('reads tenths of seconds and the offset in quarters of an hour', () => {
    assert.equal(instantOfMessageTime('261126183100504+', now), now + 500);
    assert.equal(instantOfMessageTime('261126163100004-', now), now);
  });

  test('reads durations, with months of 30 and years of 365 days', () => {
    assert.equal(instantOfMessageTime('000000000500000R', now), now + 300_000);
    assert.equal(instantOfMessageTime('010102000000000R', now), now + 397 * 86_400_000);
  });

  test('reads no time out of anything else', () => {
    for (const text of [
      '',
      '0',
      '261126173101000',
      '261126173101000Z',
      '261326173101000+',
      '261100173101000+',
    ]) {
      assert.equal(instantOfMessageTime(text, now), undefined);
    }
  });
});
