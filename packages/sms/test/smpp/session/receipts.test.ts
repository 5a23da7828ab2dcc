import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { addDuration, milliseconds, utf8Encode } from '@dunlin/base';
import { CommandStatus, MessageState, Tag } from '@dunlin/sms';

import { SessionBench } from '../../support/session-bench.ts';

const device = { typeOfNumber: 1, numberingPlan: 1, digits: '491700000001' };

/** A receipt in the parameters, as a modern message centre sends it. */
function receipt(
  messageId: string,
  state: number,
  from = device.digits,
): Parameters<SessionBench['deliver']>[0] {
  return {
    sequenceNumber: 500,
    esmClass: 0x04,
    dataCoding: 0,
    source: { ...device, digits: from },
    tlvs: [
      { tag: Tag.receiptedMessageId, value: utf8Encode(`${messageId}\0`) },
      { tag: Tag.messageState, value: Uint8Array.of(state) },
    ],
  };
}

/** A receipt in the text, as the older ones do. */
function textReceipt(text: string): Parameters<SessionBench['deliver']>[0] {
  return {
    sequenceNumber: 500,
    esmClass: 0x04,
    dataCoding: 0,
    source: device,
    shortMessage: utf8Encode(text),
  };
}

const wanted = { wantsReceipt: true } as const;

