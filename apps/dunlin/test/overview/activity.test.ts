import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { Activity } from '../../src/overview/activity.ts';

const noon = Date.UTC(2026, 0, 1, 12);
const second = 1000;
const minute = 60 * second;

describe('the activity of a server', () => {
  it('is what was counted in the last minute', () => {
    const activity = new Activity(noon);
    for (let time = 5; time <= 300; time += 5) {
      activity.counters.updates += 1;
      activity.tick(noon + time * second);
    }
    assert.equal(activity.lastMinute(noon + 300 * second).updates, 12);
    activity.counters.updates += 5;
    assert.equal(activity.lastMinute(noon + 301 * second).updates, 17);
  });

  it('is what was counted since the start before a minute is over', () => {
    const activity = new Activity(noon);
    activity.counters.registrations += 3;
    assert.equal(activity.lastMinute(noon + second).registrations, 3);
  });

  it('is kept by whole minutes, for an hour', () => {
    const activity = new Activity(noon + 30 * second);
    for (let time = 35; time <= 100 * 60; time += 5) {
      if (time % 60 === 0) activity.counters.notifications += time / 60;
      activity.tick(noon + time * second);
    }
    const minutes = activity.minutes();
    assert.equal(minutes.length, 60);
    assert.equal(minutes.at(-1)?.at, noon + 99 * minute);
    assert.equal(minutes.at(-1)?.counts.notifications, 100);
    assert.equal(minutes[0]?.counts.notifications, 41);
  });

  it('has what is counted elsewhere too, and no less than nothing of it', () => {
    let sent = 100;
    const activity = new Activity(noon, () => ({ messagesOut: sent }));
    sent = 130;
    assert.equal(activity.lastMinute(noon + second).messagesOut, 30);
    sent = 0;
    assert.equal(activity.lastMinute(noon + 2 * second).messagesOut, 0);
  });
});
