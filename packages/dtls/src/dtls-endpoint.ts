import { earliestOf, type Instant, Secret, TransmissionError, UsageError } from '@dunlin/base';

import type { Association, AssociationEvent } from './association.ts';
import type { AssociationId, LookupId } from './association-id.ts';
import { AssociationStarter } from './association-starter.ts';
import { AssociationTable } from './association-table.ts';
import { checkCredentials } from './check-options.ts';
import { judgePeer, type PeerTrust } from './credentials/peer-trust.ts';
import { isRefusal } from './credentials/refusal.ts';
import { keyLogLine } from './crypto/key-log.ts';
import { plainBytes } from './crypto/plain-bytes.ts';
import {
  type ConnectOptions,
  type DtlsEndpointOptions,
  type ResolvedOptions,
  resolveOptions,
} from './dtls-endpoint-options.ts';
import type {
  ClosedReason,
  DatagramAddress,
  DiagnosticKind,
  DtlsOutput,
  FailureReason,
} from './dtls-output.ts';
import type { SendOutcome } from './established-connection.ts';
import { FailureLimiter } from './failure-limiter.ts';
import type {
  HandshakeQuestion,
  HandshakeResult,
  PreSharedKeyAnswer,
  TrustAnswer,
} from './handshake/handshake-action.ts';
import { isClientHelloRecord } from './hello-exchange.ts';
import type { ServerCredentials } from './negotiation/handshake-options.ts';
import { OpenQuestions } from './open-questions.ts';
import type { SavedAssociation } from './saved-association.ts';
import { RestSchedule } from './rest-schedule.ts';
import { ServerAdmission } from './server-admission.ts';
import { SessionCache } from './session-cache.ts';
import type { OpenedRecord } from './record-layer/record-layer.ts';
import { ContentType } from './wire/content-type.ts';
import { decodeRecords, type DtlsRecord, recordReadingDefaults } from './wire/record.ts';

/**
 * All DTLS associations of one socket, as server, client or both: a pure machine that is fed datagrams, answers and the
 * time, and emits datagrams, plaintexts and questions (see `DtlsOutput`). After each call, `poll` is drained and `wake`
 * arranged for `deadline`. Whatever comes in a datagram, nothing is thrown.
 */
export class DtlsEndpoint {
  readonly #options: ResolvedOptions;
  readonly #table: AssociationTable;
  readonly #starter: AssociationStarter;
  readonly #sessions: SessionCache;
  readonly #failures: FailureLimiter;
  readonly #admission: ServerAdmission;
  readonly #reading: Parameters<typeof decodeRecords>[1];
  readonly #questions = new OpenQuestions<Association>();
  readonly #resting: RestSchedule<Association>;
  readonly #trusts = new WeakMap<Association, PeerTrust>();
  #outputs: DtlsOutput[] = [];
  #nextOutput = 0;

