import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { describeRefusal, type LinkBudgets, type Purpose } from '@dunlin/sms';
import fc from 'fast-check';

import { device, PlayedLink } from './support.ts';

const other = '491700000002';
const hour = 3_600_000;

function linkWith(budgets: Partial<LinkBudgets>): PlayedLink {
  return new PlayedLink({ budgets: { perSecond: 1000, ...budgets } });
}

/** Which budget refuses, in words, or `sent`. */
function trySend(link: PlayedLink, length = 1, purpose: Purpose = 'request', to: string = device): string {
  const outcome = link.send(length, purpose, to);
  link.acceptAll();
  link.pass(1);
  link.acceptAll();
  if (outcome.kind === 'queued') return 'sent';
  return outcome.reason === 'budget' ? outcome.budget : describeRefusal(outcome, to);
}

describe('budgets of short messages', () => {
  it('count parts, not datagrams', () => {
    const link = linkWith({ perDevicePerDay: 3 });
    assert.deepEqual([trySend(link, 200), trySend(link, 200), trySend(link)], ['sent', 'device-day', 'sent']);
  });

  it('say in words which of them stands in the way', () => {
    const link = linkWith({ perDevicePerDay: 2, perDay: 3 });
    trySend(link);
    const forDevice = link.send(200);
    assert.ok(forDevice.kind === 'refused');
    assert.equal(
      describeRefusal(forDevice, device),
      'it takes 2 short messages, and of the budget for the number 491700000001, 2 in 24 hours, 1 is left',
    );
    trySend(link, 200, 'request', other);
    const forAll = link.send(1);
    assert.ok(forAll.kind === 'refused');
    assert.equal(
      describeRefusal(forAll, device),
      'it takes 1 short message, and of the budget for all numbers, 3 in 24 hours, 0 are left',
    );
  });

  it('hold for one number, not for others', () => {
    const link = linkWith({ perDevicePerDay: 1 });
    assert.deepEqual(
      [trySend(link), trySend(link), trySend(link, 1, 'request', other)],
      ['sent', 'device-day', 'sent'],
    );
  });

  it('stop everything at the end of the budget for all, with an alarm that is told once an hour', () => {
    const link = linkWith({ perDay: 1 });
    trySend(link);
    link.takeTold();
    assert.equal(trySend(link), 'day');
    assert.deepEqual(link.takeTold(), ['alarm day']);
    assert.equal(trySend(link, 1, 'trigger', other), 'day');
    assert.deepEqual(link.takeTold(), []);
    link.pass(hour);
    trySend(link);
    assert.ok(link.takeTold().includes('alarm day'));
  });

  it('leave what is of our own accord untouched by answers, and the other way round', () => {
    const link = linkWith({ perDay: 1, answersPerDay: 1 });
    const outcomes = (['response', 'handshake', 'request', 'notification', 'trigger'] as const).map(
      (purpose) => trySend(link, 1, purpose),
    );
    assert.deepEqual(outcomes, ['sent', 'answers-day', 'sent', 'day', 'day']);
  });

  it('hold for answers to one number', () => {
    const link = linkWith({ answersPerDevicePerDay: 1 });
    assert.deepEqual(
      [trySend(link, 1, 'response'), trySend(link, 1, 'response')],
      ['sent', 'answers-device-day'],
    );
  });

  it('hold for single purposes', () => {
    const link = linkWith({ perPurposePerDay: { trigger: 1 } });
    const outcomes = [trySend(link, 1, 'trigger'), trySend(link, 1, 'trigger'), trySend(link)];
    assert.deepEqual(outcomes, ['sent', 'purpose-day:trigger', 'sent']);
    assert.deepEqual(link.link.budgets(link.now), [
      { budget: 'day', limit: 1000, left: 998 },
      { budget: 'answers-day', limit: 200, left: 200 },
      { budget: 'purpose-day:trigger', limit: 1, left: 0 },
    ]);
  });

  it('have room again once a day has passed, and not before', () => {
    const link = linkWith({ perDevicePerDay: 1 });
    trySend(link);
    link.pass(24 * hour - 2);
    assert.equal(trySend(link), 'device-day');
    link.pass(hour + 2);
    assert.equal(trySend(link), 'sent');
  });

  it('show what is left for a number', () => {
    const link = linkWith({});
    trySend(link, 200);
    assert.deepEqual(link.link.budgetsOf(device, link.now), [
      { budget: 'device-day', limit: 20, left: 18 },
      { budget: 'answers-device-day', limit: 20, left: 20 },
    ]);
  });

  it('are never exceeded in any 24 hours, whatever is refused, lost or expires', () => {
    const acts = fc.array(
      fc.record({
        wait: fc.integer({ min: 0, max: 6 * hour }),
        length: fc.constantFrom(1, 200, 300),
        answer: fc.constantFrom('accepted', 'unknown', 'for-now', 'for-good'),
      }),
      { maxLength: 80 },
    );
    fc.assert(
      fc.property(acts, (played) => {
        const link = linkWith({ perDevicePerDay: 7, perDay: 9 });
        const spentAt: number[] = [];
        for (const { wait, length, answer } of played) {
          link.pass(wait);
          link.send(length);
          for (const { id } of link.submitted.splice(0)) {
            if (answer === 'accepted' || answer === 'unknown') spentAt.push(link.now);
            if (answer === 'accepted') link.carrier({ kind: 'accepted', id, reference: '' });
            else if (answer === 'unknown') link.carrier({ kind: 'unknown', id, reason: '' });
            else link.carrier({ kind: 'refused', id, isTemporary: answer === 'for-now', reason: '' });
          }
        }
        for (const at of spentAt) {
          assert.ok(spentAt.filter((each) => each > at - 24 * hour && each <= at).length <= 7);
        }
      }),
    );
  });
});
