import type { Instant, Scheduled } from '@dunlin/base';

import type { Block1Sender } from '../blockwise/block1-sender.ts';
import type { Block2Receiver } from '../blockwise/block2-receiver.ts';
import type { TaggedBody } from '../blockwise/request-tags.ts';
import type { Observation } from '../observe/observation.ts';
import type { PeerState } from '../peer-state.ts';
import type { Request, RequestOptions } from '../request.ts';
import type { RequestFailure } from '../endpoint-output.ts';
import type { DecodedResponse } from '../response-codec.ts';
import type { OutgoingExchange } from './outgoing-exchange.ts';

/** What an operation is for: the role's request, or a step in the life of an observation of ours. */
export type OperationPurpose =
  | { readonly kind: 'request' }
  | { readonly kind: 'register'; readonly observation: Observation }
  | { readonly kind: 'cancel'; readonly observation: Observation }
  /** Fetches what did not fit into a notification (RFC 7959 §2.6). */
  | { readonly kind: 'rest'; readonly observation: Observation };

/** How an operation ended. */
export type OperationOutcome =
  | { readonly kind: 'answered'; readonly answer: DecodedResponse }
  | { readonly kind: 'failed'; readonly reason: RequestFailure; readonly detail?: string | undefined };

/** A whole request of ours, from its first block to the last one of its response. */
export class Operation implements Scheduled {
  readonly kind = 'operation';
  readonly id: number;
  readonly peer: PeerState;
  readonly request: Request;
  readonly options: RequestOptions;
  readonly purpose: OperationPurpose;
  /** The message exchange that is under way. */
  exchange: OutgoingExchange | undefined = undefined;
  /** What the peer wants back as a sign that we receive at our address (RFC 9175 §2.3). */
  echo: Uint8Array | undefined = undefined;
  hasBegun = false;
  /** What its body is told apart by, once it goes in blocks (RFC 9175 §3). */
  taggedBody: TaggedBody | undefined = undefined;
  /** Sends the body of the request (RFC 7959 §2.5); gone when it was sent. */
  upload: Block1Sender | undefined = undefined;
  /** Puts the body of the response together (RFC 7959 §2.4); there from the first block on. */
  download: Block2Receiver | undefined = undefined;
  dueAt: Instant | undefined = undefined;
  heapIndex = -1;

  constructor(
    id: number,
    peer: PeerState,
    request: Request,
    options: RequestOptions,
    purpose: OperationPurpose,
  ) {
    this.id = id;
    this.peer = peer;
    this.request = request;
    this.options = options;
    this.purpose = purpose;
  }
}