  /** Throws a `UsageError` for options that contradict each other. */
  constructor(options: Readonly<DtlsEndpointOptions>) {
    this.#options = resolveOptions(options);
    const { limits, failures, sessions, negotiation, association } = this.#options;
    this.#table = new AssociationTable(limits);
    this.#starter = new AssociationStarter(this.#options, this.#table);
    this.#resting = new RestSchedule(association.restAfter);
    this.#sessions = new SessionCache(sessions);
    this.#failures = new FailureLimiter(failures);
    this.#admission = new ServerAdmission(
      this.#options,
      this.#table,
      this.#starter,
      this.#sessions,
      this.#failures,
    );
    this.#reading = { ...recordReadingDefaults, connectionIdLength: negotiation.connectionIdLength ?? 0 };
  }

  /** How many associations there are, those in their handshake included. */
  get associations(): number {
    return this.#table.size;
  }

  /** How many handshakes are under way. */
  get handshakes(): number {
    return this.#table.handshakes;
  }

  /** When `wake` is to be called; `undefined` when nothing is due ever. */
  get deadline(): Instant | undefined {
    return earliestOf(this.#table.deadline, this.#resting.deadline);
  }

  /** The next output, in order. */
  poll(): DtlsOutput | undefined {
    const output = this.#outputs[this.#nextOutput];
    if (output === undefined) {
      if (this.#nextOutput > 0) this.#outputs = [];
      this.#nextOutput = 0;
      return undefined;
    }
    this.#nextOutput += 1;
    return output;
  }

  /** A datagram that was received; its bytes are not kept. */
  handle(datagram: Uint8Array, from: DatagramAddress, now: Instant): void {
    const { records, discarded } = decodeRecords(plainBytes(datagram), this.#reading);
    const [problem] = discarded;
    if (problem !== undefined) this.#diagnose('malformed', from, problem.reason);
    let isHelloSeen = false;
    for (const record of records) {
      if (this.#options.role !== 'client' && isClientHelloRecord(record)) {
        // One for a datagram: answers are datagrams of their own, and shall not be more than what they answer.
        if (!isHelloSeen) this.#handleClientHello(record, from, now);
        isHelloSeen = true;
        continue;
      }
      const opened = this.#route(record, from, now);
      if (opened?.kind !== 'discarded') continue;
      this.#diagnose('discarded-record', from, `A record is discarded: ${opened.reason}.`);
      // Nobody packs what is forged with what is not: so a datagram costs one decryption in vain at most.
      if (opened.reason === 'not-authentic') break;
    }
  }

  /** Does what is due at `now`. */
  wake(now: Instant): void {
    for (let due = this.#table.takeDue(now); due !== undefined; due = this.#table.takeDue(now)) {
      this.#process(due, due.expire(now), now);
    }
    for (let idle = this.#table.takeIdle(now); idle !== undefined; idle = this.#table.takeIdle(now)) {
      this.#close(idle, 'idle');
    }
    this.#resting.restIdle(now);
  }

  /**
   * What a server authenticates itself with from now on; handshakes under way end as they began, and associations and sessions
   * are as good as they were. Throws a `UsageError` for what cannot be.
   */
  renewCredentials(credentials: ServerCredentials): void {
    checkCredentials(credentials);
    this.#options.credentials = credentials;
  }

  /**
   * Begins a handshake as client, in place of one that is under way with the same address; an association that is
   * established stays until the new one is. Throws a `UsageError` for a server or when no suite fits the credential, a
   * `TransmissionError` (`overloaded`) when there is no room.
   */
  connect(to: DatagramAddress, options: Readonly<ConnectOptions>, now: Instant): AssociationId {
    if (this.#options.role === 'server') throw new UsageError('This DTLS endpoint is a server only.');
    const started = this.#starter.startClient(to, options, now);
    const { association } = started;
    const { handshaking } = this.#table.at(to);
    if (handshaking !== undefined) this.#fail(handshaking, 'replaced', 'A newer handshake began.', undefined);
    const refusal = this.#table.refusal(to, now);
    if (refusal !== undefined) throw new TransmissionError('overloaded', refusal);
    if (options.trust !== undefined) this.#trusts.set(association, options.trust);
    this.#table.add(association);
    this.#process(association, association.begin(started.driver, now), now);
    return association.id;
  }

  /** Sends a plaintext; during a handshake it waits for its end, in a short queue. */
  send(association: AssociationId, plaintext: Uint8Array, now: Instant): SendOutcome {
    const found = this.#table.find(association);
    if (found === undefined) return 'unknown-association';
    const { outcome, events } = found.send(plaintext);
    if (outcome === 'sent') this.#resting.wake(found, now);
    this.#process(found, events, now);
    return outcome;
  }

  /** Ends an association; the peer is told if it is established. Harmless when there is none. */
  close(association: AssociationId, now: Instant): void {
    const found = this.#table.find(association);
    if (found === undefined) return;
    if (found.state === 'handshaking') this.#fail(found, 'closed-here', 'It was closed here.', undefined);
    else this.#process(found, found.close(), now);
  }

  /** Answers a `psk-lookup`; `undefined` when nobody has the identity. Late and second answers are passed over. */
  answerPskLookup(lookup: LookupId, answer: PreSharedKeyAnswer, now: Instant): void {
    const association = this.#questions.close(lookup);
    if (association === undefined) return;
    association.voucher = answer?.credentialId;
    this.#process(association, association.answerPreSharedKey(answer, now), now);
  }

  /** Answers a `verify-peer`. Late and second answers are passed over. */
  answerVerification(lookup: LookupId, answer: TrustAnswer, now: Instant): void {
    const association = this.#questions.close(lookup);
    if (association === undefined) return;
    association.voucher = answer.kind === 'trusted' ? answer.credentialId : undefined;
    this.#process(association, association.answerTrust(answer, now), now);
  }

  /** Forgets the sessions that a credential vouched for and ends its associations and handshakes: it was revoked. */
  revoke(credentialId: string, now: Instant): void {
    this.#sessions.revoke(credentialId);
    for (const association of this.#table.all()) {
      const voucher = association.connection?.handshake.session.credentialId ?? association.voucher;
      if (voucher === credentialId) this.close(association.id, now);
    }
  }

  /** Ends all established associations and gives what `restore` of another endpoint goes on with: once, each. */
  save(): readonly SavedAssociation[] {
    const saved: SavedAssociation[] = [];
    for (const association of this.#table.all()) {
      const state = association.save();
      if (state === undefined) continue;
      this.#table.remove(association);
      saved.push(state);
    }
    return saved;
  }

  /**
   * Goes on with a saved association, whose secret it takes over; `address` is where its peer was. Gives the reason
   * when it cannot.
   */
  restore(saved: SavedAssociation, address: DatagramAddress): AssociationId | { readonly refusal: string } {
    const association = this.#starter.restore(saved, address);
    if (typeof association === 'string') return { refusal: association };
    this.#table.addEstablished(association);
    return association.id;
  }

  /** By connection id where there is one, else by address; says what became of the record. */
  #route(record: DtlsRecord, from: DatagramAddress, now: Instant): OpenedRecord | undefined {
    if (record.type === ContentType.tls12Cid) {
      const found = this.#table.findByConnectionId(record.connectionId);
      if (found !== undefined) return this.#deliver(found, record, from, now);
      this.#diagnose('unknown-connection-id', from, 'Nobody has the connection id.');
      return undefined;
    }
    const { established, handshaking } = this.#table.at(from);
    let opened: OpenedRecord | undefined;
    if (record.epoch > 0 && established !== undefined) opened = this.#deliver(established, record, from, now);
    if (opened?.kind !== 'content' && handshaking !== undefined) {
      opened = this.#deliver(handshaking, record, from, now);
    }
    if (opened === undefined) this.#diagnose('unknown-peer', from, 'There is no association.');
    return opened;
  }

  #deliver(association: Association, record: DtlsRecord, from: DatagramAddress, now: Instant): OpenedRecord {
    const { opened, events } = association.handleRecord(record, from, now);
    const isEstablished = association.connection !== undefined;
    if (opened.kind === 'content' && isEstablished) this.#resting.wake(association, now);
    if (events.length > 0 || !isEstablished) this.#process(association, events, now);
    else if (association.deadline !== undefined) this.#table.watch(association);
    return opened;
  }

  #handleClientHello(record: DtlsRecord, from: DatagramAddress, now: Instant): void {
    const admission = this.#admission.consider(record, from, now);
    switch (admission.kind) {
      case 'answered':
        this.#outputs.push({ kind: 'transmit', to: from, datagram: admission.datagram });
        if (admission.problem !== undefined) {
          this.#diagnose(admission.problem.problem, from, admission.problem.detail);
        }
        break;
      case 'dropped':
        this.#diagnose(admission.problem, from, admission.detail);
        break;
      case 'repeated':
        this.#deliver(admission.association, record, from, now);
        break;
      case 'begins': {
        const { association, driver, replaced } = admission;
        if (replaced !== undefined) {
          // To begin over and over costs the server signatures, and the client nothing.
          this.#failures.note(from.address, now);
          this.#fail(replaced, 'replaced', 'The client began anew.', undefined);
        }
        this.#table.add(association);
        this.#process(association, association.begin(driver, now), now);
        break;
      }
    }
  }

  /** Carries out what an association wants, and what follows from it. */
  #process(association: Association, events: readonly AssociationEvent[], now: Instant): void {
    const { id, role } = association;
    for (const event of events) {
      switch (event.kind) {
        case 'transmit':
          this.#outputs.push({ kind: 'transmit', to: association.address, datagram: event.datagram });
          break;
        case 'received':
          this.#outputs.push({ kind: 'received', association: id, plaintext: event.plaintext });
          break;
        case 'ask':
          this.#ask(association, event.question, now);
          break;
        case 'established':
          this.#establish(association, event.result, now);
          break;
        case 'address-changed':
          this.#table.move(association, event.previous);
          this.#outputs.push({ kind: 'address-changed', association: id, address: event.address });
          break;
        case 'closed':
          if (event.isFatal) this.#forgetSession(association);
          this.#close(association, event.reason);
          break;
        case 'failed':
          if (role === 'server' && event.failure !== 'timeout') {
            this.#failures.note(association.address.address, now);
          }
          this.#fail(association, event.failure, event.reason, event.alert);
          break;
        case 'diagnostic':
          this.#diagnose(event.problem, association.address, event.detail);
          break;
      }
    }
    if (association.state !== 'ended') this.#table.watch(association);
  }

  /** Asks outside, or judges by what was given for it. */
  #ask(association: Association, question: HandshakeQuestion, now: Instant): void {
    const { id, role, address } = association;
    const { serverName } = question;
    if (question.kind === 'trust' && question.evidence.kind === 'certificate') {
      const trust = role === 'client' ? this.#trusts.get(association) : this.#options.trust;
      if (trust !== undefined) {
        const context = { now, role: role === 'client' ? 'server' : 'client', host: serverName } as const;
        const judged = judgePeer(
          question.evidence.certificate,
          trust,
          role === 'client' ? context : { ...context, host: undefined },
        );
        const answer: TrustAnswer = isRefusal(judged) ? judged : { kind: 'trusted', credentialId: 'default' };
        this.#process(association, association.answerTrust(answer, now), now);
        return;
      }
    }
    const lookup = this.#questions.open(association);
    const common = { lookup, association: id, address, serverName };
    switch (question.kind) {
      case 'pre-shared-key':
        this.#outputs.push({ kind: 'psk-lookup', ...common, identity: question.identity });
        break;
      case 'trust':
        this.#outputs.push({ kind: 'verify-peer', ...common, role, evidence: question.evidence });
        break;
    }
  }

  #establish(association: Association, result: HandshakeResult, now: Instant): void {
    const { session, isResumed, ownConnectionId, peerConnectionId, clientRandom } = result;
    const { id, role, address } = association;
    const replaced = this.#table.promote(association);
    if (replaced !== undefined) this.#close(replaced, 'replaced');
    const excessive = this.#table.findExcessive(now);
    if (excessive !== undefined) this.#close(excessive, 'evicted');
    this.#questions.drop(association);
    if (role === 'server' && !isResumed) this.#sessions.remember(session, now);
    if (this.#options.logsKeys) {
      this.#outputs.push({ kind: 'key-log', line: keyLogLine(clientRandom, session.masterSecret) });
    }
    const { peer, credentialId, suite, masterSecret } = session;
    const copy =
      role === 'client' ? { ...session, masterSecret: new Secret(masterSecret.reveal().slice()) } : undefined;
    this.#outputs.push({
      kind: 'established',
      association: id,
      role,
      address,
      peer,
      credentialId,
      isResumed,
      suite: suite.name,
      session: copy,
      ownConnectionId,
      peerConnectionId,
    });
  }

  #close(association: Association, reason: ClosedReason): void {
    this.#remove(association);
    this.#outputs.push({ kind: 'closed', association: association.id, reason });
  }

  #fail(association: Association, reason: FailureReason, detail: string, alert: number | undefined): void {
    const { id, role, address } = association;
    this.#remove(association);
    this.#outputs.push({ kind: 'failed', association: id, role, address, reason, detail, alert });
  }

  #remove(association: Association): void {
    this.#questions.drop(association);
    this.#table.remove(association);
    association.end();
  }

  #forgetSession(association: Association): void {
    const sessionId = association.connection?.handshake.sessionId;
    if (sessionId !== undefined) this.#sessions.forget(sessionId);
  }

  #diagnose(problem: DiagnosticKind, from: DatagramAddress, detail: string): void {
    this.#outputs.push({ kind: 'diagnostic', problem, from, detail });
  }
}
