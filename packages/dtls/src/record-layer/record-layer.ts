import { noBytes, UsageError } from '@dunlin/base';

import { ContentType } from '../wire/content-type.ts';
import { ProtocolVersion } from '../wire/protocol-version.ts';
import {
  type DtlsRecord,
  encodeRecord,
  maxPlaintextLength,
  maxSequenceNumber,
  recordHeaderLength,
} from '../wire/record.ts';
import {
  type RecordLayerLimits,
  recordLayerLimitsDefaults,
  type RecordLayerState,
} from './record-layer-options.ts';
import {
  openRecord,
  type OpeningFailure,
  type ProtectedContentType,
  protectedOverhead,
  type ReadProtection,
  sealRecord,
  type WriteProtection,
} from './record-protection.ts';
import { ReplayWindow } from './replay-window.ts';

/** 0 is plaintext, 1 is protected; there is no other, since there is no renegotiation. */
export type Epoch = 0 | 1;

/** What became of a received record. */
export type OpenedRecord =
  | {
      readonly kind: 'content';
      readonly type: ProtectedContentType;
      readonly epoch: Epoch;
      readonly sequenceNumber: number;
      /** A view of the datagram in epoch 0, fresh memory in epoch 1. */
      readonly content: Uint8Array;
      /**
       * Newer than all authentic records before it: only then may it move the peer's address (RFC 9146 §6). Never true
       * in epoch 0.
       */
      readonly isNewest: boolean;
    }
  /** Of the protected epoch, whose keys are not there yet: kept for `takeEarlyRecords`. */
  | { readonly kind: 'early' }
  /** Silently discarded (RFC 6347 §4.1.2.7). */
  | { readonly kind: 'discarded'; readonly reason: RecordDiscardReason };

/** Why a record was discarded. */
export type RecordDiscardReason =
  | OpeningFailure
  /** Of an epoch that is not, or no longer, or too many too early. */
  | 'epoch'
  | 'version'
  /** Seen already, or too old to tell. */
  | 'replayed'
  /** Application data without protection. */
  | 'plaintext-application-data'
  /** More content than was agreed on. */
  | 'too-long';

/** Why a record cannot be written. */
export interface SealRefusal {
  readonly kind: 'refused';
  /** `no-keys`: the epoch has none yet; `sequence-exhausted`: the association has to end (RFC 6347 §4.1). */
  readonly reason: 'no-keys' | 'too-long' | 'sequence-exhausted';
}

/** How a record layer begins. */
export interface RecordLayerOptions {
  readonly limits?: RecordLayerLimits;
  /** The sequence number of the first record in epoch 0: a server goes on from that of the ClientHello (RFC 6347 §4.2.1). */
  readonly firstSequenceNumber?: number;
  /** What to go on from; without plaintext epoch. Keys are given as at the end of a handshake. */
  readonly restored?: RecordLayerState;
}

/**
 * The records of one association in both directions (RFC 6347 §4.1). Reading: a record that is a replay, of the
 * wrong form or not authentic is discarded without a trace but in counters. Writing: each record, a retransmitted one
 * too, has a new sequence number, and none is written beyond 2^48 − 1.
 */
export class RecordLayer {
  readonly #limits: RecordLayerLimits;
  /** The sequence number of the next record of epoch 0, and of epoch 1. */
  #nextInPlaintext: number;
  #nextProtected: number;
  readonly #window: ReplayWindow;
  #writing: WriteProtection | undefined;
  #reading: ReadProtection | undefined;
  #isPlaintextRead: boolean;
  #isDestroyed = false;
  #writeLimit: number;
  #readLimit: number;
  #macErrors: number;
  #early: readonly DtlsRecord[] = noRecords;
  #earlyBytes = 0;

  constructor(options: Readonly<RecordLayerOptions> = {}) {
    const { restored } = options;
    this.#limits = options.limits ?? recordLayerLimitsDefaults;
    this.#nextInPlaintext = options.firstSequenceNumber ?? 0;
    this.#nextProtected = restored?.writeSequenceNumber ?? 0;
    this.#window = new ReplayWindow(restored?.replayWindow);
    this.#isPlaintextRead = restored === undefined;
    this.#writeLimit = restored?.writeLimit ?? maxPlaintextLength;
    this.#readLimit = restored?.readLimit ?? maxPlaintextLength;
    this.#macErrors = restored?.macErrors ?? 0;
  }

  /** How many records of epoch 1 were not authentic, for filters and diagnostics. */
  get macErrors(): number {
    return this.#macErrors;
  }

  /** What to save; whoever does must not write with this record layer any more. */
  get state(): RecordLayerState {
    return {
      writeSequenceNumber: this.#nextProtected,
      replayWindow: this.#window.state,
      macErrors: this.#macErrors,
      writeLimit: this.#writeLimit,
      readLimit: this.#readLimit,
    };
  }

