import type { Instant, Random } from '@dunlin/base';

import type { CoapOutput, ExchangeId, ObservationId, RelationId, RequestId } from './endpoint-output.ts';
import type { Peer } from './peer.ts';
import type { Request, RequestOptions, Response } from './request.ts';

/** CONTRACT STUB: the owner of the CoAP endpoint replaces every body; the signatures are what the roles build on. */
export interface CoapEndpointOptions {
  readonly random: Random;
}

/** What identifies an observation across a restart. */
export interface ObservationRecord {
  readonly peer: Peer;
  readonly token: Uint8Array;
  readonly request: Request;
}

/** Both CoAP roles on one local binding, as one state machine: feed it, drain `poll`, wake it at `deadline`. */
export class CoapEndpoint {
  constructor(options: Readonly<CoapEndpointOptions>) {
    void options;
  }

  /** When `wake` has something to do. */
  get deadline(): Instant | undefined {
    throw new Error('stub');
  }

  /** Takes a datagram in. */
  handle(datagram: Uint8Array, peer: Peer, now: Instant): void {
    throw new Error(`stub ${datagram.length} ${peer.key} ${now}`);
  }

  /** Does what is due. */
  wake(now: Instant): void {
    throw new Error(`stub ${now}`);
  }

  /** The next output, until `undefined`. */
  poll(): CoapOutput | undefined {
    throw new Error('stub');
  }

  /** Sends a request. Exactly one `response` or `request-failed` output follows. */
  request(peer: Peer, request: Request, now: Instant, options?: Readonly<RequestOptions>): RequestId {
    throw new Error(`stub ${peer.key} ${request.method} ${now} ${options}`);
  }

  /** Stops waiting for a response: `request-failed` with `cancelled` follows; a late response gets a Reset. */
  cancelRequest(request: RequestId, now: Instant): void {
    throw new Error(`stub ${request} ${now}`);
  }

  /**
   * Observes a resource of the peer. A first `notification` (or `observation-ended`) follows, then one
   * per notification.
   */
  observe(peer: Peer, request: Request, now: Instant, options?: Readonly<RequestOptions>): ObservationId {
    throw new Error(`stub ${peer.key} ${request.method} ${now} ${options}`);
  }

  /** What to store of an observation so that it outlives this process; `undefined` when it is over. */
  observationRecord(observation: ObservationId): ObservationRecord | undefined {
    throw new Error(`stub ${observation}`);
  }

  /** Takes an observation up again after a restart: its notifications are delivered from now on. */
  restoreObservation(record: ObservationRecord, now: Instant): ObservationId {
    throw new Error(`stub ${record.token.length} ${now}`);
  }

  /** Moves an observation to a peer's new address (the same device, authenticated above this layer). */
  moveObservation(observation: ObservationId, peer: Peer): void {
    throw new Error(`stub ${observation} ${peer.key}`);
  }

  /**
   * Ends an observation: `passive` forgets it at once and answers its next notification with a Reset;
   * `active` sends GET with Observe 1 and the same token. `observation-ended` follows either way.
   */
  cancelObservation(observation: ObservationId, way: 'active' | 'passive', now: Instant): void {
    throw new Error(`stub ${observation} ${way} ${now}`);
  }

  /**
   * Answers a request. When the request registers an observation and the response is a success with
   * `observe: true`, the peer observes from now on, and its relation is returned.
   */
  respond(
    exchange: ExchangeId,
    response: Response,
    now: Instant,
    options?: { readonly observe?: boolean },
  ): RelationId | undefined {
    throw new Error(`stub ${exchange} ${response.code} ${now} ${options}`);
  }

  /** Drops a request without any answer (not even an empty acknowledgement). */
  ignore(exchange: ExchangeId, now: Instant): void {
    throw new Error(`stub ${exchange} ${now}`);
  }

  /**
   * Sends a notification. While a confirmable one is unacknowledged only the newest waits (RFC 7641 §4.5).
   * A response of class 4 or 5 ends the relation. At least every 24 hours one is confirmable whatever is asked.
   */
  notify(
    relation: RelationId,
    response: Response,
    now: Instant,
    options?: { readonly isConfirmable?: boolean },
  ): void {
    throw new Error(`stub ${relation} ${response.code} ${now} ${options}`);
  }

  /** Forgets a relation without telling the peer. */
  endRelation(relation: RelationId): void {
    throw new Error(`stub ${relation}`);
  }

  /** Forgets all that concerns a peer; requests to it fail with `cancelled`. */
  forgetPeer(peer: Peer, now: Instant): void {
    throw new Error(`stub ${peer.key} ${now}`);
  }

  /** Asks whether the peer is alive with an empty confirmable message; a `pong` follows. */
  ping(peer: Peer, now: Instant): void {
    throw new Error(`stub ${peer.key} ${now}`);
  }
}
