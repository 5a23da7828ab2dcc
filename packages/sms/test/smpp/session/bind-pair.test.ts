import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { addDuration, milliseconds, UsageError, utf8Encode } from '@dunlin/base';
import {
  BindPair,
  type CarrierEvent,
  CommandStatus,
  MessageState,
  type OutgoingShortMessage,
  type SmppAccountOptions,
  Tag,
} from '@dunlin/sms';

import { secret, shortMessage } from '../../support/pdus.ts';
import { SessionBench, withoutJitter } from '../../support/session-bench.ts';

const device = '491700000001';

interface Bench {
  readonly pair: BindPair;
  readonly transmitter: SessionBench;
  readonly receiver: SessionBench;
  readonly events: CarrierEvent[];
}

/** A pair beside a message centre that is scripted at both binds, on virtual time. */
function pairBench(account: Partial<SmppAccountOptions> = {}): Bench {
  const benches: SessionBench[] = [];
  const options = {
    account: { systemId: 'lwm2m', password: secret('s3cret'), ...account },
    limits: { transactionsPerSecond: 1000 },
    random: withoutJitter,
  };
  const pair = new BindPair(options, (session) => {
    const bench = SessionBench.of(session);
    benches.push(bench);
    return bench.carrier;
  });
  const events: CarrierEvent[] = [];
  pair.events.subscribe((event) => events.push(event));
  const [transmitter, receiver] = benches;
  assert.ok(transmitter !== undefined && receiver !== undefined);
  return { pair, transmitter, receiver, events };
}

function upPair(): Bench {
  const bench = pairBench();
  bench.pair.start();
  bench.transmitter.bind();
  bench.receiver.bind();
  assert.deepEqual(bench.events.splice(0), [{ kind: 'up' }]);
  return bench;
}

function message(id: number): OutgoingShortMessage {
  const userData = Uint8Array.of(id);
  return { id, to: device, userData, hasHeader: false, validity: milliseconds(60_000), wantsReceipt: true };
}

function receiptOf(messageId: string): Parameters<SessionBench['deliver']>[0] {
  return {
    esmClass: 0x04,
    source: { typeOfNumber: 1, numberingPlan: 1, digits: device },
    tlvs: [
      { tag: Tag.receiptedMessageId, value: utf8Encode(`${messageId}\0`) },
      { tag: Tag.messageState, value: Uint8Array.of(MessageState.delivered) },
    ],
  };
}

