import { type Instant, type Scheduled, Secret } from '@dunlin/base';

import type { AssociationId, LookupId } from './association-id.ts';
import type { AssociationOptions } from './association-options.ts';
import type { Role } from './crypto/key-schedule.ts';
import { plainBytes } from './crypto/plain-bytes.ts';
import type { DatagramAddress } from './dtls-output.ts';
import { type ConnectionEvent, EstablishedConnection, type SendOutcome } from './established-connection.ts';
import type { Flight } from './handshake/flight.ts';
import type { HandshakeResult, PreSharedKeyAnswer, TrustAnswer } from './handshake/handshake-action.ts';
import type { HandshakeDriver, HandshakeEvent } from './handshake/handshake-driver.ts';
import { packBytes } from './packed-bytes.ts';
import { PeerPath } from './peer-path.ts';
import type { OpenedRecord, RecordLayer } from './record-layer/record-layer.ts';
import type { SavedAssociation } from './saved-association.ts';
import type { DtlsRecord } from './wire/record.ts';

/** What came of a call, for whoever keeps the association. */
export type AssociationEvent =
  | ConnectionEvent
  | Exclude<HandshakeEvent, { readonly kind: 'complete' }>
  | { readonly kind: 'established'; readonly result: HandshakeResult };

/** What an association begins with, new or restored. */
export interface AssociationParameters {
  readonly id: AssociationId;
  readonly role: Role;
  readonly address: DatagramAddress;
  readonly records: RecordLayer;
  /** What this side wants in records it receives; in use only if the handshake agrees on it. */
  readonly ownConnectionId: Uint8Array;
  readonly options: AssociationOptions;
}

/** The life of an association. */
type AssociationState =
  | { readonly kind: 'handshaking'; readonly driver: HandshakeDriver; readonly queue: Uint8Array[] }
  | { readonly kind: 'established'; readonly connection: EstablishedConnection }
  | { readonly kind: 'ended' };

const ended: AssociationState = { kind: 'ended' };
const unopened: OpenedRecord = { kind: 'discarded', reason: 'epoch' };

/** One association with one peer, from its first message to its end. */
export class Association implements Scheduled {
  dueAt: Instant | undefined;
  heapIndex = 0;
  /** Which of the table's queues it waits in; the table alone writes to it. */
  isWatchedForIdleness = false;
  isAwake = false;
  readonly id: AssociationId;
  readonly role: Role;
  readonly records: RecordLayer;
  /** The connection id that this side wants in records it receives, packed; empty for none. */
  readonly connectionKey: string;
  /** The body of the ClientHello that a server's handshake began with, to know its repetitions by. */
  helloBody: Uint8Array | undefined;
  /** The question that is out, if one is; `OpenQuestions` alone writes to it. */
  lookup: LookupId | undefined;
  /** The credential that the last answer named, while the handshake goes on: should it be revoked, so is the peer. */
  voucher: string | undefined;
  readonly #path: PeerPath;
  readonly #options: AssociationOptions;
  #state: AssociationState = ended;

  constructor(parameters: AssociationParameters) {
    this.id = parameters.id;
    this.role = parameters.role;
    this.records = parameters.records;
    this.connectionKey = packBytes(parameters.ownConnectionId);
    this.#options = parameters.options;
    this.#path = new PeerPath(parameters.address, parameters.options);
  }

  /** Where the peer is now. */
  get address(): DatagramAddress {
    return this.#path.address;
  }

  get state(): AssociationState['kind'] {
    return this.#state.kind;
  }

  /** The connection, once the handshake is complete. */
  get connection(): EstablishedConnection | undefined {
    return this.#state.kind === 'established' ? this.#state.connection : undefined;
  }

  /** When an authentic record came last; `undefined` as long as there is no connection. */
  get lastActiveAt(): Instant | undefined {
    return this.connection?.lastActiveAt;
  }

  /** True when the peer puts our connection id into its records, so that they are found wherever they come from. */
  get isKnownByConnectionId(): boolean {
    return this.connection?.handshake.hasOwnConnectionId ?? false;
  }

  /** When `expire` is to be called; idle times are not looked at here. */
  get deadline(): Instant | undefined {
    switch (this.#state.kind) {
      case 'handshaking':
        return this.#state.driver.deadline;
      case 'established':
        return this.#state.connection.endsAt;
      case 'ended':
        return undefined;
    }
  }

  /** Begins a handshake. */
  begin(driver: HandshakeDriver, now: Instant): readonly AssociationEvent[] {
    this.#state = { kind: 'handshaking', driver, queue: [] };
    driver.start(now);
    return this.#drain(driver, now);
  }

  /** Goes on where a saved association stopped. */
  resume(result: HandshakeResult, lastActiveAt: Instant): void {
    this.#establish(result, undefined, lastActiveAt);
  }

