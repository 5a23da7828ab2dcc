import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { StorageError } from '@dunlin/base';
import {
  describeRefusal,
  type LinkOptions,
  memoryOutbox,
  type OutboxEntry,
  type Purpose,
  type SendOutcome,
} from '@dunlin/sms';

import { device, PlayedLink } from './support.ts';

function refusalText(outcome: SendOutcome): string {
  assert.ok(outcome.kind === 'refused');
  return describeRefusal(outcome, device);
}

describe('R-920: a datagram on its way out', () => {
  it('goes as one short message of 8-bit data without a header, valid as long as it is waited for', () => {
    const link = new PlayedLink();
    link.send(140);
    const [message] = link.submitted;
    assert.ok(message !== undefined);
    assert.deepEqual([message.to, message.hasHeader, message.userData.length], [device, false, 140]);
    assert.deepEqual([message.validity, message.wantsReceipt], [300_000, true]);
  });

  it('has the validity of its purpose, and a receipt only where a failure ends a wait', () => {
    const link = new PlayedLink({ budgets: { perSecond: 1000 } });
    for (const purpose of ['trigger', 'response', 'notification', 'handshake'] as const) {
      link.send(1, purpose);
      link.pass(1);
    }
    const sent = link.submitted.map(
      ({ validity, wantsReceipt }) => `${Math.round(validity / 1000)} ${wantsReceipt}`,
    );
    assert.deepEqual(sent.toSorted(), ['130 false', '300 false', '300 true', '60 false']);
  });

  it('does not outlive its validity by the time that it waited for its turn', () => {
    const link = new PlayedLink();
    link.send(1);
    link.send(1);
    link.pass(1000);
    assert.deepEqual(
      link.submitted.map(({ validity }) => validity),
      [300_000, 299_000],
    );
  });

  it('goes in at most three parts; a longer one is refused before anything is sent', () => {
    const link = new PlayedLink();
    const outcome = link.send(3 * 134 + 1);
    assert.equal(
      refusalText(outcome),
      'it would take 4 short messages, and at most 3 are sent for one datagram',
    );
    assert.equal(link.submitted.length, 0);
    assert.deepEqual(link.states, []);
    assert.equal(link.send(3 * 134).kind, 'queued');
  });

  it('goes part by part, each only once the one before was accepted', () => {
    const link = new PlayedLink();
    link.send(300);
    link.pass(10_000);
    assert.equal(link.submitted.length, 1);
    assert.deepEqual(link.states, ['submitting 1/3']);
    link.acceptAll();
    link.acceptAll();
    link.pass(2000);
    assert.deepEqual(link.states, ['submitting 3/3']);
    link.acceptAll();
    assert.deepEqual(link.states, ['submitted 3/3']);
    const [entry] = link.link.outbox();
    assert.deepEqual(entry?.references, ['ref-1', 'ref-2', 'ref-3']);
  });

  it('is settled by the receipts of all its parts', () => {
    const link = new PlayedLink({ budgets: { perSecond: 1000 } });
    link.send(200);
    link.acceptAll();
    link.pass(1);
    link.acceptAll();
    link.carrier({ kind: 'receipt', id: 2, state: 'delivered' });
    assert.deepEqual(link.states, ['submitted 2/2']);
    link.carrier({ kind: 'receipt', id: 1, state: 'delivered' });
    assert.deepEqual(link.takeTold(), ['up', 'settled 1 delivered']);
  });

  for (const [receipt, state] of [
    ['failed', 'failed'],
    ['rejected', 'failed'],
    ['expired', 'expired'],
  ] as const) {
    it(`is ${state} at once when a receipt says that a part is ${receipt}`, () => {
      const link = new PlayedLink({ budgets: { perSecond: 1000 } });
      link.send(200);
      link.acceptAll();
      link.pass(1);
      link.carrier({ kind: 'receipt', id: 1, state: receipt });
      link.acceptAll();
      assert.deepEqual(link.takeTold(), ['up', `settled 1 ${state}`]);
      assert.deepEqual(link.states, [`${state} 2/2`]);
    });
  }

  it('is settled as submitted when no receipt comes until a minute after its validity', () => {
    const link = new PlayedLink();
    link.send(1);
    link.acceptAll();
    link.pass(359_999);
    assert.deepEqual(link.takeTold(), ['up']);
    link.pass(1);
    assert.deepEqual(link.takeTold(), ['settled 1 submitted']);
    link.carrier({ kind: 'receipt', id: 1, state: 'failed' });
    assert.deepEqual([link.takeTold(), link.link.deadline], [[], undefined]);
  });

  it('is settled with its acceptance when no receipt was asked for', () => {
    const link = new PlayedLink();
    link.send(1, 'response');
    link.acceptAll();
    assert.deepEqual(link.takeTold(), ['up', 'settled 1 submitted']);
  });

  it('is never sent again when its outcome is unknown', () => {
    const link = new PlayedLink();
    link.send(1);
    link.carrier({ kind: 'unknown', id: 1, reason: 'no response from the centre' });
    link.pass(3_600_000);
    assert.deepEqual([link.states, link.submitted.length], [['unknown 1/1'], 1]);
  });

  it('fails when the outcome of a part is unknown that others would have followed', () => {
    const link = new PlayedLink();
    link.send(200);
    link.carrier({ kind: 'unknown', id: 1, reason: 'no response from the centre' });
    assert.deepEqual([link.states, link.takeTold()], [['failed 1/2'], ['up', 'settled 1 failed']]);
  });

  it('waits longer and longer where the centre refuses it for now, and costs nothing until accepted', () => {
    const link = new PlayedLink();
    link.send(1);
    const waits: number[] = [];
    for (let attempt = 1; attempt <= 6; attempt += 1) {
      link.carrier({ kind: 'refused', id: attempt, isTemporary: true, reason: 'throttled' });
      assert.deepEqual(link.states, ['queued 0/1']);
      const before = link.now;
      waits.push((link.link.deadline ?? before) - before);
      link.pass((link.link.deadline ?? before) - before);
    }
    assert.deepEqual(waits, [5000, 10_000, 20_000, 40_000, 60_000, 60_000]);
    link.acceptAll();
    assert.deepEqual(link.states, ['submitted 1/1']);
  });

  it('fails at once where the centre refuses it for good, without cost', () => {
    const link = new PlayedLink({ budgets: { perDevicePerDay: 2 } });
    link.send(200);
    link.carrier({ kind: 'refused', id: 1, isTemporary: false, reason: 'no such number' });
    assert.deepEqual([link.states, link.takeTold()], [['failed 0/2'], ['up', 'settled 1 failed']]);
    assert.equal(link.send(200).kind, 'queued');
  });

  it('waits while the carrier is down, and is given up when its time is over', () => {
    const link = new PlayedLink();
    link.carrier({ kind: 'down', reason: 'connection lost' });
    link.send(1);
    link.pass(1000);
    assert.equal(link.submitted.length, 0);
    link.carrier({ kind: 'up' });
    assert.equal(link.submitted.length, 1);
    link.carrier({ kind: 'down', reason: 'connection lost' });
    link.send(1);
    link.pass(300_000);
    assert.deepEqual(link.states, ['submitting 1/1', 'expired 0/1']);
  });

  it('is refused when 1,000 wait already', () => {
    const link = new PlayedLink({ budgets: { perDevicePerDay: 10_000, perDay: 10_000 } });
    link.carrier({ kind: 'down', reason: 'connection lost' });
    for (let count = 0; count < 1000; count += 1) assert.equal(link.send(1).kind, 'queued');
    assert.equal(refusalText(link.send(1)), '1000 datagrams wait to be sent as short messages already');
  });

  it('leaves a second between short messages, and has at most ten with the carrier', () => {
    const link = new PlayedLink();
    for (let count = 0; count < 12; count += 1) link.send(1);
    const counts = [0, 999, 1, 1000, 60_000].map((wait) => {
      link.pass(wait);
      return link.submitted.length;
    });
    assert.deepEqual(counts, [1, 1, 2, 3, 10]);
  });

  it('takes turns between what we want and what others cause', () => {
    const link = new PlayedLink();
    for (let count = 0; count < 4; count += 1) link.send(1, 'response');
    link.send(2, 'trigger');
    link.pass(1000);
    assert.deepEqual(
      link.submitted.map(({ userData }) => userData.length),
      [1, 2],
    );
  });
});

