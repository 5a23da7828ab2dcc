import { addDuration, durationBetween, earliestOf, type Instant } from '@dunlin/base';

import type {
  AwaitedReceipt,
  CarrierEvent,
  CarrierTrouble,
  ShortMessageCarrier,
  StreamCommand,
} from '../../carrier.ts';
import type { OutgoingShortMessage, ShortMessageId } from '../../short-message.ts';
import { isAnswer } from '../command-id.ts';
import { CommandStatus, isMisconfiguration, statusText } from '../command-status.ts';
import { decodePdu } from '../decode-pdu.ts';
import { type BrokenStream, FrameReader } from '../frame-reader.ts';
import type { MalformedPdu } from '../malformed-pdu.ts';
import type { Pdu, UnknownPdu } from '../pdu.ts';
import { AwaitedReceipts } from './awaited-receipts.ts';
import { Backoff } from './backoff.ts';
import { bindPdu } from './bind-pdu.ts';
import { checkAccount } from './check-account.ts';
import { Deliveries } from './deliveries.ts';
import { LinkCheck } from './link-check.ts';
import { Outgoing, type SessionContext, type SharedByBinds } from './outgoing.ts';
import { SequenceNumbers } from './sequence-numbers.ts';
import { SessionOutputs } from './session-outputs.ts';
import {
  newCounts,
  type Retry,
  type SessionState,
  type SmppStatistics,
  type SmppStatus,
  statusOf,
} from './session-status.ts';
import { smppAccountDefaults, smppLimitsDefaults, type SmppSessionOptions } from './smpp-options.ts';

/**
 * A session with a message centre as one of its ESMEs (SMPP 3.4 §2). It binds, and binds again whenever the session is
 * lost; submits within a window and a pace; and answers what comes once it was taken. What was written and not answered
 * is never submitted again: nobody knows whether the message centre has it.
 */
export class SmppSession implements ShortMessageCarrier {
  readonly #context: SessionContext;
  readonly #outgoing: Outgoing;
  readonly #deliveries: Deliveries;
  readonly #link: LinkCheck;
  readonly #reconnects: Backoff;
  #state: SessionState = { kind: 'stopped' };
  #frames = new FrameReader();
  /** Why messages cannot be sent, as it was told last; `undefined` while they can. */
  #toldReason: string | undefined;

