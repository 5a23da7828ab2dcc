import type { Instant, Scheduled } from '@dunlin/base';

import type { BlockOption } from '../block-option.ts';
import type { PeerState } from '../peer-state.ts';
import type { IncomingRequest } from '../request.ts';
import type { TransferOptions } from '../transfer-options.ts';

/** A request that we received and that the role has not answered yet. */
export class IncomingExchange implements Scheduled {
  readonly kind = 'exchange';
  readonly id: number;
  readonly peer: PeerState;
  readonly messageId: number;
  readonly token: Uint8Array;
  readonly request: IncomingRequest;
  readonly transfer: TransferOptions;
  readonly receivedAt: Instant;
  /** An empty acknowledgement went ahead: the response is a message of its own (RFC 7252 §5.2.2). */
  isAcknowledged = false;
  isAnswered = false;
  /** The block that completed the body, as the answer names it (RFC 7959 §2.3). */
  block1: BlockOption | undefined = undefined;
  /** Set when the body came in blocks, so that the answer is kept for a repetition of the last one. */
  uploadKey: string | undefined = undefined;
  /** Repetitions of the last block under other message ids: they get the same answer. */
  followers: readonly IncomingExchange[] | undefined = undefined;
  dueAt: Instant | undefined = undefined;
  heapIndex = -1;

  constructor(
    id: number,
    peer: PeerState,
    head: { readonly messageId: number; readonly token: Uint8Array },
    content: { readonly request: IncomingRequest; readonly transfer: TransferOptions },
    now: Instant,
  ) {
    this.id = id;
    this.peer = peer;
    this.messageId = head.messageId;
    this.token = head.token;
    this.request = content.request;
    this.transfer = content.transfer;
    this.receivedAt = now;
  }
}