describe('Receipts (SMPP 3.4 §2.11, appendix B)', () => {
  test('tells what became of a message, by its name, and answers the receipt', () => {
    const bench = SessionBench.bound();
    bench.submitAccepted(1, 'a1', wanted);
    bench.submitAccepted(2, 'a2', wanted);
    bench.deliver(receipt('a2', MessageState.delivered));
    assert.deepEqual(bench.takeEvents(), [{ kind: 'receipt', id: 2, state: 'delivered' }]);
    assert.equal(bench.take('deliver-sm-response').commandStatus, CommandStatus.ok);
    bench.deliver(receipt('a1', MessageState.expired));
    assert.deepEqual(bench.takeEvents(), [{ kind: 'receipt', id: 1, state: 'expired' }]);
  });

  for (const [name, given, said] of [
    ['as hexadecimal of the decimal name', '6699', '1a2b'],
    ['as decimal of the hexadecimal name', '1A2B', '6699'],
    ['with leading zeros and in capitals', '1a2b', '00001A2B'],
    ['of 64 bits', 'ffffffffffffffff', '18446744073709551615'],
  ] as const) {
    test(`knows a name ${name}`, () => {
      const bench = SessionBench.bound();
      bench.submitAccepted(1, 'zzz', wanted);
      bench.submitAccepted(2, given, wanted);
      bench.deliver(textReceipt(`id:${said} sub:001 dlvrd:001 stat:DELIVRD err:000`));
      assert.deepEqual(bench.takeEvents(), [{ kind: 'receipt', id: 2, state: 'delivered' }]);
    });
  }

  test('takes another notation only for a message to the same number', () => {
    const bench = SessionBench.bound();
    bench.submitAccepted(1, '10', { ...wanted, to: '491700000002' });
    bench.deliver(receipt('16', MessageState.delivered));
    assert.deepEqual(bench.takeEvents(), []);
    assert.equal(bench.session.statistics.unmatchedReceipts, 1);
  });

  test('finds the message by its name when the network writes the number in another way', () => {
    const bench = SessionBench.bound();
    bench.submitAccepted(1, 'a1', wanted);
    bench.deliver(receipt('a1', MessageState.delivered, '01700000001'));
    assert.deepEqual(bench.takeEvents(), [{ kind: 'receipt', id: 1, state: 'delivered' }]);
  });

  test('takes the oldest message to the number where the name is of no use (as osmo-msc names all alike)', () => {
    const bench = SessionBench.bound();
    bench.submitAccepted(1, 'msg_id_not_implemented', { ...wanted, to: '491700000002' });
    bench.submitAccepted(2, 'msg_id_not_implemented', wanted);
    bench.submitAccepted(3, 'msg_id_not_implemented', wanted);
    bench.deliver(textReceipt('id:00000003 stat:DELIVRD'));
    bench.deliver(textReceipt('id:00000004 stat:UNDELIV'));
    assert.deepEqual(bench.takeEvents(), [
      { kind: 'receipt', id: 2, state: 'delivered' },
      { kind: 'receipt', id: 3, state: 'failed' },
    ]);
  });

  test('takes the oldest message to the number where the receipt has no name', () => {
    const bench = SessionBench.bound();
    bench.submitAccepted(1, 'a', wanted);
    bench.deliver(textReceipt('stat:REJECTD'));
    assert.deepEqual(bench.takeEvents(), [{ kind: 'receipt', id: 1, state: 'rejected' }]);
  });

  test('does not guess once names are known to be meant: the receipt is about a forgotten message', () => {
    const bench = SessionBench.bound();
    for (const [id, name] of [
      [1, 'a'],
      [2, 'b'],
    ] as const) {
      bench.submitAccepted(id, name, wanted);
    }
    bench.deliver(receipt('a', MessageState.delivered));
    bench.takeEvents();
    bench.deliver(receipt('x', MessageState.undeliverable));
    assert.deepEqual(bench.takeEvents(), []);
    bench.deliver(receipt('b', MessageState.delivered));
    assert.deepEqual(bench.takeEvents(), [{ kind: 'receipt', id: 2, state: 'delivered' }]);
  });

  test('tells a receipt that overtook the answer after the answer', () => {
    const bench = SessionBench.bound();
    bench.submit(1, wanted);
    const submission = bench.take('submit-sm');
    bench.deliver(receipt('a1', MessageState.delivered));
    assert.deepEqual(bench.takeEvents(), []);
    bench.answer(submission, CommandStatus.ok, 'a1');
    assert.deepEqual(bench.takeEvents(), [
      { kind: 'accepted', id: 1, reference: 'a1' },
      { kind: 'receipt', id: 1, state: 'delivered' },
    ]);
  });

  test('tells the same receipt once', () => {
    const bench = SessionBench.bound();
    bench.submitAccepted(1, 'a1', wanted);
    bench.deliver(receipt('a1', MessageState.delivered));
    bench.deliver(receipt('a1', MessageState.delivered));
    assert.deepEqual(
      bench.takeEvents().map(({ kind }) => kind),
      ['receipt'],
    );
    assert.equal(bench.session.statistics.unmatchedReceipts, 1);
  });

  test('passes over news that are not the last word (SMPP 3.4 §5.2.28)', () => {
    const bench = SessionBench.bound();
    bench.submitAccepted(1, 'a1', wanted);
    for (const state of [MessageState.enroute, MessageState.accepted, MessageState.unknown]) {
      bench.deliver(receipt('a1', state));
    }
    bench.deliver({ ...receipt('a1', MessageState.delivered), esmClass: 0x20 });
    assert.deepEqual(bench.takeEvents(), []);
    assert.equal(bench.takeKinds().length, 4);
    bench.deliver(receipt('a1', MessageState.delivered));
    assert.equal(bench.takeEvents().length, 1);
  });

  test('drops a receipt that says nothing', () => {
    const bench = SessionBench.bound();
    bench.submitAccepted(1, 'a1', wanted);
    bench.deliver(textReceipt('thank you'));
    assert.deepEqual(bench.takeEvents(), [{ kind: 'dropped', reason: 'it is a receipt that says nothing' }]);
  });

  test('gives no receipt to a message that wants none, or that was refused', () => {
    const bench = SessionBench.bound();
    bench.submitAccepted(1, 'a1');
    bench.advance(1);
    bench.submit(2, wanted);
    bench.answer(bench.take('submit-sm'), CommandStatus.submitFailed);
    bench.takeEvents();
    bench.deliver(receipt('a1', MessageState.delivered));
    assert.deepEqual(bench.takeEvents(), []);
  });

  test('tells the receipt of a message whose outcome was unknown, after a reconnection too', () => {
    const bench = SessionBench.bound();
    bench.submit(1, wanted);
    bench.takeKinds();
    bench.close();
    bench.advance(1000);
    bench.takeEvents();
    bench.bind();
    bench.deliver(receipt('a1', MessageState.delivered));
    assert.deepEqual(bench.takeEvents(), [{ kind: 'receipt', id: 1, state: 'delivered' }]);
  });

  test('learns the name of a message from an answer that is late', () => {
    const bench = SessionBench.bound({ limits: { enquireLinkInterval: milliseconds(3_600_000) } });
    bench.submitAccepted(7, 'known', wanted);
    bench.deliver(receipt('known', MessageState.delivered));
    bench.submit(1, wanted);
    bench.advance(10);
    bench.takeKinds();
    bench.submit(2, { ...wanted, to: '491700000002' });
    const second = bench.take('submit-sm');
    bench.advance(30_000);
    bench.takeEvents();
    bench.answer(second, CommandStatus.ok, 'late');
    bench.deliver(receipt('late', MessageState.delivered, '491700000002'));
    assert.deepEqual(bench.takeEvents(), [{ kind: 'receipt', id: 2, state: 'delivered' }]);
  });

  test('awaits a receipt for an hour longer than the message is valid', () => {
    const bench = SessionBench.bound({ limits: { enquireLinkInterval: milliseconds(36_000_000) } });
    bench.submitAccepted(1, 'a1', { ...wanted, validity: milliseconds(60_000) });
    bench.submitAccepted(2, 'a2', { ...wanted, validity: milliseconds(61_000) });
    bench.advance(3_660_000);
    bench.deliver(receipt('a1', MessageState.expired));
    bench.deliver(receipt('a2', MessageState.expired));
    assert.deepEqual(bench.takeEvents(), [{ kind: 'receipt', id: 2, state: 'expired' }]);
  });

  test('forgets the oldest message when receipts of too many are awaited', () => {
    const bench = SessionBench.bound({ limits: { maxAwaitedReceipts: 2 } });
    for (let id = 1; id <= 4; id += 1) bench.submitAccepted(id, `a${id}`, wanted);
    for (let id = 1; id <= 4; id += 1) bench.deliver(receipt(`a${id}`, MessageState.delivered));
    const told = bench.takeEvents().map((event) => (event.kind === 'receipt' ? event.id : event.kind));
    assert.ok(!told.includes(1) && told.includes(4));
    assert.ok(told.length <= 3);
  });
});

