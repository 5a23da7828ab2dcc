import { addDuration, durationBetween, equalBytes, type Instant } from '@dunlin/base';

import type { AssociationOptions } from './association-options.ts';
import { maxCookieAge } from './cookie.ts';
import type { ClosedReason, DatagramAddress, DiagnosticKind } from './dtls-output.ts';
import type { Flight } from './handshake/flight.ts';
import type { HandshakeResult } from './handshake/handshake-action.ts';
import type { PeerPath } from './peer-path.ts';
import { RememberedHandshake } from './remembered-handshake.ts';
import type { OpenedRecord, RecordLayer } from './record-layer/record-layer.ts';
import { AlertLevel, decodeAlert, encodeAlert } from './wire/alert.ts';
import { AlertDescription } from './wire/alert-description.ts';
import { ContentType } from './wire/content-type.ts';
import { decodeHandshakeFragments } from './wire/handshake-header.ts';
import { HandshakeType } from './wire/handshake-type.ts';
import { isMalformed } from './wire/malformed.ts';
import { type DtlsRecord, recordHeaderLength } from './wire/record.ts';

/** What came of a record or a command. */
export type ConnectionEvent =
  | { readonly kind: 'transmit'; readonly datagram: Uint8Array }
  | { readonly kind: 'received'; readonly plaintext: Uint8Array }
  | {
      readonly kind: 'address-changed';
      readonly address: DatagramAddress;
      readonly previous: DatagramAddress;
    }
  /** `isFatal`: its session is not to be resumed (RFC 5246 §7.2.2). */
  | { readonly kind: 'closed'; readonly reason: ClosedReason; readonly isFatal: boolean }
  | { readonly kind: 'diagnostic'; readonly problem: DiagnosticKind; readonly detail: string };

/** What became of a plaintext to send. */
export type SendOutcome =
  | 'sent'
  /** Will be sent when the handshake is complete. */
  | 'queued'
  | 'unknown-association'
  | 'queue-full'
  /** Longer than the peer takes in a record. */
  | 'too-long'
  /** The new address of the peer has not answered yet, and was sent enough. */
  | 'address-unconfirmed'
  /** It is closed, or has no sequence numbers left. */
  | 'closed';

/** What a connection begins with. */
export interface ConnectionParameters {
  readonly records: RecordLayer;
  readonly path: PeerPath;
  /** What the handshake agreed on, now or before a restart. */
  readonly result: HandshakeResult;
  /** The address follows the peer: for a server whose connection id the peer uses (RFC 9146 §6). */
  readonly followsAddress: boolean;
  readonly lastFlight: Flight | undefined;
  readonly options: AssociationOptions;
}

/** An association whose handshake is complete, until it is closed. Only authentic records have a say. */
export class EstablishedConnection {
  /** What the handshake agreed on. */
  readonly handshake: RememberedHandshake;
  readonly #records: RecordLayer;
  readonly #path: PeerPath;
  readonly #followsAddress: boolean;
  readonly #options: AssociationOptions;
  #lastFlight: Flight | undefined;
  #lastRefusalAt: Instant | undefined;
  #closing: { readonly sequenceNumber: number; readonly until: Instant } | undefined;
  readonly #madeAt: Instant;
  #lastActiveAt: Instant;
  #events: ConnectionEvent[] | undefined;

  constructor(parameters: ConnectionParameters, now: Instant) {
    this.handshake = new RememberedHandshake(parameters.result);
    this.#records = parameters.records;
    this.#path = parameters.path;
    this.#followsAddress = parameters.followsAddress;
    this.#options = parameters.options;
    this.#lastFlight = parameters.lastFlight;
    this.#madeAt = now;
    this.#lastActiveAt = now;
  }

  /** When an authentic record came last. */
  get lastActiveAt(): Instant {
    return this.#lastActiveAt;
  }

  /** When a connection that the peer is closing has ended; `undefined` as long as it is open. */
  get endsAt(): Instant | undefined {
    return this.#closing?.until;
  }