describe('A transmitter and a receiver of one account (SMPP 3.4 §2.2)', () => {
  test('are up once both are bound, whichever is first', () => {
    for (const order of [
      ['transmitter', 'receiver'],
      ['receiver', 'transmitter'],
    ] as const) {
      const bench = pairBench();
      assert.deepEqual(bench.pair.status, { kind: 'stopped' });
      bench.pair.start();
      assert.deepEqual(bench.pair.status, { kind: 'connecting' });
      const [first, second] = order;
      for (const mode of order) bench[mode].run((session) => session.opened(bench[mode].now));
      assert.equal(bench[first].take('bind').mode, first);
      assert.equal(bench[second].take('bind').mode, second);
      letIn(bench[first], first);
      assert.deepEqual(bench.events, []);
      assert.deepEqual(bench.pair.status, { kind: 'connecting' });
      letIn(bench[second], second);
      assert.deepEqual(bench.events, [{ kind: 'up' }]);
      assert.equal(bench.pair.status.kind, 'bound');
    }
  });

  test('send over the one, and hear over the other what became of it', () => {
    const { pair, transmitter, receiver, events } = upPair();
    pair.submit(message(1));
    const submission = transmitter.take('submit-sm');
    transmitter.answer(submission, CommandStatus.ok, 'a1');
    receiver.deliver(receiptOf('a1'));
    assert.deepEqual(events, [
      { kind: 'accepted', id: 1, reference: 'a1' },
      { kind: 'receipt', id: 1, state: 'delivered' },
    ]);
    assert.equal(receiver.take('deliver-sm-response').commandStatus, CommandStatus.ok);
    assert.deepEqual(receiver.takeKinds(), []);
    const { submitted, accepted, receipts, unmatchedReceipts } = pair.statistics;
    assert.deepEqual([submitted, accepted, receipts, unmatchedReceipts], [1, 1, 1, 0]);
  });

  test('tell a receipt after the answer, where the other connection was faster', () => {
    const { pair, transmitter, receiver, events } = upPair();
    pair.submit(message(1));
    receiver.deliver(receiptOf('a1'));
    assert.deepEqual(events, []);
    transmitter.answer(transmitter.take('submit-sm'), CommandStatus.ok, 'a1');
    assert.deepEqual(
      events.map(({ kind }) => kind),
      ['accepted', 'receipt'],
    );
  });

  test('take messages over the receiver, and answer them there', () => {
    const { pair, transmitter, receiver, events } = upPair();
    receiver.deliver({ sequenceNumber: 7, shortMessage: Uint8Array.of(1) });
    const [received] = events;
    assert.ok(received?.kind === 'received');
    assert.deepEqual(receiver.takeKinds(), []);
    pair.acknowledge(received.message.id, 'taken');
    const answer = receiver.take('deliver-sm-response');
    assert.deepEqual([answer.sequenceNumber, answer.commandStatus], [7, CommandStatus.ok]);
    assert.deepEqual(transmitter.takeKinds(), []);
  });

  test('take no message over the transmitter', () => {
    const { transmitter, events } = upPair();
    transmitter.receive(shortMessage('deliver-sm', { sequenceNumber: 7, shortMessage: Uint8Array.of(1) }));
    assert.equal(transmitter.take('generic-nack').commandStatus, CommandStatus.invalidBindStatus);
    assert.deepEqual(events, []);
  });

  for (const [lost, other] of [
    ['transmitter', 'receiver'],
    ['receiver', 'transmitter'],
  ] as const) {
    test(`are down while the ${lost} is lost, which comes again by itself, and are up again then`, () => {
      const bench = upPair();
      bench[lost].close('gone');
      const [down] = bench.events.splice(0);
      assert.ok(down?.kind === 'down');
      assert.match(down.reason, new RegExp(`^the bind as ${lost}: .*gone`));
      assert.equal(bench.pair.trouble?.reason, down.reason);
      assert.equal(bench.pair.status.kind, 'waiting');
      bench.pair.submit(message(1));
      const reason = `the bind as ${lost} is not there`;
      assert.deepEqual(bench.events.splice(0), [{ kind: 'refused', id: 1, isTemporary: true, reason }]);
      assert.deepEqual(bench[other].takeKinds(), []);
      bench[lost].advance(1000);
      assert.deepEqual(bench[lost].streams, ['open', 'open']);
      bench[lost].bind();
      assert.deepEqual(bench.events, [{ kind: 'up' }]);
      assert.deepEqual(bench[other].streams, ['open']);
      assert.equal(bench.pair.trouble, undefined);
    });
  }

  test('say what became of a message that was submitted when the receiver was lost', () => {
    const { pair, transmitter, receiver, events } = upPair();
    pair.submit(message(1));
    receiver.close('gone');
    transmitter.answer(transmitter.take('submit-sm'), CommandStatus.ok, 'a1');
    receiver.advance(1000);
    receiver.bind();
    receiver.deliver(receiptOf('a1'));
    assert.deepEqual(
      events.map(({ kind }) => kind),
      ['down', 'accepted', 'up', 'receipt'],
    );
  });

  test('know of what an earlier process submitted', () => {
    const { pair, receiver, events } = upPair();
    const until = addDuration(receiver.now, milliseconds(60_000));
    pair.expect({ id: 41, to: device, reference: 'a1', until });
    receiver.deliver(receiptOf('a1'));
    assert.deepEqual(events, [{ kind: 'receipt', id: 41, state: 'delivered' }]);
  });

  test('say of each what is wrong with the account', () => {
    const bench = pairBench();
    bench.pair.start();
    bench.transmitter.bind();
    bench.receiver.run((session) => session.opened(bench.receiver.now));
    letIn(bench.receiver, 'receiver', CommandStatus.invalidPassword);
    const { trouble } = bench.pair;
    assert.match(trouble?.reason ?? '', /^the bind as receiver: .*password is wrong/);
    assert.equal(trouble?.isMisconfigured, true);
  });

  test('unbind both at the end, and tell nothing after it', async () => {
    const { pair, transmitter, receiver, events } = upPair();
    const disposed = pair[Symbol.asyncDispose]();
    for (const bench of [transmitter, receiver]) {
      const { sequenceNumber } = bench.take('unbind');
      bench.receive({ kind: 'unbind-response', sequenceNumber, commandStatus: 0 });
      assert.deepEqual(bench.streams, ['open', 'close']);
    }
    await disposed;
    assert.deepEqual(pair.status, { kind: 'stopped' });
    assert.deepEqual(events, []);
  });

  test('refuse an account that cannot be written into commands', () => {
    assert.throws(() => pairBench({ systemId: '' }), UsageError);
  });
});

/** Answers the bind that was sent. */
function letIn(bench: SessionBench, mode: 'transmitter' | 'receiver', commandStatus = 0): void {
  const bind = bench.takeAll().find((pdu) => pdu.kind === 'bind');
  const sequenceNumber = bind?.sequenceNumber ?? 1;
  const who = { systemId: 'centre', interfaceVersion: 0x34 };
  bench.receive({ kind: 'bind-response', mode, sequenceNumber, commandStatus, ...who });
}