describe('Receipts of what an earlier process submitted', () => {
  const until = addDuration(new SessionBench().now, milliseconds(20_000));

  function expecting(...references: readonly string[]): SessionBench {
    const bench = new SessionBench();
    for (const [index, reference] of references.entries())
      bench.run((session) => session.expect({ id: 41 + index, to: device.digits, reference, until }));
    bench.start();
    bench.bind();
    return bench;
  }

  test('are known by the name that it was told, in whatever notation', () => {
    const bench = expecting('a1', '2f');
    bench.deliver(receipt('a1', MessageState.delivered));
    bench.deliver(textReceipt('id:47 stat:UNDELIV'));
    assert.deepEqual(bench.takeEvents(), [
      { kind: 'receipt', id: 41, state: 'delivered' },
      { kind: 'receipt', id: 42, state: 'failed' },
    ]);
  });

  test('are known by the number where the message centre gives no name', () => {
    const bench = expecting('');
    bench.deliver(receipt('', MessageState.delivered));
    assert.deepEqual(bench.takeEvents(), [{ kind: 'receipt', id: 41, state: 'delivered' }]);
  });

  test('are nobody’s once nobody waits for them', () => {
    const bench = expecting('a1');
    bench.advance(20_000);
    bench.deliver(receipt('a1', MessageState.delivered));
    assert.deepEqual(bench.takeEvents(), []);
    assert.equal(bench.session.statistics.unmatchedReceipts, 1);
  });
});
