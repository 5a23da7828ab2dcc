import type { IncomingExchange } from './exchange/incoming-exchange.ts';
import type { OutgoingExchange } from './exchange/outgoing-exchange.ts';
import type { Operation } from './exchange/operation.ts';
import type { SeparateResponse } from './exchange/separate-response.ts';
import type { Ping } from './message-layer/ping.ts';
import type { PeerState, SendingState } from './peer-state.ts';
import type { Observation } from './observe/observation.ts';
import type { Relation } from './observe/relation.ts';

/** A message of ours that the peer has not acknowledged, or a non-confirmable request without a response. */
export type OutstandingMessage = OutgoingExchange | SeparateResponse | Relation | Ping;

/** What waits for its turn toward a peer (RFC 7252 §4.7, RFC 7641 §4.5.1). */
export type Interaction = OutgoingExchange | Relation;

/** All that can wait for a point in time. */
export type Timed =
  | OutstandingMessage
  | IncomingExchange
  | Operation
  | Observation
  | PeerState
  | SendingState;
