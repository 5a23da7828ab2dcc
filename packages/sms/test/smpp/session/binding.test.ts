import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { inspect } from 'node:util';

import { DunlinError, milliseconds, seededRandom, UsageError } from '@dunlin/base';
import { CommandStatus, type Pdu, SmppSession } from '@dunlin/sms';

import { comparable, secret } from '../../support/pdus.ts';
import { SessionBench, withoutJitter } from '../../support/session-bench.ts';

describe('Binding (SMPP 3.4 §4.1)', () => {
  test('opens the stream, binds with the account as SMPP 3.4, and is up', () => {
    const bench = new SessionBench({ account: { systemType: 'm2m' } });
    bench.start();
    assert.deepEqual(bench.streams, ['open']);
    bench.run((session) => session.opened(bench.now));
    const bind = bench.take('bind');
    assert.deepEqual(comparable(bind), {
      kind: 'bind',
      mode: 'transceiver',
      sequenceNumber: 1,
      systemId: 'lwm2m',
      password: [...new TextEncoder().encode('s3cret')],
      systemType: 'm2m',
      interfaceVersion: 0x34,
      addressRange: { typeOfNumber: 0, numberingPlan: 0, digits: '' },
    });
    assert.deepEqual(bench.takeEvents(), []);
    bench.receive(bindResponse(CommandStatus.ok));
    assert.deepEqual(bench.takeEvents(), [{ kind: 'up' }]);
    assert.deepEqual(bench.session.status, { kind: 'bound', since: bench.now, messageCentre: 'centre' });
    assert.equal(bench.session.trouble, undefined);
  });

  for (const mode of ['receiver', 'transmitter'] as const) {
    test(`binds as ${mode} where the account says so`, () => {
      const bench = new SessionBench({ account: { bindMode: mode } });
      bench.start();
      bench.bind();
      bench.submit(1);
      const events = bench.takeEvents();
      assert.equal(events.length, mode === 'receiver' ? 1 : 0);
      assert.equal(bench.takeKinds().length, mode === 'receiver' ? 0 : 1);
    });
  }

  for (const [status, words] of [
    [CommandStatus.invalidPassword, /password is wrong.*0x0e/],
    [CommandStatus.invalidSystemId, /system id is not known.*0x0f/],
    [CommandStatus.bindFailed, /the bind failed.*0x0d/],
  ] as const) {
    test(`takes a refusal with 0x0${status.toString(16)} for a mistake in the account, and tries rarely`, () => {
      const bench = new SessionBench();
      bench.start();
      bench.run((session) => session.opened(bench.now));
      bench.take('bind');
      bench.receive(bindResponse(status));
      const [down, ...others] = bench.takeEvents();
      assert.ok(down?.kind === 'down');
      assert.match(down.reason, words);
      assert.deepEqual(others, []);
      assert.deepEqual(bench.streams, ['open', 'close']);
      const { status: state } = bench.session;
      assert.ok(state.kind === 'waiting' && state.isMisconfigured);
      assert.equal(bench.session.trouble, state);
      bench.advance(299_999);
      assert.deepEqual(bench.streams, ['open', 'close']);
      bench.advance(1);
      assert.deepEqual(bench.streams, ['open', 'close', 'open']);
    });
  }

  test('takes any other refusal for one that passes, and tries soon', () => {
    const bench = new SessionBench();
    bench.start();
    bench.run((session) => session.opened(bench.now));
    bench.receive(bindResponse(CommandStatus.alreadyBound));
    const { status } = bench.session;
    assert.ok(status.kind === 'waiting' && !status.isMisconfigured);
    assert.equal(status.retryAt, bench.now + 1000);
  });

  for (const [name, answer] of [
    ['generic_nack', { kind: 'generic-nack', sequenceNumber: 1, commandStatus: 3 }],
    ['an answer that cannot be read', Uint8Array.of(0, 0, 0, 17, 0x80, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 1, 65)],
  ] as const) {
    test(`tries again after ${name} to the bind`, () => {
      const bench = new SessionBench();
      bench.start();
      bench.run((session) => session.opened(bench.now));
      bench.receive(answer);
      assert.equal(bench.session.status.kind, 'waiting');
      assert.equal(bench.takeEvents()[0]?.kind, 'down');
    });
  }

  test('gives up on a bind without an answer after 30 s', () => {
    const bench = new SessionBench();
    bench.start();
    bench.run((session) => session.opened(bench.now));
    bench.advance(29_999);
    assert.deepEqual(bench.takeEvents(), []);
    bench.advance(1);
    assert.equal(bench.takeEvents()[0]?.kind, 'down');
    assert.deepEqual(bench.streams, ['open', 'close']);
  });

  test('gives up on a stream that does not open after 30 s', () => {
    const bench = new SessionBench();
    bench.start();
    bench.advance(30_000);
    assert.deepEqual(bench.streams, ['open', 'close']);
  });

  test('refuses outbind and other commands for message centres (SMPP 3.4 §2.2.1)', () => {
    const bench = SessionBench.bound();
    bench.receive({ kind: 'outbind', sequenceNumber: 5, systemId: 'x', password: secret('y') });
    assert.deepEqual(bench.take('generic-nack'), {
      kind: 'generic-nack',
      sequenceNumber: 5,
      commandStatus: CommandStatus.invalidBindStatus,
    });
    assert.equal(bench.session.status.kind, 'bound');
  });

  test('refuses messages that come before the answer to the bind', () => {
    const bench = new SessionBench();
    bench.start();
    bench.run((session) => session.opened(bench.now));
    bench.take('bind');
    bench.deliver({ sequenceNumber: 3, shortMessage: Uint8Array.of(1) });
    assert.equal(bench.take('generic-nack').commandStatus, CommandStatus.invalidBindStatus);
    assert.deepEqual(bench.takeEvents(), []);
  });
});

