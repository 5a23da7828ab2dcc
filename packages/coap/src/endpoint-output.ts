import type { IncomingRequest, IncomingResponse } from './request.ts';
import type { Peer } from './peer.ts';

declare const requestIdBrand: unique symbol;
declare const exchangeIdBrand: unique symbol;
declare const relationIdBrand: unique symbol;
declare const observationIdBrand: unique symbol;

/** A request that we sent. */
export type RequestId = number & { readonly [requestIdBrand]: true };
/** A request that we received and owe a response. */
export type ExchangeId = number & { readonly [exchangeIdBrand]: true };
/** An observation of one of our resources by a peer (RFC 7641: an entry of the list of observers). */
export type RelationId = number & { readonly [relationIdBrand]: true };
/** An observation of a peer's resource by us. */
export type ObservationId = number & { readonly [observationIdBrand]: true };

/** Why a request of ours has no response. `detail` beside it says more for people where the transport did. */
export type RequestFailure =
  | 'no-answer'
  | 'reset'
  | 'cancelled'
  | 'overloaded'
  | 'malformed-response'
  | 'body-too-large'
  | 'body-changed'
  /** The transport did not take it: it never left. */
  | 'not-sent'
  /** The transport says that it did not arrive. */
  | 'not-delivered';

/** What comes out of a `CoapEndpoint`. */
export type CoapOutput =
  | { readonly kind: 'transmit'; readonly peer: Peer; readonly datagram: Uint8Array }
  /** A whole request; answer it with `respond`. */
  | {
      readonly kind: 'request';
      readonly exchange: ExchangeId;
      readonly peer: Peer;
      readonly request: IncomingRequest;
    }
  /** The whole response to a request of ours. */
  | { readonly kind: 'response'; readonly request: RequestId; readonly response: IncomingResponse }
  | {
      readonly kind: 'request-failed';
      readonly request: RequestId;
      readonly reason: RequestFailure;
      readonly detail?: string;
    }
  /**
   * The whole content of a notification, the first response included. `isFresh` is false when a newer one
   * was delivered before (RFC 7641 §3.4).
   */
  | {
      readonly kind: 'notification';
      readonly observation: ObservationId;
      readonly peer: Peer;
      readonly response: IncomingResponse;
      readonly isFresh: boolean;
      readonly isFirst: boolean;
    }
  /**
   * An observation of ours is over: `refused` (an error or a response without Observe to the registration:
   * `response` is it), `ended-by-peer` (an error notification: `response` is it), `cancelled` (by us; after
   * an active cancellation `response` is its answer), `failed` (`failure` says how the registration failed).
   */
  | {
      readonly kind: 'observation-ended';
      readonly observation: ObservationId;
      readonly reason: 'refused' | 'ended-by-peer' | 'cancelled' | 'failed';
      readonly response?: IncomingResponse;
      readonly failure?: RequestFailure;
      readonly detail?: string;
    }
  /** A peer observes no longer: it said so, rejected a notification, did not acknowledge one, or its
   * Content-Format could not be kept (`not-acceptable`, RFC 7641 §4.2). */
  | {
      readonly kind: 'relation-ended';
      readonly relation: RelationId;
      readonly reason: 'deregistered' | 'reset' | 'no-answer' | 'replaced' | 'not-acceptable';
    }
  /** A confirmable notification arrived at the peer. */
  | { readonly kind: 'notification-acknowledged'; readonly relation: RelationId }
  /** The answer to a ping: whether the peer is alive (RFC 7252 §1.2). */
  | { readonly kind: 'pong'; readonly peer: Peer; readonly isAlive: boolean };
