import type { Instant, Scheduled } from '@dunlin/base';

import { tokenKey } from '../message.ts';
import type { PeerState } from '../peer-state.ts';
import type { Request, RequestOptions } from '../request.ts';
import type { Operation } from '../exchange/operation.ts';

/** The rest of a notification on its way. */
export interface Fetch {
  readonly operation: Operation;
  /** Of the notification. */
  readonly sequence: number;
}

/** An observation of a peer's resource by us (RFC 7641 §3). */
export class Observation implements Scheduled {
  readonly kind = 'observation';
  readonly id: number;
  peer: PeerState;
  readonly request: Request;
  readonly options: RequestOptions;
  readonly token: Uint8Array;
  readonly tokenKey: string;
  state: 'registering' | 'established' | 'cancelling' | 'ended' = 'registering';
  /** Sequence number and arrival of the newest notification; −1 when there was none since the start. */
  lastSequence = -1;
  lastAt: Instant | undefined = undefined;
  /** True once a notification was delivered. */
  hasDelivered = false;
  /** The registration or cancellation that is under way. */
  operation: Operation | undefined = undefined;
  /** Fetches the rest of the newest notification. */
  fetch: Fetch | undefined = undefined;
  /** When to register again, if that is wanted. */
  dueAt: Instant | undefined = undefined;
  heapIndex = -1;

  constructor(
    id: number,
    peer: PeerState,
    what: { readonly request: Request; readonly options: RequestOptions; readonly token: Uint8Array },
  ) {
    this.id = id;
    this.peer = peer;
    this.request = what.request;
    this.options = what.options;
    this.token = what.token;
    this.tokenKey = tokenKey(what.token);
  }
}