  /** Opens epoch 1 for writing. Throws a `UsageError` when it is open: there is no second change of keys. */
  protectWriting(protection: WriteProtection): void {
    if (this.#writing !== undefined) throw new UsageError('Epoch 1 has its write keys.');
    this.#writing = protection;
  }

  /** Opens epoch 1 for reading. Throws a `UsageError` when it is open. */
  protectReading(protection: ReadProtection): void {
    if (this.#reading !== undefined) throw new UsageError('Epoch 1 has its read keys.');
    this.#reading = protection;
  }

  /** The records that came before their keys, to be opened now; each is given out once. */
  takeEarlyRecords(): readonly DtlsRecord[] {
    const records = this.#early;
    this.#early = noRecords;
    this.#earlyBytes = 0;
    return records;
  }

  /** Overwrites the keys: nothing can be read or written any more. */
  destroy(): void {
    this.#isPlaintextRead = false;
    this.#isDestroyed = true;
    this.takeEarlyRecords();
    this.#writing?.cipher.destroy();
    this.#reading?.cipher.destroy();
    this.#writing = undefined;
    this.#reading = undefined;
  }

  /** From now on, all of epoch 0 is discarded: the handshake is complete and nothing in plaintext has a say. */
  endPlaintext(): void {
    this.#isPlaintextRead = false;
    this.takeEarlyRecords();
  }

  /** Writes records of at most so many bytes of content (RFC 6066 §4, RFC 8449 §4); never above 2^14. */
  limitWriting(maxContent: number): void {
    this.#writeLimit = Math.min(this.#writeLimit, maxContent);
  }

  /** Discards protected records of more bytes of content than this side allowed (RFC 6066 §4, RFC 8449 §4). */
  limitReading(maxContent: number): void {
    this.#readLimit = Math.min(this.#readLimit, maxContent);
  }

  /** How many bytes of content a record can have that takes up at most so many bytes of a datagram; may be negative. */
  maxContent(epoch: Epoch, availableBytes: number): number {
    const writing = epoch === 1 ? this.#writing : undefined;
    if (writing === undefined) return Math.min(this.#writeLimit, availableBytes - recordHeaderLength);
    return Math.min(this.#contentLimit(writing), availableBytes - protectedOverhead(writing));
  }

  /** A record with the next sequence number of its epoch, or why there is none. */
  seal(epoch: Epoch, type: ProtectedContentType, content: Uint8Array): Uint8Array | SealRefusal {
    const sequenceNumber = epoch === 0 ? this.#nextInPlaintext : this.#nextProtected;
    if (sequenceNumber > maxSequenceNumber - 1) return { kind: 'refused', reason: 'sequence-exhausted' };
    const writing = this.#writing;
    if (this.#isDestroyed) return { kind: 'refused', reason: 'no-keys' };
    if (epoch === 0) {
      if (content.length > this.#writeLimit) return { kind: 'refused', reason: 'too-long' };
      this.#nextInPlaintext += 1;
      return encodeRecord({
        type,
        version: ProtocolVersion.dtls12,
        epoch,
        sequenceNumber,
        connectionId: noBytes,
        fragment: content,
      });
    }
    if (writing === undefined) return { kind: 'refused', reason: 'no-keys' };
    if (content.length > this.#contentLimit(writing)) return { kind: 'refused', reason: 'too-long' };
    this.#nextProtected += 1;
    return sealRecord(writing, { epoch, sequenceNumber }, type, content);
  }

  /** What a received record says, or that it is discarded. Never throws. */
  open(record: DtlsRecord): OpenedRecord {
    if (record.epoch === 0) return this.#openPlaintext(record);
    if (record.epoch !== 1 || this.#isDestroyed) return discarded('epoch');
    if (record.version !== ProtocolVersion.dtls12) return discarded('version');
    return this.#reading === undefined ? this.#keepEarly(record) : this.#openProtected(record, this.#reading);
  }

  /** Gives back what the ciphers hold only for speed, as when an association falls idle. */
  rest(): void {
    this.#writing?.cipher.rest();
    this.#reading?.cipher.rest();
  }

  /**
   * No replay window: in an epoch without authentication, one forged record would shut out the real ones. What a
   * handshake repeats, its message numbers tell.
   */
  #openPlaintext(record: DtlsRecord): OpenedRecord {
    if (!this.#isPlaintextRead) return discarded('epoch');
    if (record.type === ContentType.tls12Cid) return discarded('connection-id');
    if (record.type === ContentType.applicationData) return discarded('plaintext-application-data');
    if (record.fragment.length > maxPlaintextLength) return discarded('too-long');
    const { type, sequenceNumber, fragment } = record;
    return { kind: 'content', type, epoch: 0, sequenceNumber, content: fragment, isNewest: false };
  }

  #openProtected(record: DtlsRecord, reading: ReadProtection): OpenedRecord {
    const { sequenceNumber } = record;
    if (!this.#window.isFresh(sequenceNumber)) return discarded('replayed');
    const opened = openRecord(reading, record);
    if (typeof opened === 'string') {
      if (opened === 'not-authentic') this.#macErrors += 1;
      return discarded(opened);
    }
    const isNewest = this.#window.isNewest(sequenceNumber);
    this.#window.markSeen(sequenceNumber);
    const { type, content } = opened;
    if (content.length > this.#readLimit) return discarded('too-long');
    return { kind: 'content', type, epoch: 1, sequenceNumber, content, isNewest };
  }

  #keepEarly(record: DtlsRecord): OpenedRecord {
    const bytes = this.#earlyBytes + record.fragment.length;
    if (this.#early.length >= this.#limits.maxEarlyRecords || bytes > this.#limits.maxEarlyBytes) {
      return discarded('epoch');
    }
    this.#earlyBytes = bytes;
    // The datagram is not ours to keep.
    const kept = {
      ...record,
      connectionId: record.connectionId.slice(),
      fragment: record.fragment.slice(),
    };
    this.#early = [...this.#early, kept];
    return { kind: 'early' };
  }

  /** With a connection id, type and padding count as well (RFC 8449 §4, as for inner plaintexts of TLS 1.3). */
  #contentLimit(writing: WriteProtection): number {
    if (writing.connectionId.length === 0) return this.#writeLimit;
    return this.#writeLimit - writing.paddingMultiple;
  }
}

const noRecords: readonly DtlsRecord[] = [];

function discarded(reason: RecordDiscardReason): OpenedRecord {
  return { kind: 'discarded', reason };
}
