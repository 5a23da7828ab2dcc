import assert from 'node:assert/strict';

import {
  addDuration,
  type Instant,
  instantFrom,
  milliseconds,
  type Random,
  seededRandom,
  SignalSource,
} from '@dunlin/base';
import {
  type CarrierEvent,
  decodePdu,
  encodePdu,
  type OutgoingShortMessage,
  type Pdu,
  type RunningCarrier,
  type SmppAccount,
  type SmppLimits,
  SmppSession,
} from '@dunlin/sms';

import { secret, shortMessage } from './pdus.ts';

type Kind = Pdu['kind'];
type Of<K extends Kind> = Extract<Pdu, { kind: K }>;

/** No jitter: waits have their full length. */
export const withoutJitter: Random = { ...seededRandom(1), fraction: () => 0 };

/** A session beside a scripted message centre, on virtual time. */
export class SessionBench {
  readonly session: SmppSession;
  now: Instant = instantFrom(1_000_000);
  /** What the session told, from the oldest on. */
  readonly events: CarrierEvent[] = [];
  /** `open` and `close`, as the session wanted them. */
  readonly streams: string[] = [];
  /** True when `close` is carried out at once. */
  closesAtOnce = true;
  readonly #told = new SignalSource<CarrierEvent>();
  #sent: Pdu[] = [];

  constructor(
    options: {
      readonly account?: Partial<SmppAccount>;
      readonly limits?: Partial<SmppLimits>;
      readonly random?: Random;
    } = {},
    session?: SmppSession,
  ) {
    this.session =
      session ??
      new SmppSession({
        account: { systemId: 'lwm2m', password: secret('s3cret'), ...options.account },
        // Fast, so that only the tests of the pace wait for it.
        limits: { transactionsPerSecond: 1000, ...options.limits },
        random: options.random ?? withoutJitter,
      });
  }

  /** A bench for a session that something else has made. */
  static of(session: SmppSession): SessionBench {
    return new SessionBench({}, session);
  }

  /** The session as one that is driven, by this bench. */
  get carrier(): RunningCarrier {
    const { session } = this;
    return {
      get trouble() {
        return session.trouble;
      },
      events: this.#told,
      expect: (awaited) => session.expect(awaited),
      start: () => this.start(),
      submit: (message) => this.run(() => session.submit(message, this.now)),
      acknowledge: (id, answer) => this.acknowledge(id, answer),
      [Symbol.asyncDispose]: () => {
        this.run(() => session.shutDown(this.now));
        return Promise.resolve();
      },
    };
  }

  /** A session that is bound already. */
  static bound(options: ConstructorParameters<typeof SessionBench>[0] = {}): SessionBench {
    const bench = new SessionBench(options);
    bench.start();
    bench.bind();
    return bench;
  }

  start(): void {
    this.run((session) => session.start(this.now));
  }

  /** Opens the stream and lets the account in. */
  bind(): void {
    this.run((session) => session.opened(this.now));
    const { mode, sequenceNumber } = this.take('bind');
    this.receive({
      kind: 'bind-response',
      mode,
      sequenceNumber,
      commandStatus: 0,
      systemId: 'bench',
      interfaceVersion: 0x34,
    });
    assert.deepEqual(this.events.pop(), { kind: 'up' });
  }

  /** Does something with the session, and what it wants then. */
  run(step: (session: SmppSession) => void): void {
    step(this.session);
    for (let out = this.session.poll(); out !== undefined; out = this.session.poll()) {
      switch (out.kind) {
        case 'open':
          this.streams.push('open');
          break;
        case 'close':
          this.streams.push('close');
          if (this.closesAtOnce) this.session.closed('it was closed here', this.now);
          break;
        case 'write': {
          const pdu = decodePdu(out.bytes);
          assert.ok(pdu.kind !== 'malformed' && pdu.kind !== 'unknown');
          this.#sent.push(pdu);
          break;
        }
        case 'up':
        case 'down':
        case 'received':
        case 'accepted':
        case 'refused':
        case 'unknown':
        case 'receipt':
        case 'dropped':
          this.events.push(out);
          this.#told.emit(out);
      }
    }
  }

  receive(pdu: Pdu | Uint8Array): void {
    const bytes = pdu instanceof Uint8Array ? pdu.slice() : encodePdu(pdu);
    this.run((session) => session.handle(bytes, this.now));
    // The session may keep nothing of what it was lent.
    bytes.fill(0xee);
  }

  /** Lets time pass, and wakes the session whenever it is due. */
  advance(duration: number): void {
    const end = addDuration(this.now, milliseconds(duration));
    for (let steps = 0; ; steps += 1) {
      assert.ok(steps < 10_000, 'the session is due without end');
      const { deadline } = this.session;
      if (deadline === undefined || deadline > end) break;
      this.now = instantFrom(Math.max(this.now, deadline));
      this.run((session) => session.wake(this.now));
    }
    this.now = end;
  }

  /** Lets time pass until the session is due next; gives how long that was. */
  advanceToDeadline(): number {
    const { deadline } = this.session;
    assert.ok(deadline !== undefined, 'the session is never due');
    const wait = deadline - this.now;
    this.advance(wait);
    return wait;
  }

  submit(id: number, fields: Partial<OutgoingShortMessage> = {}): void {
    this.run((session) =>
      session.submit(
        {
          id,
          to: '491700000001',
          userData: Uint8Array.of(id),
          hasHeader: false,
          validity: milliseconds(300_000),
          wantsReceipt: false,
          ...fields,
        },
        this.now,
      ),
    );
  }

  /** Submits, and lets the message centre take it under this name. */
  submitAccepted(id: number, messageId: string, fields: Partial<OutgoingShortMessage> = {}): void {
    this.submit(id, fields);
    this.advance(1);
    this.answer(this.take('submit-sm'), 0, messageId);
    assert.deepEqual(this.events.pop(), { kind: 'accepted', id, reference: messageId });
  }

  answer(submission: { readonly sequenceNumber: number }, commandStatus: number, messageId = ''): void {
    const { sequenceNumber } = submission;
    this.receive({ kind: 'submit-sm-response', sequenceNumber, commandStatus, messageId, tlvs: [] });
  }

  deliver(fields: Parameters<typeof shortMessage>[1]): void {
    this.receive(shortMessage('deliver-sm', fields));
  }

  acknowledge(id: number, answer: 'taken' | 'busy'): void {
    this.run((session) => session.acknowledge(id, answer, this.now));
  }

  close(reason = 'gone'): void {
    this.run((session) => session.closed(reason, this.now));
  }

  /** The next command that was sent, which has to be of this kind. */
  take<K extends Kind>(kind: K): Of<K> {
    const next = this.#sent.shift();
    assert.ok(next !== undefined, `nothing was sent, expected ${kind}`);
    assert.equal(next.kind, kind);
    return next as Of<K>;
  }

  /** The kinds of all that was sent since, which are taken. */
  takeKinds(): readonly Kind[] {
    const kinds = this.#sent.map(({ kind }) => kind);
    this.#sent = [];
    return kinds;
  }

  /** All that was sent since. */
  takeAll(): readonly Pdu[] {
    const sent = this.#sent;
    this.#sent = [];
    return sent;
  }

  /** All that was told since. */
  takeEvents(): readonly CarrierEvent[] {
    return this.events.splice(0);
  }
}
