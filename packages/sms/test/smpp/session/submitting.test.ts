import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { milliseconds } from '@dunlin/base';
import { CommandStatus, type OutgoingShortMessage } from '@dunlin/sms';
import fc from 'fast-check';

import { SessionBench } from '../../support/session-bench.ts';

describe('Submitting (SMPP 3.4 §4.4)', () => {
  test('writes 8-bit data with header, validity and the wish for a receipt', () => {
    const bench = SessionBench.bound({
      account: { source: { typeOfNumber: 3, numberingPlan: 1, digits: '10690' }, serviceType: 'M2M' },
    });
    bench.submit(1, { userData: Uint8Array.of(0, 0xff), hasHeader: true, wantsReceipt: true });
    const submission = bench.take('submit-sm');
    assert.deepEqual(submission, {
      kind: 'submit-sm',
      sequenceNumber: 2,
      serviceType: 'M2M',
      source: { typeOfNumber: 3, numberingPlan: 1, digits: '10690' },
      destination: { typeOfNumber: 1, numberingPlan: 1, digits: '491700000001' },
      esmClass: 0x40,
      protocolId: 0,
      priority: 0,
      scheduleDeliveryTime: '',
      validityPeriod: '000000000500000R',
      registeredDelivery: 1,
      replaceIfPresent: 0,
      dataCoding: 4,
      predefinedMessage: 0,
      shortMessage: Uint8Array.of(0, 0xff),
      tlvs: [],
    });
    bench.answer(submission, CommandStatus.ok, '7f');
    assert.deepEqual(bench.takeEvents(), [{ kind: 'accepted', id: 1, reference: '7f' }]);
  });

  test('writes data_coding, kind of recipient and validity as the account wants them', () => {
    const bench = SessionBench.bound({
      account: {
        dataCoding: 0xf5,
        destination: { typeOfNumber: 0, numberingPlan: 0 },
        validityFormat: 'absolute',
      },
    });
    bench.submit(1);
    const { dataCoding, destination, validityPeriod, esmClass, registeredDelivery } = bench.take('submit-sm');
    assert.deepEqual(
      { dataCoding, destination, validityPeriod, esmClass, registeredDelivery },
      {
        dataCoding: 0xf5,
        destination: { typeOfNumber: 0, numberingPlan: 0, digits: '491700000001' },
        validityPeriod: '700101002140000+',
        esmClass: 0,
        registeredDelivery: 0,
      },
    );
  });

  for (const [name, fields, reason] of [
    ['141 bytes', { userData: new Uint8Array(141) }, /141 bytes/],
    ['no bytes', { userData: new Uint8Array() }, /empty/],
    ['a number with plus', { to: '+491700000001' }, /no number/],
    ['a number of two digits', { to: '11' }, /no number/],
    ['a number of sixteen digits', { to: '1234567890123456' }, /no number/],
  ] as const satisfies readonly (readonly [string, Partial<OutgoingShortMessage>, RegExp])[]) {
    test(`refuses a message with ${name} for good, itself`, () => {
      const bench = SessionBench.bound();
      bench.submit(1, fields);
      const [refused] = bench.takeEvents();
      assert.ok(refused?.kind === 'refused' && !refused.isTemporary);
      assert.match(refused.reason, reason);
      assert.deepEqual(bench.takeKinds(), []);
    });
  }

  test('refuses for the time being while there is no session, and says why there is none', () => {
    const bench = new SessionBench();
    bench.submit(1);
    bench.start();
    bench.close('ECONNREFUSED');
    bench.takeEvents().slice(1);
    bench.submit(2);
    const [refused] = bench.takeEvents();
    assert.ok(refused?.kind === 'refused' && refused.isTemporary);
    assert.match(refused.reason, /ECONNREFUSED/);
  });

  for (const [status, isTemporary] of [
    [CommandStatus.systemError, true],
    [CommandStatus.receiverTemporaryError, true],
    [CommandStatus.invalidDestinationAddress, false],
    [CommandStatus.submitFailed, false],
    [0x0000_0423, false],
  ] as const) {
    const kind = isTemporary ? 'for the time being' : 'for good';
    test(`tells that the message centre refused with 0x${status.toString(16)} ${kind}`, () => {
      const bench = SessionBench.bound();
      bench.submit(1);
      bench.answer(bench.take('submit-sm'), status);
      const [refused, ...others] = bench.takeEvents();
      assert.ok(refused?.kind === 'refused');
      assert.equal(refused.isTemporary, isTemporary);
      assert.match(refused.reason, new RegExp(`0x0?${status.toString(16)}`));
      assert.deepEqual(others, []);
      bench.advance(20_000);
      assert.deepEqual(bench.takeKinds(), []);
    });
  }

  test('takes generic_nack for a refusal (SMPP 3.4 §4.3)', () => {
    const bench = SessionBench.bound();
    bench.submit(1);
    const { sequenceNumber } = bench.take('submit-sm');
    bench.receive({
      kind: 'generic-nack',
      sequenceNumber,
      commandStatus: CommandStatus.invalidCommandLength,
    });
    assert.deepEqual(
      bench.takeEvents().map(({ kind }) => kind),
      ['refused'],
    );
  });

  test('passes over answers to nothing', () => {
    const bench = SessionBench.bound();
    bench.answer({ sequenceNumber: 99 }, CommandStatus.ok, 'x');
    bench.receive({ kind: 'generic-nack', sequenceNumber: 0, commandStatus: 3 });
    bench.submit(1);
    const submission = bench.take('submit-sm');
    bench.answer(submission, CommandStatus.ok, 'a');
    bench.answer(submission, CommandStatus.submitFailed);
    assert.deepEqual(
      bench.takeEvents().map(({ kind }) => kind),
      ['accepted'],
    );
  });
});