describe('Reconnecting', () => {
  test('waits 1 s, then twice as long each time, at most 60 s', () => {
    const bench = new SessionBench();
    bench.start();
    const waits: number[] = [];
    for (let attempt = 0; attempt < 9; attempt += 1) {
      bench.close('refused');
      waits.push(bench.advanceToDeadline());
    }
    assert.deepEqual(waits, [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]);
  });

  test('shortens each wait by up to a half at random', () => {
    const waits = new Set<number>();
    for (let seed = 0; seed < 50; seed += 1) {
      const bench = new SessionBench({ random: seededRandom(seed) });
      bench.start();
      bench.close();
      const wait = (bench.session.deadline ?? 0) - bench.now;
      assert.ok(wait > 500 && wait <= 1000);
      waits.add(wait);
    }
    assert.ok(waits.size > 40);
  });

  test('tells once why it cannot reach the message centre, not at every attempt', () => {
    const bench = new SessionBench();
    bench.start();
    for (let attempt = 0; attempt < 5; attempt += 1) {
      bench.close('ECONNREFUSED');
      bench.advanceToDeadline();
    }
    bench.close('ETIMEDOUT');
    const reasons = bench.takeEvents().map((event) => (event.kind === 'down' ? event.reason : event.kind));
    assert.deepEqual(reasons, [
      'the message centre cannot be reached: ECONNREFUSED',
      'the message centre cannot be reached: ETIMEDOUT',
    ]);
  });

  test('begins with 1 s again after a session that lasted', () => {
    const bench = new SessionBench();
    bench.start();
    for (let attempt = 0; attempt < 4; attempt += 1) {
      bench.close();
      bench.advanceToDeadline();
    }
    bench.takeEvents();
    bench.bind();
    bench.advance(29_000);
    bench.receive({ kind: 'enquire-link', sequenceNumber: 1 });
    bench.advance(29_000);
    bench.receive({ kind: 'enquire-link', sequenceNumber: 2 });
    bench.advance(2000);
    bench.close();
    assert.equal((bench.session.deadline ?? 0) - bench.now, 1000);
  });

  test('does not begin with 1 s again where each session is lost at once', () => {
    const bench = new SessionBench();
    bench.start();
    const waits: number[] = [];
    for (let attempt = 0; attempt < 4; attempt += 1) {
      bench.bind();
      bench.close();
      waits.push(bench.advanceToDeadline());
      bench.takeEvents();
    }
    assert.deepEqual(waits, [1000, 2000, 4000, 8000]);
  });

  test('answers unbind of the message centre and comes again (SMPP 3.4 §4.2)', () => {
    const bench = SessionBench.bound();
    bench.receive({ kind: 'unbind', sequenceNumber: 77 });
    assert.deepEqual(bench.take('unbind-response'), {
      kind: 'unbind-response',
      sequenceNumber: 77,
      commandStatus: 0,
    });
    assert.deepEqual(bench.takeEvents(), [{ kind: 'down', reason: 'the message centre ended the session' }]);
    bench.advance(1000);
    assert.deepEqual(bench.streams, ['open', 'close', 'open']);
  });

  test('counts its commands from 1 on each stream (SMPP 3.4 §5.1.4)', () => {
    const bench = SessionBench.bound();
    bench.submit(1);
    assert.equal(bench.take('submit-sm').sequenceNumber, 2);
    bench.close();
    bench.takeEvents();
    bench.advance(1000);
    bench.bind();
    bench.submit(2);
    assert.equal(bench.take('submit-sm').sequenceNumber, 2);
  });
});

describe('Watching the link (SMPP 3.4 §4.11)', () => {
  test('asks after 30 s of silence, and closes after 10 s more', () => {
    const bench = SessionBench.bound();
    bench.advance(29_999);
    assert.deepEqual(bench.takeKinds(), []);
    bench.advance(1);
    assert.deepEqual(bench.takeKinds(), ['enquire-link']);
    bench.advance(9999);
    assert.deepEqual(bench.takeEvents(), []);
    bench.advance(1);
    assert.deepEqual(bench.takeEvents(), [{ kind: 'down', reason: 'the message centre is silent' }]);
    assert.deepEqual(bench.streams, ['open', 'close']);
  });

  test('is content with the answer', () => {
    const bench = SessionBench.bound();
    for (let round = 0; round < 10; round += 1) {
      bench.advance(30_000);
      const { sequenceNumber } = bench.take('enquire-link');
      bench.receive({ kind: 'enquire-link-response', sequenceNumber, commandStatus: 0 });
    }
    assert.deepEqual(bench.takeEvents(), []);
  });

  test('answers when it is asked', () => {
    const bench = SessionBench.bound();
    bench.receive({ kind: 'enquire-link', sequenceNumber: 0x7fff_ffff });
    assert.deepEqual(bench.take('enquire-link-response'), {
      kind: 'enquire-link-response',
      sequenceNumber: 0x7fff_ffff,
      commandStatus: 0,
    });
  });
});