  /**
   * Does nothing before `start`. Throws a `UsageError` where the account cannot be written into commands. `shared` is what
   * it has in common with another session of the account.
   */
  constructor(options: SmppSessionOptions, shared?: SharedByBinds) {
    const { random } = options;
    const account = { ...smppAccountDefaults, ...options.account };
    const limits = { ...smppLimitsDefaults, ...options.limits };
    checkAccount(account, limits);
    this.#context = {
      account,
      limits,
      outputs: new SessionOutputs(),
      counts: shared?.counts ?? newCounts(),
      receipts: shared?.receipts ?? new AwaitedReceipts(limits),
      sequenceNumbers: new SequenceNumbers(),
      random,
    };
    this.#outgoing = new Outgoing(this.#context);
    this.#deliveries = new Deliveries(this.#context);
    this.#link = new LinkCheck(limits);
    this.#reconnects = new Backoff(limits.firstReconnectDelay, limits.longestReconnectDelay, random);
  }

  get status(): SmppStatus {
    return statusOf(this.#state);
  }

  get trouble(): CarrierTrouble | undefined {
    const { status } = this;
    return status.kind === 'waiting' ? status : undefined;
  }

  get statistics(): SmppStatistics {
    const { queued, unanswered } = this.#outgoing;
    return { ...this.#context.counts, queued, unanswered };
  }

  get deadline(): Instant | undefined {
    const state = this.#state;
    switch (state.kind) {
      case 'stopped':
      case 'closing':
        return undefined;
      case 'opening':
      case 'binding':
      case 'unbinding':
        return state.until;
      case 'waiting':
        return state.retryAt;
      case 'bound':
        return earliestOf(this.#link.deadline, this.#outgoing.deadline);
      case 'draining':
        return earliestOf(state.until, this.#outgoing.deadline);
    }
  }

  poll(): CarrierEvent | StreamCommand | undefined {
    return this.#context.outputs.poll();
  }

  expect(awaited: AwaitedReceipt): void {
    this.#context.receipts.expectAgain(awaited);
  }

  start(now: Instant): void {
    if (this.#state.kind === 'stopped') this.#open(now);
  }

  shutDown(now: Instant): void {
    switch (this.#state.kind) {
      case 'opening':
      case 'binding':
        this.#close(undefined);
        return;
      case 'bound':
        this.#outgoing.refuseQueued('the session ends');
        this.#state = { kind: 'draining', until: addDuration(now, this.#context.limits.drainTimeout) };
        this.#advance(now);
        return;
      case 'closing':
        this.#state = { kind: 'closing', next: undefined };
        return;
      case 'waiting':
        this.#state = { kind: 'stopped' };
        return;
      case 'stopped':
      case 'draining':
      case 'unbinding':
    }
  }

  opened(now: Instant): void {
    if (this.#state.kind !== 'opening') return;
    const { account, limits, outputs, sequenceNumbers } = this.#context;
    this.#frames = new FrameReader();
    sequenceNumbers.reset();
    this.#state = { kind: 'binding', until: addDuration(now, limits.responseTimeout) };
    outputs.write(bindPdu(account, sequenceNumbers.next()));
  }

  closed(reason: string, now: Instant): void {
    const state = this.#state;
    switch (state.kind) {
      case 'stopped':
      case 'waiting':
        return;
      case 'closing':
        this.#state = state.next === undefined ? { kind: 'stopped' } : { kind: 'waiting', ...state.next };
        break;
      case 'draining':
      case 'unbinding':
        this.#abandon('the session ended before the answer came');
        this.#state = { kind: 'stopped' };
        break;
      case 'opening':
      case 'binding':
      case 'bound': {
        const what = state.kind === 'opening' ? 'cannot be reached' : 'closed the connection';
        this.#state = { kind: 'waiting', ...this.#fail(`the message centre ${what}: ${reason}`, false, now) };
      }
    }
    this.#context.outputs.dropCommands();
  }

  handle(bytes: Uint8Array, now: Instant): void {
    if (!this.#isOpen) return;
    this.#frames.push(bytes);
    // One of the commands may end the session: then the others are nobody's.
    for (let frame = this.#frames.next(); frame !== undefined && this.#isOpen; frame = this.#frames.next()) {
      if (frame instanceof Uint8Array) this.#take(decodePdu(frame), now);
      else this.#giveUpStream(frame, now);
    }
    this.#advance(now);
  }

  submit(message: OutgoingShortMessage, now: Instant): void {
    if (this.#state.kind !== 'bound') {
      const reason = this.#toldReason ?? 'there is no session with the message centre yet';
      this.#outgoing.refuse(message, true, reason);
    } else if (this.#context.account.bindMode === 'receiver') {
      this.#outgoing.refuse(message, false, 'the account is bound as a receiver');
    } else {
      this.#outgoing.submit(message, now);
      this.#advance(now);
    }
  }

  acknowledge(id: ShortMessageId, answer: 'taken' | 'busy', _now: Instant): void {
    this.#deliveries.acknowledge(id, answer);
  }

  wake(now: Instant): void {
    const state = this.#state;
    switch (state.kind) {
      case 'opening':
      case 'binding':
        if (now >= state.until)
          this.#close(this.#fail('the message centre did not answer in time', false, now));
        return;
      case 'unbinding':
        if (now >= state.until) this.#close(undefined);
        return;
      case 'waiting':
        if (now >= state.retryAt) this.#open(now);
        return;
      case 'bound':
        this.#checkLink(now);
        this.#advance(now);
        return;
      case 'draining':
        this.#advance(now);
        return;
      case 'stopped':
      case 'closing':
    }
  }

  /** True while commands may come in. */
  get #isOpen(): boolean {
    const { kind } = this.#state;
    return kind === 'binding' || kind === 'bound' || kind === 'draining' || kind === 'unbinding';
  }

  #open(now: Instant): void {
    this.#state = { kind: 'opening', until: addDuration(now, this.#context.limits.openTimeout) };
    this.#context.outputs.command({ kind: 'open' });
  }

  /** Closes the stream, after which nothing of it is looked at. */
  #close(next: Retry | undefined): void {
    this.#abandon('the session ended before the answer came');
    this.#state = { kind: 'closing', next };
    this.#context.outputs.command({ kind: 'close' });
  }

  #abandon(reason: string): void {
    this.#outgoing.abandon(reason);
    this.#deliveries.forget();
    this.#link.stop();
  }

  /** The session is lost, or could not be had: says so, and when it is tried again. */
  #fail(reason: string, isMisconfigured: boolean, now: Instant): Retry {
    const { limits, outputs, counts } = this.#context;
    this.#abandon(reason);
    counts.failures += 1;
    const state = this.#state;
    // A session that is lost right after each bind must not be tried every second.
    if (state.kind === 'bound' && durationBetween(state.since, now) >= limits.longestReconnectDelay) {
      this.#reconnects.reset();
    }
    // Each of endless attempts need not be told: the reason is news, and that messages cannot be sent any more.
    if (this.#toldReason !== reason) outputs.tell({ kind: 'down', reason });
    this.#toldReason = reason;
    const delay = isMisconfigured ? limits.misconfiguredDelay : this.#reconnects.next();
    return { retryAt: addDuration(now, delay), reason, isMisconfigured };
  }

  #checkLink(now: Instant): void {
    switch (this.#link.due(now)) {
      case 'ask': {
        const sequenceNumber = this.#context.sequenceNumbers.next();
        this.#context.outputs.write({ kind: 'enquire-link', sequenceNumber });
        return;
      }
      case 'dead':
        this.#close(this.#fail('the message centre is silent', false, now));
        return;
      case undefined:
    }
  }

  /** Does with the messages what can be done now. */
  #advance(now: Instant): void {
    if (this.#state.kind === 'bound') {
      this.#outgoing.expire(now);
      this.#outgoing.send(now);
    } else if (this.#state.kind === 'draining') {
      this.#outgoing.expire(now);
      if (this.#outgoing.unanswered === 0 || now >= this.#state.until) this.#unbind(now);
    }
  }

  #unbind(now: Instant): void {
    this.#deliveries.refuseAll();
    this.#outgoing.refuseQueued('the session ends');
    const { limits, outputs, sequenceNumbers } = this.#context;
    this.#state = { kind: 'unbinding', until: addDuration(now, limits.unbindTimeout) };
    outputs.write({ kind: 'unbind', sequenceNumber: sequenceNumbers.next() });
  }

  #take(pdu: Pdu | UnknownPdu | MalformedPdu, now: Instant): void {
    this.#link.heard(now);
    switch (pdu.kind) {
      case 'bind-response':
        this.#bindAnswered(pdu.commandStatus, pdu.systemId, now);
        return;
      case 'deliver-sm':
      case 'data-sm':
        // Messages come to receivers and transceivers (SMPP 3.4 §2.3).
        if (this.#state.kind === 'binding' || this.#context.account.bindMode === 'transmitter')
          this.#nack(pdu.sequenceNumber, CommandStatus.invalidBindStatus);
        else this.#deliveries.take(pdu, this.#state.kind !== 'bound', now);
        return;
      case 'submit-sm-response':
        this.#outgoing.answered(pdu.sequenceNumber, pdu.commandStatus, pdu.messageId, now);
        return;
      case 'generic-nack':
        if (this.#state.kind === 'binding') this.#bindAnswered(pdu.commandStatus, '', now);
        else this.#outgoing.answered(pdu.sequenceNumber, pdu.commandStatus, '', now);
        return;
      case 'enquire-link':
        this.#context.outputs.write({
          kind: 'enquire-link-response',
          sequenceNumber: pdu.sequenceNumber,
          commandStatus: CommandStatus.ok,
        });
        return;
      case 'unbind':
        this.#unboundByPeer(pdu.sequenceNumber, now);
        return;
      case 'unbind-response':
        if (this.#state.kind === 'unbinding') this.#close(undefined);
        return;
      case 'malformed':
        this.#takeMalformed(pdu, now);
        return;
      case 'unknown':
        if (!isAnswer(pdu.commandId)) this.#nack(pdu.sequenceNumber, CommandStatus.invalidCommandId);
        return;
      case 'bind':
      case 'outbind':
      case 'submit-sm':
        // These are for message centres to receive, and outbind for ESMEs that wait for connections (SMPP 3.4 §2.2.1).
        this.#nack(pdu.sequenceNumber, CommandStatus.invalidBindStatus);
        return;
      case 'enquire-link-response':
      case 'deliver-sm-response':
      case 'data-sm-response':
      case 'alert-notification':
      // Nothing is to be done: of what was asked, that something came is the answer, and alerts were not asked for.
    }
  }

  #bindAnswered(status: number, messageCentre: string, now: Instant): void {
    if (this.#state.kind !== 'binding') return;
    if (status === CommandStatus.ok) {
      this.#state = { kind: 'bound', since: now, messageCentre };
      this.#toldReason = undefined;
      this.#context.outputs.tell({ kind: 'up' });
      return;
    }
    const reason = `the message centre refused the account: ${statusText(status)}`;
    this.#close(this.#fail(reason, isMisconfiguration(status), now));
  }

  #unboundByPeer(sequenceNumber: number, now: Instant): void {
    const commandStatus = CommandStatus.ok;
    this.#context.outputs.write({ kind: 'unbind-response', sequenceNumber, commandStatus });
    const isEnding = this.#state.kind === 'draining' || this.#state.kind === 'unbinding';
    this.#close(isEnding ? undefined : this.#fail('the message centre ended the session', false, now));
  }

  #takeMalformed({ commandId, sequenceNumber, reason }: MalformedPdu, now: Instant): void {
    this.#context.counts.malformed += 1;
    if (!isAnswer(commandId)) this.#nack(sequenceNumber, CommandStatus.invalidCommandLength);
    else if (this.#state.kind === 'binding') {
      this.#close(this.#fail(`the answer to the bind is malformed: ${reason}`, false, now));
    } else this.#outgoing.answeredUnreadably(sequenceNumber, reason);
  }

  /** After a wrong length there is no way to the next command. */
  #giveUpStream({ commandLength, sequenceNumber }: BrokenStream, now: Instant): void {
    this.#context.counts.malformed += 1;
    this.#nack(sequenceNumber, CommandStatus.invalidCommandLength);
    const reason = `the message centre sent a command of ${commandLength} bytes`;
    this.#close(this.#fail(reason, false, now));
  }

  #nack(sequenceNumber: number, commandStatus: CommandStatus): void {
    this.#context.outputs.write({ kind: 'generic-nack', sequenceNumber, commandStatus });
  }
}
