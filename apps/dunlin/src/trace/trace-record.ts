import type { TraceAssociation, TracePayload } from '@dunlin/api';
import type { Instant } from '@dunlin/base';
import type { Peer } from '@dunlin/coap';

/** Which of the two servers a message is of. */
export type TraceService = 'management' | 'bootstrap';

/** What a token was sent for, so that its responses can be read. */
export interface TraceRequest {
  readonly segments: readonly string[];
}

/** A datagram that passed, as it is kept: it is read when somebody looks at it. */
export interface DatagramRecord {
  readonly kind: 'datagram';
  readonly time: Instant;
  readonly direction: 'in' | 'out';
  readonly peer: Peer;
  readonly local: string;
  readonly service: TraceService;
  /** The message; without its payload when that is withheld. */
  readonly datagram: Uint8Array;
  /** Bytes of the message with its payload. */
  readonly size: number;
  readonly withheld: TracePayload['withheld'];
  /** What it asks, or answers where that is known. */
  readonly request: TraceRequest | undefined;
  readonly isRepeated: boolean;
}

/** What happened to a secure association. */
export interface AssociationRecord {
  readonly kind: 'association';
  readonly time: Instant;
  readonly service: TraceService;
  readonly facts: Omit<TraceAssociation, 'kind' | 'id' | 'time' | 'service'>;
}

export type TraceRecord = DatagramRecord | AssociationRecord;

/** About how many bytes a record takes. */
export function recordLength(record: TraceRecord): number {
  return 256 + (record.kind === 'datagram' ? record.datagram.length : 0);
}
