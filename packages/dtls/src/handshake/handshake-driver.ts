import { addDuration, earliestOf, type Instant, type Milliseconds, type Random } from '@dunlin/base';

import type { OpenedRecord, RecordLayer } from '../record-layer/record-layer.ts';
import { type Alert, AlertLevel, decodeAlert, encodeAlert } from '../wire/alert.ts';
import { AlertDescription, alertName } from '../wire/alert-description.ts';
import { checkChangeCipherSpec } from '../wire/change-cipher-spec.ts';
import { ContentType } from '../wire/content-type.ts';
import { decodeHandshakeFragments, type HandshakeFragment } from '../wire/handshake-header.ts';
import { HandshakeType } from '../wire/handshake-type.ts';
import { isMalformed } from '../wire/malformed.ts';
import type { DtlsRecord } from '../wire/record.ts';
import type { ClientHandshake } from './client-handshake.ts';
import { Flight, type FlightOptions, type FlightStep } from './flight.ts';
import type {
  HandshakeAction,
  HandshakeQuestion,
  HandshakeResult,
  PreSharedKeyAnswer,
  TrustAnswer,
} from './handshake-action.ts';
import { Reassembly, type ReassemblyLimits } from './reassembly.ts';
import type { ServerHandshake } from './server-handshake.ts';

/** How handshakes are carried. */
export interface HandshakeDriverOptions {
  readonly flight: FlightOptions;
  readonly reassembly: ReassemblyLimits;
  /** A handshake that takes longer has failed. */
  readonly handshakeTimeout: Milliseconds;
  /** An answer that takes longer counts as: no such identity, not trusted. */
  readonly answerTimeout: Milliseconds;
  /** What a peer learns whose Finished cannot be read, which is so for wrong keys and unknown identities alike. */
  readonly wrongKeyResponse: 'alert' | 'silence';
}

/** Why a handshake failed. */
export type HandshakeFailureKind =
  /** The peer broke a rule, offered nothing acceptable or was not trusted: it was told the alert. */
  | 'refused'
  /** The peer's Finished cannot be read: wrong key or unknown identity. */
  | 'wrong-key'
  /** The peer refused, with the alert. */
  | 'alert'
  | 'timeout';

/** What came of it. */
export type HandshakeEvent =
  | { readonly kind: 'transmit'; readonly datagram: Uint8Array }
  | { readonly kind: 'ask'; readonly question: HandshakeQuestion }
  | {
      readonly kind: 'complete';
      readonly result: HandshakeResult;
      /** To be sent again whenever the peer repeats its own last flight; absent on the side that got the last one. */
      readonly lastFlight: Flight | undefined;
      /** Application data that overtook the peer's Finished. */
      readonly early: readonly Uint8Array[];
    }
  | {
      readonly kind: 'failed';
      readonly failure: HandshakeFailureKind;
      readonly reason: string;
      readonly alert: number | undefined;
    };

/** What is kept of application data that overtakes the Finished; more is lost, as datagrams may be. */
const maxEarlyPlaintexts = 8;

/**
 * Carries one handshake over records: reassembles messages and hands them on in order, sends flights and sends them
 * again, keeps to the plaintext and the protected epoch what belongs there, and bounds all of it in time.
 */
export class HandshakeDriver {
  readonly #handshake: ClientHandshake | ServerHandshake;
  readonly #records: RecordLayer;
  readonly #options: HandshakeDriverOptions;
  readonly #random: Random;
  readonly #events: HandshakeEvent[] = [];
  readonly #early: Uint8Array[] = [];
  readonly #expiresAt: Instant;
  #reassembly: Reassembly;
  #flight: Flight | undefined;
  /** Messages of the peer below this number were answered by the flight that is under way. */
  #answeredSeq: number;
  #isChangeCipherSpecHeld = false;
  #isWritingProtected = false;
  #isReadingProtected = false;
  /** A record of the peer was authentic: its key is the right one. */
  #isKeyProven = false;
  #isWrongKeySeen = false;
  #answerDueAt: Instant | undefined;
  /** What anybody may have forged: it is believed when the peer says nothing else until then. */
  #alert: { readonly received: Alert; readonly effectiveAt: Instant } | undefined;
  #wrongKeyAt: Instant | undefined;
  #isOver = false;