  /** True while a ClientHello of this random may be a late duplicate of the one that made the connection. */
  isMadeBy(clientRandom: Uint8Array, now: Instant): boolean {
    const isLate = durationBetween(this.#madeAt, now) >= maxCookieAge(this.#options);
    return !isLate && equalBytes(this.handshake.clientRandom, clientRandom);
  }

  /** What came of the calls so far, in order. */
  takeEvents(): readonly ConnectionEvent[] {
    const events = this.#events ?? noEvents;
    this.#events = undefined;
    return events;
  }

  /** A record that is, by its connection id or its address, for this connection. */
  handleRecord(record: DtlsRecord, from: DatagramAddress, now: Instant): OpenedRecord {
    const opened = this.#records.open(record);
    if (opened.kind !== 'content') return opened;
    if (this.#closing !== undefined) {
      const isOlder = opened.sequenceNumber < this.#closing.sequenceNumber;
      if (isOlder && opened.type === ContentType.applicationData) this.#deliver(opened.content);
      return opened;
    }
    this.#lastActiveAt = now;
    if (opened.isNewest && this.#followsAddress) this.#follow(record, from, now);
    switch (opened.type) {
      case ContentType.applicationData:
        this.#lastFlight = undefined; // The peer has it, or else it would not send data (RFC 6347 §4.2.4).
        this.#deliver(opened.content);
        break;
      case ContentType.alert:
        this.#handleAlert(opened.content, opened.sequenceNumber, now);
        break;
      case ContentType.handshake:
        this.#handleHandshake(opened.content, now);
        break;
      case ContentType.changeCipherSpec:
        break; // There is no second change of keys.
    }
    return opened;
  }

  /** Protects and sends one plaintext. */
  send(plaintext: Uint8Array): SendOutcome {
    if (this.#closing !== undefined) return 'closed';
    const record = this.#seal(ContentType.applicationData, plaintext);
    if (typeof record === 'string') return record;
    this.#tell({ kind: 'transmit', datagram: record });
    return 'sent';
  }

  /** Says goodbye; nothing is sent or received after it (RFC 5246 §7.2.1). */
  close(): void {
    if (this.#closing === undefined) this.#sendAlert(AlertLevel.warning, AlertDescription.closeNotify);
    this.#tell({ kind: 'closed', reason: 'closed-here', isFatal: false });
  }

  /** The time after the peer's close_notify is over. */
  end(): void {
    this.#tell({ kind: 'closed', reason: 'closed-by-peer', isFatal: false });
  }

  #deliver(plaintext: Uint8Array): void {
    // Records without content are legal and say nothing (RFC 5246 §6.2.1).
    if (plaintext.length > 0) this.#tell({ kind: 'received', plaintext });
  }

  #follow(record: DtlsRecord, from: DatagramAddress, now: Instant): void {
    const length = recordHeaderLength + record.connectionId.length + record.fragment.length;
    const previous = this.#path.address;
    switch (this.#path.noteNewest(from, length, now)) {
      case 'same':
        break;
      case 'changed':
        this.#tell({ kind: 'address-changed', address: from, previous });
        break;
      case 'refused':
        this.#diagnose('address-change-refused', 'The address changes too fast.');
        break;
    }
  }

  /** Alerts here are authentic; those of level warning, but for close_notify, change nothing. */
  #handleAlert(content: Uint8Array, sequenceNumber: number, now: Instant): void {
    const alert = decodeAlert(content);
    if (isMalformed(alert)) return;
    if (alert.description === AlertDescription.closeNotify) {
      this.#sendAlert(AlertLevel.warning, AlertDescription.closeNotify);
      this.#lastFlight = undefined;
      this.#closing = { sequenceNumber, until: addDuration(now, this.#options.closingTime) };
    } else if (alert.level !== AlertLevel.warning) {
      this.#tell({ kind: 'closed', reason: 'failed', isFatal: true });
    }
  }

  /** A repeated Finished asks for the last flight again; a new handshake in here is refused. */
  #handleHandshake(content: Uint8Array, now: Instant): void {
    const fragments = decodeHandshakeFragments(content);
    const type = isMalformed(fragments) ? undefined : fragments[0]?.type;
    if (type === HandshakeType.finished) {
      const step = this.#lastFlight?.repeat(this.#records, now);
      if (step?.kind !== 'send') return;
      for (const datagram of step.datagrams) this.#tell({ kind: 'transmit', datagram });
    } else if (type === HandshakeType.clientHello || type === HandshakeType.helloRequest) {
      this.#refuseRenegotiation(now);
    }
  }

  #refuseRenegotiation(now: Instant): void {
    const last = this.#lastRefusalAt;
    const { minRefusalInterval } = this.#options;
    if (last !== undefined && durationBetween(last, now) < minRefusalInterval) return;
    this.#lastRefusalAt = now;
    this.#sendAlert(AlertLevel.warning, AlertDescription.noRenegotiation);
    this.#diagnose('renegotiation-refused', 'The peer asked for a new handshake within the association.');
  }

  #sendAlert(level: number, description: number): void {
    const record = this.#seal(ContentType.alert, encodeAlert({ level, description }));
    if (typeof record !== 'string') this.#tell({ kind: 'transmit', datagram: record });
  }

  #seal(
    type: typeof ContentType.applicationData | typeof ContentType.alert,
    content: Uint8Array,
  ): Uint8Array | SendOutcome {
    const record = this.#records.seal(1, type, content);
    if (!('kind' in record)) return this.#path.admits(record.length) ? record : 'address-unconfirmed';
    switch (record.reason) {
      case 'too-long':
        return 'too-long';
      case 'no-keys':
        return 'closed';
      case 'sequence-exhausted':
        this.#tell({ kind: 'closed', reason: 'failed', isFatal: false });
        return 'closed';
    }
  }

  #tell(event: ConnectionEvent): void {
    this.#events ??= [];
    this.#events.push(event);
  }

  #diagnose(problem: DiagnosticKind, detail: string): void {
    this.#tell({ kind: 'diagnostic', problem, detail });
  }
}

const noEvents: readonly ConnectionEvent[] = [];
