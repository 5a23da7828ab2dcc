import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import {
  addDuration,
  durationBetween,
  earliestOf,
  instantFrom,
  milliseconds,
  seconds,
  toMilliseconds,
} from '@dunlin/base';

describe('time', () => {
  it('adds durations to instants and measures between them', () => {
    const start = instantFrom(1000);
    const end = addDuration(start, toMilliseconds(seconds(2)));
    assert.equal(end, 3000);
    assert.equal(durationBetween(start, end), milliseconds(2000));
    assert.equal(durationBetween(end, start), -2000);
  });

  it('takes the earlier of two deadlines, where undefined means never', () => {
    assert.equal(earliestOf(undefined, undefined), undefined);
    assert.equal(earliestOf(instantFrom(5), undefined), 5);
    assert.equal(earliestOf(undefined, instantFrom(5)), 5);
    assert.equal(earliestOf(instantFrom(7), instantFrom(5)), 5);
  });
});