  /** `firstSeq` is the number of the peer's next message. */
  constructor(
    handshake: ClientHandshake | ServerHandshake,
    records: RecordLayer,
    options: HandshakeDriverOptions,
    start: { readonly random: Random; readonly now: Instant; readonly firstSeq: number },
  ) {
    this.#handshake = handshake;
    this.#records = records;
    this.#options = options;
    this.#random = start.random;
    this.#expiresAt = addDuration(start.now, options.handshakeTimeout);
    this.#reassembly = new Reassembly(start.firstSeq, options.reassembly);
    this.#answeredSeq = start.firstSeq;
  }

  /** The state of the handshake, for diagnostics. */
  get state(): string {
    return this.#handshake.state;
  }

  /** When `expire` is to be called. */
  get deadline(): Instant {
    let deadline = this.#expiresAt;
    const { effectiveAt } = this.#alert ?? {};
    for (const other of [this.#flight?.deadline, this.#answerDueAt, effectiveAt, this.#wrongKeyAt]) {
      deadline = earliestOf(deadline, other) ?? deadline;
    }
    return deadline;
  }

  /** What came of the calls so far, in order. */
  poll(): HandshakeEvent | undefined {
    return this.#events.shift();
  }

  /** Begins. */
  start(now: Instant): void {
    this.#perform(this.#handshake.start(), now);
  }

  /** A record of the association. */
  handleRecord(record: DtlsRecord, now: Instant): OpenedRecord {
    if (this.#isOver) return overdue;
    const opened = this.#records.open(record);
    if (opened.kind === 'discarded' && opened.reason === 'not-authentic') this.#noteWrongKey(record, now);
    if (opened.kind === 'content') {
      this.#handleContent(opened, now);
      this.#advance(now);
    }
    return opened;
  }

  /** Does what is due. */
  expire(now: Instant): void {
    if (this.#isOver) return;
    if (this.#alert !== undefined && now >= this.#alert.effectiveAt) {
      const { description } = this.#alert.received;
      this.#end('alert', `The peer refused the handshake with ${alertName(description)}.`, description);
    } else if (now >= this.#expiresAt) {
      this.#timeOut();
    } else if (this.#wrongKeyAt !== undefined && now >= this.#wrongKeyAt) {
      this.#refuse('wrong-key', AlertDescription.decryptError, wrongKey);
    } else if (this.#answerDueAt !== undefined && now >= this.#answerDueAt) {
      this.#answer(undefined, now);
    } else if (this.#flight !== undefined) {
      this.#carryOut(this.#flight.expire(this.#records, now));
    }
  }

  /** The key that was asked for; an answer that was not asked for, or comes twice, is passed over. */
  answerPreSharedKey(answer: PreSharedKeyAnswer, now: Instant): void {
    if (this.#isOver || this.#handshake.role !== 'server') return;
    if (this.#handshake.state !== 'wait-pre-shared-key') return;
    this.#answerDueAt = undefined;
    this.#perform(this.#handshake.answerPreSharedKey(answer), now);
    this.#advance(now);
  }

  /** Whether the evidence is trusted; an answer that was not asked for, or comes twice, is passed over. */
  answerTrust(answer: TrustAnswer, now: Instant): void {
    if (this.#isOver || !this.#isTrustAsked()) return;
    this.#answerDueAt = undefined;
    this.#perform(this.#handshake.answerTrust(answer), now);
    this.#advance(now);
  }

  /** It is given up, for whatever reason: nothing is sent any more, and the secrets are overwritten. */
  abandon(): void {
    this.#isOver = true;
    this.#flight?.stop();
    this.#reassembly.clear();
    this.#handshake.abandon();
  }

  /** The answer did not come in time, or nobody is there to give it. */
  #answer(answer: undefined, now: Instant): void {
    if (this.#isTrustAsked()) {
      const alert = AlertDescription.internalError;
      this.answerTrust(
        { kind: 'refused', alert, reason: 'Nobody said in time whether the peer is trusted.' },
        now,
      );
    } else this.answerPreSharedKey(answer, now);
  }

  #isTrustAsked(): boolean {
    const { state } = this.#handshake;
    return state === 'wait-verification' || state === 'wait-resumption-verdict';
  }

  #handleContent(opened: Extract<OpenedRecord, { readonly kind: 'content' }>, now: Instant): void {
    const { content, epoch } = opened;
    if (epoch === 1) this.#noteRightKey();
    switch (opened.type) {
      case ContentType.changeCipherSpec:
        if (epoch === 0 && checkChangeCipherSpec(content) === undefined) this.#isChangeCipherSpecHeld = true;
        break;
      case ContentType.alert:
        this.#handleAlert(content, epoch === 1, now);
        break;
      case ContentType.handshake: {
        const fragments = decodeHandshakeFragments(content);
        if (isMalformed(fragments)) break;
        for (const fragment of fragments) this.#handleFragment(fragment, epoch, now);
        break;
      }
      case ContentType.applicationData:
        if (this.#early.length < maxEarlyPlaintexts && content.length > 0) this.#early.push(content);
        break;
    }
  }

  /**
   * Finished belongs into the protected epoch, all else into the other; what is elsewhere is passed over. Once the peer
   * writes protected, nothing new of it can come in plaintext.
   */
  #handleFragment(fragment: HandshakeFragment, epoch: number, now: Instant): void {
    if (this.#isOver || (epoch === 1) !== (fragment.type === HandshakeType.finished)) return;
    const isNew = fragment.messageSeq >= this.#reassembly.nextSeq;
    if (epoch === 0 && this.#isReadingProtected && isNew) return;
    if (this.#handshake.role === 'client') {
      if (fragment.type === HandshakeType.helloRequest) return;
      if (fragment.type === HandshakeType.helloVerifyRequest) {
        this.#handleHelloVerifyRequest(fragment, now);
        return;
      }
    }
    const outcome = this.#reassembly.accept(fragment);
    if (outcome === 'repeated' && fragment.messageSeq < this.#answeredSeq && this.#flight !== undefined) {
      this.#carryOut(this.#flight.repeat(this.#records, now));
    }
  }

  /**
   * Servers without state number it as they like, so that it does not go through the reassembly. A second one is
   * taken when the cookie of the first seems not to be right: the server numbers on, or does not answer.
   */
  #handleHelloVerifyRequest(fragment: HandshakeFragment, now: Instant): void {
    if (this.#handshake.state !== 'wait-server-hello' || fragment.fragment.length !== fragment.length) return;
    const isDue = fragment.messageSeq >= this.#reassembly.nextSeq || (this.#flight?.retransmissions ?? 0) > 0;
    if (!isDue) return;
    const { type, messageSeq } = fragment;
    const message = { type, messageSeq, body: fragment.fragment.slice() };
    this.#perform(this.#handshake.handleMessage(message, now), now);
  }

  /**
   * Nobody vouches for an alert in plaintext: it is believed only when the peer says nothing else for the time of a
   * retransmission, so that a forged one cannot end a handshake that goes on (RFC 6347 §4.1.2.7).
   */
  #handleAlert(content: Uint8Array, isAuthentic: boolean, now: Instant): void {
    const alert = decodeAlert(content);
    if (isMalformed(alert)) return;
    const isClosing = alert.description === AlertDescription.closeNotify;
    if (alert.level === AlertLevel.warning && !isClosing) return;
    const { description } = alert;
    if (isAuthentic) {
      this.#end('alert', `The peer ended the handshake with alert ${description}.`, description);
    } else if (this.#answerDueAt === undefined) {
      // While somebody else is asked, it is not the peer whose turn it is to say something.
      this.#alert ??= { received: alert, effectiveAt: this.#patienceEnd(now) };
    }
  }

  /** Until when the peer may still show that what seems to be its word is not. */
  #patienceEnd(now: Instant): Instant {
    return addDuration(now, this.#options.flight.initialTimeout);
  }

  /** Hands on all that is there and legal to look at: messages in order, ChangeCipherSpec in its place. */
  #advance(now: Instant): void {
    while (!this.#isOver) {
      if (this.#takeChangeCipherSpec(now)) continue;
      if (this.#answerDueAt !== undefined) return;
      const message = this.#reassembly.take();
      if (message === undefined) return;
      this.#alert = undefined;
      this.#perform(this.#handshake.handleMessage(message, now), now);
    }
  }

  #takeChangeCipherSpec(now: Instant): boolean {
    const actions = this.#isChangeCipherSpecHeld ? this.#handshake.handleChangeCipherSpec() : [];
    if (actions.length === 0) return false;
    this.#isChangeCipherSpecHeld = false;
    this.#perform(actions, now);
    for (const record of this.#records.takeEarlyRecords()) {
      const opened = this.#isOver ? undefined : this.#records.open(record);
      if (opened?.kind === 'content') this.#handleContent(opened, now);
      else if (opened?.kind === 'discarded' && opened.reason === 'not-authentic') {
        this.#noteWrongKey(record, now);
      }
    }
    return true;
  }

  #perform(actions: readonly HandshakeAction[], now: Instant): void {
    for (const action of actions) {
      switch (action.kind) {
        case 'send':
          this.#answeredSeq = this.#reassembly.nextSeq;
          this.#flight = new Flight(action.items, !action.isLast, this.#random, this.#options.flight);
          this.#carryOut(this.#flight.send(this.#records, now));
          break;
        case 'protect-writing':
          this.#records.protectWriting(action.protection);
          this.#isWritingProtected = true;
          break;
        case 'protect-reading':
          this.#records.protectReading(action.protection);
          this.#isReadingProtected = true;
          // What was held came in plaintext, and none of it can be the Finished.
          this.#reassembly = new Reassembly(this.#reassembly.nextSeq, this.#options.reassembly);
          break;
        case 'limit-records':
          if (action.writing !== undefined) this.#records.limitWriting(action.writing);
          if (action.reading !== undefined) this.#records.limitReading(action.reading);
          break;
        case 'ask':
          // All of the peer's flight is there; from here it is the peer who repeats when something is lost.
          this.#flight?.stop();
          this.#answerDueAt = addDuration(now, this.#options.answerTimeout);
          this.#events.push({ kind: 'ask', question: action.question });
          break;
        case 'expect-message':
          this.#reassembly = new Reassembly(action.messageSeq, this.#options.reassembly);
          break;
        case 'complete':
          this.#complete(action.result);
          break;
        case 'fail':
          this.#refuse('refused', action.alert, action.reason);
          break;
      }
    }
  }

  #complete(result: HandshakeResult): void {
    this.#isOver = true;
    const isLastOurs = result.isResumed === (this.#handshake.role === 'client');
    const lastFlight = isLastOurs ? this.#flight : undefined;
    this.#flight?.stop();
    this.#reassembly.clear();
    this.#records.endPlaintext();
    this.#events.push({ kind: 'complete', result, lastFlight, early: this.#early });
  }

  #carryOut(step: FlightStep): void {
    switch (step.kind) {
      case 'send':
        for (const datagram of step.datagrams) this.#events.push({ kind: 'transmit', datagram });
        break;
      case 'given-up':
        this.#timeOut();
        break;
      case 'refused':
        this.#end('refused', `A flight cannot be sent: ${step.reason}.`, undefined);
        break;
      case 'wait':
        break;
    }
  }

  /** An authentic record came. */
  #noteRightKey(): void {
    this.#isKeyProven = true;
    this.#isWrongKeySeen = false;
    this.#wrongKeyAt = undefined;
  }

  /**
   * A record that only the right key could have made is not authentic: wrong key, unknown identity, or forged, in which
   * case an authentic one follows.
   */
  #noteWrongKey(record: DtlsRecord, now: Instant): void {
    const { state } = this.#handshake;
    if (this.#isKeyProven) return;
    if (state !== 'wait-finished' && state !== 'resumed-wait-finished') return;
    if (record.type !== ContentType.handshake && record.type !== ContentType.tls12Cid) return;
    this.#isWrongKeySeen = true;
    if (this.#options.wrongKeyResponse === 'alert') this.#wrongKeyAt ??= this.#patienceEnd(now);
  }

  #timeOut(): void {
    if (this.#isWrongKeySeen) this.#end('wrong-key', wrongKey, undefined);
    else this.#end('timeout', `No answer in state ${this.#handshake.state}.`, undefined);
  }

  #refuse(failure: HandshakeFailureKind, alert: AlertDescription, reason: string): void {
    const content = encodeAlert({ level: AlertLevel.fatal, description: alert });
    const record = this.#records.seal(this.#isWritingProtected ? 1 : 0, ContentType.alert, content);
    if (!('kind' in record)) this.#events.push({ kind: 'transmit', datagram: record });
    this.#end(failure, reason, alert);
  }

  #end(failure: HandshakeFailureKind, reason: string, alert: number | undefined): void {
    if (this.#isOver) return;
    this.abandon();
    this.#records.endPlaintext();
    this.#events.push({ kind: 'failed', failure, reason, alert });
  }
}

const overdue: OpenedRecord = { kind: 'discarded', reason: 'epoch' };

const wrongKey = 'The peer’s Finished cannot be read: its key is wrong or its identity unknown.';
