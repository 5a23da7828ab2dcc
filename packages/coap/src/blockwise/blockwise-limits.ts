import { type Milliseconds, milliseconds } from '@dunlin/base';

/** What block-wise transfers may use. */
export interface BlockwiseLimits {
  /** Bytes of a request body, unless the resource says otherwise. */
  readonly maxRequestBodySize: number;
  /** Bytes of a response body. */
  readonly maxResponseBodySize: number;
  /** Largest block in bytes that is sent and asked for: 16, 32, … 1024. */
  readonly blockSize: number;
  /** Kept transfers of one peer; a further one displaces its oldest. */
  readonly maxTransfersPerPeer: number;
  /** Kept transfers of all peers. */
  readonly maxTransfers: number;
  /** Bytes kept for all transfers together. */
  readonly maxTransferBytes: number;
  /** How long a transfer is kept after its last block. */
  readonly transferLifetime: Milliseconds;
  /** How often a download begins anew because the body changed under it. */
  readonly maxRestarts: number;
}

/**
 * 8 KiB for a request (ordinary resources are far smaller; firmware has its own limit) and 1 MiB for a
 * response, which we asked for; blocks of 1024 bytes (RFC 7252 §4.6); 4 transfers a peer and 16 MiB in all,
 * so that a flood of first blocks cannot exhaust the memory (RFC 7959 §7.1); EXCHANGE_LIFETIME, 247 s
 * (RFC 7252 §4.8.2); 3 restarts (CR-9.9).
 */
export const blockwiseLimitsDefaults: BlockwiseLimits = {
  maxRequestBodySize: 8192,
  maxResponseBodySize: 1_048_576,
  blockSize: 1024,
  maxTransfersPerPeer: 4,
  maxTransfers: 10_000,
  maxTransferBytes: 16_777_216,
  transferLifetime: milliseconds(247_000),
  maxRestarts: 3,
};