describe('R-920: what outlives a restart', () => {
  function restarted(play: (link: PlayedLink) => void): PlayedLink {
    const link = new PlayedLink({ outbox: memoryOutbox(), budgets: { perDevicePerDay: 3 } });
    play(link);
    link.restart();
    return link;
  }

  it('is that a message which may have been sent is unknown, and is not sent again', () => {
    const link = restarted((before) => before.send(1));
    link.pass(3_600_000);
    assert.deepEqual([link.states, link.submitted.length], [['unknown 1/1'], 0]);
  });

  it('is that a message which was not sent has failed, as nobody waits for its answer', () => {
    const link = restarted((before) => {
      before.carrier({ kind: 'down', reason: 'connection lost' });
      before.send(1);
    });
    link.pass(3_600_000);
    assert.deepEqual([link.states, link.submitted.length], [['failed 0/1'], 0]);
  });

  it('is what was spent of the budgets', () => {
    const link = restarted((before) => {
      before.send(200);
      before.acceptAll();
    });
    assert.equal(link.send(200).kind, 'queued');
    assert.equal(link.send(1).kind, 'refused');
  });

  it('is the order of entries', () => {
    const link = restarted((before) => before.send(1));
    link.send(1);
    assert.deepEqual(
      link.link.outbox().map(({ id }) => id),
      [1, 2],
    );
  });

  it('is noted before it goes to the carrier', () => {
    const noted: string[] = [];
    const outbox = memoryOutbox();
    const put = (entry: OutboxEntry): void => {
      noted.push(entry.state);
      outbox.put(entry);
    };
    const link = new PlayedLink({ outbox: { ...outbox, put } });
    link.send(1);
    assert.deepEqual([noted, link.submitted.length], [['queued', 'submitting'], 1]);
  });

  it('is not sent when it cannot be noted, and costs nothing', () => {
    const outbox = memoryOutbox();
    let isFull = false;
    const put = (entry: OutboxEntry): void => {
      if (isFull) throw new StorageError('the disk is full');
      outbox.put(entry);
    };
    const link = new PlayedLink({ outbox: { ...outbox, put }, budgets: { perDevicePerDay: 1 } });
    link.carrier({ kind: 'down', reason: 'connection lost' });
    link.send(1);
    isFull = true;
    link.carrier({ kind: 'up' });
    assert.equal(link.submitted.length, 0);
    assert.deepEqual(link.states, ['failed 0/1']);
    assert.equal(refusalText(link.send(1)), 'what is sent cannot be noted, and so nothing is sent');
    assert.ok(link.takeTold().includes('store-failed'));
    isFull = false;
    assert.equal(link.send(1).kind, 'queued');
    assert.equal(link.submitted.length, 1);
  });

  it('is forgotten after a day', () => {
    const outbox = memoryOutbox();
    const link = new PlayedLink({ outbox });
    link.send(1);
    link.acceptAll();
    link.pass(26 * 3_600_000);
    link.send(1);
    assert.deepEqual(
      [...outbox.load()].map(({ id }) => id),
      [2],
    );
  });
});