describe('Window and pace', () => {
  test('has at most ten submissions without answer', () => {
    const bench = SessionBench.bound();
    for (let id = 1; id <= 12; id += 1) bench.submit(id);
    bench.advance(5000);
    const sent = bench.takeAll();
    assert.equal(sent.length, 10);
    assert.deepEqual([bench.session.statistics.unanswered, bench.session.statistics.queued], [10, 2]);
    const [, , third] = sent;
    assert.ok(third !== undefined);
    bench.answer(third, CommandStatus.ok, 'c');
    assert.deepEqual(bench.takeEvents(), [{ kind: 'accepted', id: 3, reference: 'c' }]);
    assert.deepEqual(bench.take('submit-sm').shortMessage, Uint8Array.of(11));
    assert.deepEqual(bench.takeKinds(), []);
  });

  test('sends one message a second where nothing else is agreed, spread evenly', () => {
    const bench = SessionBench.bound({ limits: { transactionsPerSecond: 1 } });
    for (let id = 1; id <= 3; id += 1) bench.submit(id);
    assert.equal(bench.takeKinds().length, 1);
    bench.advance(999);
    assert.equal(bench.takeKinds().length, 0);
    bench.advance(1);
    assert.equal(bench.takeKinds().length, 1);
    bench.advance(1000);
    assert.equal(bench.takeKinds().length, 1);
  });

  test('refuses for the time being what does not fit into the queue', () => {
    const bench = SessionBench.bound({ limits: { maxQueued: 3, window: 1 } });
    for (let id = 1; id <= 5; id += 1) bench.submit(id);
    assert.deepEqual(bench.takeEvents(), [
      { kind: 'refused', id: 5, isTemporary: true, reason: 'too many messages wait to be sent' },
    ]);
  });

  test('does not send what was valid no longer than it waited, and counts the wait', () => {
    const bench = SessionBench.bound({ limits: { window: 1 } });
    bench.submit(1);
    bench.submit(2, { validity: milliseconds(5000) });
    bench.submit(3, { validity: milliseconds(60_000) });
    const first = bench.take('submit-sm');
    bench.advance(5000);
    const [refused] = bench.takeEvents();
    assert.ok(refused?.kind === 'refused' && refused.id === 2 && refused.isTemporary);
    bench.advance(15_000);
    bench.answer(first, CommandStatus.ok, 'a');
    assert.equal(bench.take('submit-sm').validityPeriod, '000000000040000R');
  });
});