  /** A record for this association; `discarded` when it may be for another one at the same address. */
  handleRecord(
    record: DtlsRecord,
    from: DatagramAddress,
    now: Instant,
  ): { readonly opened: OpenedRecord; readonly events: readonly AssociationEvent[] } {
    const state = this.#state;
    switch (state.kind) {
      case 'handshaking': {
        const opened = state.driver.handleRecord(record, now);
        return { opened, events: this.#drain(state.driver, now) };
      }
      case 'established': {
        const opened = state.connection.handleRecord(record, from, now);
        return { opened, events: state.connection.takeEvents() };
      }
      case 'ended':
        return { opened: unopened, events: [] };
    }
  }

  /** Does what is due. */
  expire(now: Instant): readonly AssociationEvent[] {
    const state = this.#state;
    if (state.kind === 'handshaking') {
      state.driver.expire(now);
      return this.#drain(state.driver, now);
    }
    if (state.kind !== 'established') return [];
    const { endsAt } = state.connection;
    if (endsAt !== undefined && now >= endsAt) state.connection.end();
    return state.connection.takeEvents();
  }

  answerPreSharedKey(answer: PreSharedKeyAnswer, now: Instant): readonly AssociationEvent[] {
    if (this.#state.kind !== 'handshaking') return [];
    this.#state.driver.answerPreSharedKey(answer, now);
    return this.#drain(this.#state.driver, now);
  }

  answerTrust(answer: TrustAnswer, now: Instant): readonly AssociationEvent[] {
    if (this.#state.kind !== 'handshaking') return [];
    this.#state.driver.answerTrust(answer, now);
    return this.#drain(this.#state.driver, now);
  }

  /** Sends a plaintext, or keeps it until the handshake is complete. */
  send(plaintext: Uint8Array): {
    readonly outcome: SendOutcome;
    readonly events: readonly AssociationEvent[];
  } {
    const state = this.#state;
    switch (state.kind) {
      case 'handshaking':
        if (state.queue.length >= this.#options.maxQueued) return { outcome: 'queue-full', events: [] };
        state.queue.push(plainBytes(plaintext).slice());
        return { outcome: 'queued', events: [] };
      case 'established': {
        const outcome = state.connection.send(plaintext);
        return { outcome, events: state.connection.takeEvents() };
      }
      case 'ended':
        return { outcome: 'closed', events: [] };
    }
  }

  /** Says goodbye where there is somebody to say it to. */
  close(): readonly AssociationEvent[] {
    if (this.#state.kind !== 'established') return [];
    this.#state.connection.close();
    return this.#state.connection.takeEvents();
  }

  /** Gives back what is held only for speed. */
  rest(): void {
    this.records.rest();
  }

  /** From now on nothing is read or written; harmless when done twice. */
  end(): void {
    if (this.#state.kind === 'handshaking') this.#state.driver.abandon();
    this.connection?.handshake.session.masterSecret.destroy();
    this.#state = ended;
    this.records.destroy();
  }

  /** What to carry over a restart; the association ends with it, since only one may go on (RFC 5116 §3.2). */
  save(): SavedAssociation | undefined {
    const connection = this.#state.kind === 'established' ? this.#state.connection : undefined;
    if (connection === undefined || connection.endsAt !== undefined) return undefined;
    const { session, sessionId, clientRandom, serverRandom, ownConnectionId, peerConnectionId } =
      connection.handshake;
    const { writeSequenceNumber, replayWindow, readLimit, writeLimit } = this.records.state;
    const { address, port } = this.address;
    const saved = {
      associationId: this.id,
      role: this.role,
      peerAddress: { address, port },
      session: { ...session, id: sessionId, masterSecret: new Secret(session.masterSecret.reveal().slice()) },
      clientRandom,
      serverRandom,
      readEpoch: 1,
      writeEpoch: 1,
      nextWriteSequenceNumber: writeSequenceNumber,
      replayWindow,
      ownConnectionId,
      peerConnectionId,
      maxReceivedContent: readLimit,
      maxSentContent: writeLimit,
      lastActiveAt: connection.lastActiveAt,
    };
    this.end();
    return saved;
  }

  #drain(driver: HandshakeDriver, now: Instant): readonly AssociationEvent[] {
    const events: AssociationEvent[] = [];
    for (let event = driver.poll(); event !== undefined; event = driver.poll()) {
      if (event.kind !== 'complete') {
        events.push(event);
        continue;
      }
      const queue = this.#state.kind === 'handshaking' ? this.#state.queue : [];
      const { result, lastFlight, early } = event;
      const connection = this.#establish(result, lastFlight, now);
      events.push({ kind: 'established', result });
      for (const plaintext of early) events.push({ kind: 'received', plaintext });
      for (const plaintext of queue) {
        const outcome = connection.send(plaintext);
        events.push(...connection.takeEvents());
        if (outcome === 'sent') continue;
        const detail = `A plaintext of ${plaintext.length} bytes waited for the handshake and is not sent: ${outcome}.`;
        events.push({ kind: 'diagnostic', problem: 'not-sent', detail });
      }
    }
    return events;
  }

  #establish(result: HandshakeResult, lastFlight: Flight | undefined, now: Instant): EstablishedConnection {
    const connection = new EstablishedConnection(
      {
        records: this.records,
        path: this.#path,
        result,
        followsAddress: this.role === 'server' && result.ownConnectionId.length > 0,
        lastFlight,
        options: this.#options,
      },
      now,
    );
    this.helloBody = undefined;
    this.#state = { kind: 'established', connection };
    return connection;
  }
}