describe('Shutting down', () => {
  test('waits for answers, unbinds, and closes once the message centre knows (SMPP 3.4 §4.2)', () => {
    const bench = SessionBench.bound();
    bench.submit(1);
    const submission = bench.take('submit-sm');
    bench.run((session) => session.shutDown(bench.now));
    assert.deepEqual(bench.takeKinds(), []);
    bench.answer(submission, 0, 'a');
    assert.deepEqual(bench.takeEvents(), [{ kind: 'accepted', id: 1, reference: 'a' }]);
    const { sequenceNumber } = bench.take('unbind');
    bench.receive({ kind: 'unbind-response', sequenceNumber, commandStatus: 0 });
    assert.deepEqual(bench.streams, ['open', 'close']);
    assert.deepEqual(bench.session.status, { kind: 'stopped' });
    assert.equal(bench.session.deadline, undefined);
  });

  test('does not wait for ever, and what is unanswered is unknown', () => {
    const bench = SessionBench.bound();
    bench.submit(1);
    bench.run((session) => session.shutDown(bench.now));
    bench.advance(2500);
    assert.deepEqual(bench.takeKinds(), ['submit-sm', 'unbind']);
    bench.advance(1500);
    assert.deepEqual(
      bench.takeEvents().map(({ kind }) => kind),
      ['unknown'],
    );
    assert.deepEqual(bench.streams, ['open', 'close']);
    assert.deepEqual(bench.session.status, { kind: 'stopped' });
  });

  test('has the message centre bring again what nobody acknowledged', () => {
    const bench = SessionBench.bound();
    bench.deliver({ sequenceNumber: 9, shortMessage: Uint8Array.of(1) });
    bench.run((session) => session.shutDown(bench.now));
    const answer = bench.take('deliver-sm-response');
    assert.deepEqual(
      [answer.sequenceNumber, answer.commandStatus],
      [9, CommandStatus.receiverTemporaryError],
    );
    bench.take('unbind');
  });

  test('gives up a stream that is being opened, and the wait for the next attempt', () => {
    const opening = new SessionBench();
    opening.start();
    opening.run((session) => session.shutDown(opening.now));
    assert.deepEqual(opening.streams, ['open', 'close']);
    assert.deepEqual(opening.session.status, { kind: 'stopped' });
    const waiting = new SessionBench();
    waiting.start();
    waiting.close();
    waiting.run((session) => session.shutDown(waiting.now));
    assert.deepEqual(waiting.session.status, { kind: 'stopped' });
    waiting.advance(600_000);
    assert.deepEqual(waiting.streams, ['open']);
  });
});

describe('The account', () => {
  for (const [name, account] of [
    ['a system id of 16 characters', { systemId: '1234567890123456' }],
    ['no system id', { systemId: '' }],
    ['a password of 9 characters', { password: secret('123456789') }],
    [
      'a source number of 21 digits',
      { source: { typeOfNumber: 1, numberingPlan: 1, digits: '1'.repeat(21) } },
    ],
  ] as const) {
    test(`is refused at once with ${name}`, () => {
      assert.throws(
        () => new SessionBench({ account }),
        (error) => DunlinError.is(error) && !String(error).includes('123456789'),
      );
    });
  }

  test('is refused with a limit of nothing', () => {
    const none = milliseconds(0);
    assert.throws(() => new SessionBench({ limits: { enquireLinkInterval: none } }), /enquireLinkInterval/);
    assert.throws(() => new SessionBench({ limits: { transactionsPerSecond: Number.NaN } }), UsageError);
  });

  test('shows its password nowhere: not in events, status or the session itself', () => {
    const session = new SmppSession({
      account: { systemId: 'lwm2m', password: secret('s3cret') },
      random: withoutJitter,
    });
    const bench = new SessionBench();
    bench.start();
    bench.run((own) => own.opened(bench.now));
    bench.receive(bindResponse(CommandStatus.invalidPassword));
    const shown = inspect([bench.events, bench.session.status, session], { depth: 10, showHidden: true });
    assert.doesNotMatch(shown + JSON.stringify([bench.events, session]), /s3cret/);
  });
});

function bindResponse(commandStatus: number): Pdu {
  const systemId = commandStatus === 0 ? 'centre' : '';
  const fields = { mode: 'transceiver', sequenceNumber: 1, systemId, interfaceVersion: undefined } as const;
  return { kind: 'bind-response', commandStatus, ...fields };
}