describe('Throttling', () => {
  for (const status of [CommandStatus.throttled, CommandStatus.messageQueueFull]) {
    test(`pauses on 0x${status.toString(16)}, and sends the same messages again in their order`, () => {
      const bench = SessionBench.bound();
      for (let id = 1; id <= 3; id += 1) bench.submit(id);
      bench.advance(10);
      const sent = bench.takeAll();
      for (const submission of sent) bench.answer(submission, status);
      bench.advance(900);
      assert.deepEqual(bench.takeKinds(), []);
      assert.deepEqual(bench.takeEvents(), []);
      bench.advance(110);
      const again = [bench.take('submit-sm'), bench.take('submit-sm'), bench.take('submit-sm')];
      assert.deepEqual(
        again.map(({ shortMessage }) => shortMessage[0]),
        [1, 2, 3],
      );
      assert.equal(bench.session.statistics.throttled, 3);
    });
  }

  test('pauses twice as long each time, and begins anew once a message was taken', () => {
    const bench = SessionBench.bound({ limits: { enquireLinkInterval: milliseconds(3_600_000) } });
    const pauses: number[] = [];
    const pause = (): number => {
      bench.answer(bench.take('submit-sm'), CommandStatus.throttled);
      return bench.advanceToDeadline();
    };
    bench.submit(1, { validity: milliseconds(3_600_000) });
    for (let round = 0; round < 8; round += 1) pauses.push(pause());
    assert.deepEqual(pauses, [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
    bench.answer(bench.take('submit-sm'), CommandStatus.ok, 'a');
    bench.advance(1);
    bench.submit(2);
    assert.equal(pause(), 1000);
  });

  test('refuses a message for the time being that is throttled until its validity ends', () => {
    const bench = SessionBench.bound();
    bench.submit(1, { validity: milliseconds(2500) });
    bench.answer(bench.take('submit-sm'), CommandStatus.throttled);
    bench.advance(1000);
    bench.answer(bench.take('submit-sm'), CommandStatus.throttled);
    bench.advance(1500);
    const [refused] = bench.takeEvents();
    assert.ok(refused?.kind === 'refused' && refused.isTemporary);
    bench.advance(20_000);
    assert.deepEqual(bench.takeKinds(), []);
  });
});

describe('Unknown outcomes', () => {
  test('does not know of a submission without answer after 30 s, and never sends it again', () => {
    const bench = SessionBench.bound({ limits: { enquireLinkInterval: milliseconds(3_600_000) } });
    bench.submit(1);
    bench.advance(29_999);
    assert.deepEqual(bench.takeEvents(), []);
    bench.advance(1);
    assert.deepEqual(bench.takeEvents(), [
      { kind: 'unknown', id: 1, reason: 'the message centre did not answer in time' },
    ]);
    bench.advance(3_000_000);
    assert.deepEqual(bench.takeKinds(), ['submit-sm']);
  });

  test('says nothing more when the answer comes too late', () => {
    const bench = SessionBench.bound({ limits: { enquireLinkInterval: milliseconds(3_600_000) } });
    bench.submit(1);
    const submission = bench.take('submit-sm');
    bench.advance(30_000);
    bench.takeEvents();
    bench.answer(submission, CommandStatus.ok, 'a');
    bench.answer(submission, CommandStatus.throttled);
    bench.advance(10_000);
    assert.deepEqual(bench.takeEvents(), []);
    assert.deepEqual(bench.takeKinds(), []);
  });

  test('does not know of an answer that it cannot read', () => {
    const bench = SessionBench.bound();
    bench.submit(1);
    const { sequenceNumber } = bench.take('submit-sm');
    bench.receive(Uint8Array.of(0, 0, 0, 17, 0x80, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, sequenceNumber, 65));
    assert.deepEqual(
      bench.takeEvents().map(({ kind }) => kind),
      ['unknown'],
    );
  });

  test('when the stream is lost, what was written is unknown and what waited was certainly not sent', () => {
    const bench = SessionBench.bound({ limits: { window: 2 } });
    for (let id = 1; id <= 4; id += 1) bench.submit(id);
    bench.advance(10);
    bench.close('ECONNRESET');
    const events = bench.takeEvents();
    assert.deepEqual(
      events.map((event) => [event.kind, 'id' in event ? event.id : undefined]),
      [
        ['unknown', 1],
        ['unknown', 2],
        ['refused', 3],
        ['refused', 4],
        ['down', undefined],
      ],
    );
    assert.ok(events.every((event) => event.kind !== 'refused' || event.isTemporary));
    bench.takeKinds();
    bench.advance(1000);
    bench.bind();
    bench.advance(20_000);
    assert.deepEqual(bench.takeKinds(), []);
  });

  test('what the shell never took was certainly not sent, even when it was to be written', () => {
    const bench = SessionBench.bound();
    bench.session.submit(
      {
        id: 1,
        to: '491700000001',
        userData: Uint8Array.of(1),
        hasHeader: false,
        validity: milliseconds(1000),
        wantsReceipt: true,
      },
      bench.now,
    );
    bench.close();
    assert.deepEqual(
      bench.takeEvents().map(({ kind }) => kind),
      ['refused', 'down'],
    );
    assert.deepEqual(bench.takeKinds(), []);
  });

  test('says exactly one word on every message, whatever happens', () => {
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.constant('submit' as const) },
      { weight: 3, arbitrary: fc.tuple(fc.nat(12), fc.constantFrom(0, 0, 0x58, 0x14, 0x45, 0x08)) },
      { weight: 2, arbitrary: fc.integer({ min: 1, max: 40_000 }) },
      fc.constantFrom('close' as const, 'unbind' as const, 'garbage' as const),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const bench = SessionBench.bound({ limits: { window: 3, maxQueued: 5, transactionsPerSecond: 2 } });
        let id = 0;
        const unanswered: { readonly sequenceNumber: number }[] = [];
        for (const action of steps) {
          if (action === 'submit') bench.submit((id += 1), { validity: milliseconds(20_000) });
          else if (action === 'close') bench.close();
          else if (action === 'unbind') bench.receive({ kind: 'unbind', sequenceNumber: 1 });
          else if (action === 'garbage') bench.receive(Uint8Array.of(0, 0, 0, 3));
          else if (typeof action === 'number') bench.advance(action);
          else {
            const [submission] = unanswered.splice(action[0] % Math.max(1, unanswered.length), 1);
            if (submission !== undefined) bench.answer(submission, action[1], 'x');
          }
          for (const pdu of bench.takeAll()) if (pdu.kind === 'submit-sm') unanswered.push(pdu);
          if (bench.session.status.kind === 'connecting') bench.run((session) => session.opened(bench.now));
          if (bench.takeAll().some(({ kind }) => kind === 'bind')) bench.receive(accepted);
        }
        bench.run((session) => session.shutDown(bench.now));
        bench.advance(10_000);
        bench.close();
        const words = bench.events.flatMap((event) => {
          return event.kind === 'accepted' || event.kind === 'refused' || event.kind === 'unknown'
            ? event.id
            : [];
        });
        assert.deepEqual(
          words.sort((a, b) => a - b),
          Array.from({ length: id }, (_, index) => index + 1),
        );
      }),
    );
  });
});

const accepted = {
  kind: 'bind-response',
  mode: 'transceiver',
  sequenceNumber: 1,
  commandStatus: 0,
  systemId: 'bench',
  interfaceVersion: 0x34,
} as const;