describe('a receipt of what an earlier process sent', () => {
  /** Three short messages, which the message centre calls ref-1 to ref-3. */
  function threeParts(options: Partial<LinkOptions> = {}): PlayedLink {
    const link = new PlayedLink({ outbox: memoryOutbox(), ...options });
    sendAccepted(link, 300);
    return link;
  }

  function sendAccepted(link: PlayedLink, length: number, purpose: Purpose = 'request'): void {
    link.send(length, purpose);
    for (let part = 0; part < 3; part += 1) {
      link.acceptAll();
      link.pass(1000);
    }
  }

  function delivered(link: PlayedLink, ids: readonly number[]): void {
    for (const id of ids) link.carrier({ kind: 'receipt', id, state: 'delivered' });
  }

  it('is awaited by the name that the message centre gave, and tells what became of it', () => {
    const link = threeParts();
    link.restart();
    const awaited = link.link.awaitedReceipts();
    assert.deepEqual(
      awaited.map(({ to, reference }) => [to, reference]),
      [
        [device, 'ref-1'],
        [device, 'ref-2'],
        [device, 'ref-3'],
      ],
    );
    const ids = awaited.map(({ id }) => id);
    link.send(1);
    assert.ok(link.submitted.every(({ id }) => !ids.includes(id)));
    delivered(link, ids.slice(0, 2));
    assert.deepEqual(link.states, ['submitted 3/3', 'submitting 1/1']);
    delivered(link, ids.slice(2));
    assert.deepEqual(link.states, ['delivered 3/3', 'submitting 1/1']);
  });

  it('says that it failed', () => {
    const link = threeParts();
    link.restart();
    const [first] = link.link.awaitedReceipts();
    link.carrier({ kind: 'receipt', id: first?.id ?? 0, state: 'expired' });
    assert.deepEqual(link.states, ['expired 3/3']);
    assert.deepEqual(link.link.awaitedReceipts(), []);
  });

  it('is awaited of those parts only whose receipt did not come before', () => {
    const link = threeParts();
    delivered(link, [2]);
    link.restart();
    const awaited = link.link.awaitedReceipts();
    assert.deepEqual(
      awaited.map(({ reference }) => reference),
      ['ref-1', 'ref-3'],
    );
    delivered(
      link,
      awaited.map(({ id }) => id),
    );
    assert.deepEqual(link.states, ['delivered 3/3']);
  });

  it('is awaited as long as it would have been without the restart: a minute after its validity', () => {
    const link = threeParts();
    link.pass(300_000 + 60_000 - 3000 - 1);
    link.restart();
    const [first] = link.link.awaitedReceipts();
    assert.equal(first?.until, link.now + 1);
    link.pass(1);
    assert.deepEqual(link.link.awaitedReceipts(), []);
    delivered(link, [first.id]);
    assert.deepEqual(link.states, ['submitted 3/3']);
    link.restart();
    assert.deepEqual(link.link.awaitedReceipts(), []);
  });

  it('is not awaited where none was asked for', () => {
    const link = new PlayedLink({ outbox: memoryOutbox() });
    sendAccepted(link, 1, 'response');
    link.restart();
    assert.deepEqual([link.states, link.link.awaitedReceipts()], [['submitted 1/1'], []]);
  });

  it('is awaited of the latest datagrams only, where they are too many', () => {
    const link = threeParts({ limits: { maxAwaited: 1 } });
    sendAccepted(link, 1);
    link.restart();
    assert.deepEqual(
      link.link.awaitedReceipts().map(({ reference }) => reference),
      ['ref-4'],
    );
    assert.deepEqual(
      link.link.outbox().map(({ id }) => id),
      [1, 2],
    );
  });
});
