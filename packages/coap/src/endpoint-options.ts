import type { Milliseconds, Random } from '@dunlin/base';
import { milliseconds } from '@dunlin/base';

import type { BlockwiseLimits } from './blockwise/blockwise-limits.ts';
import type { MessageLimits } from './message.ts';
import type { Peer } from './peer.ts';
import type { IncomingRequest } from './request.ts';
import type { TransmissionParameters } from './message-layer/transmission-parameters.ts';

/** The bound of every table and queue of an endpoint (CR-11.4). */
export interface EndpointLimits {
  /** Peers with any state. When full, the longest silent unauthenticated peer without obligations goes. Default 250,000. */
  readonly maxPeers: number;
  /** Requests and notifications of ours that wait for one peer (NSTART queue). Default 64; one more fails with `overloaded`. */
  readonly maxQueuedPerPeer: number;
  /**
   * How long a request of ours waits for its turn before it fails with `no-answer`: those before it may be given up one
   * by one, and PROBING_RATE keeps a peer that does not respond alone for minutes. Default 247 s, EXCHANGE_LIFETIME.
   */
  readonly maxQueueTime: Milliseconds;
  /** Acknowledged requests of ours to one peer without a response; further ones wait (CR-7.1). Default 16. */
  readonly maxUnansweredPerPeer: number;
  /** Requests of ours under way in all. Default 100,000. */
  readonly maxRequests: number;
  /** Received requests that the role has not answered yet, in all and of one peer; more get 5.03. Default 20,000 and 64. */
  readonly maxExchanges: number;
  readonly maxExchangesPerPeer: number;
  /** How long the role may take to answer before 5.03 is sent (CR-10.5). Default 202 s, MAX_RTT: later nobody waits. */
  readonly exchangeTimeout: Milliseconds;
  /** Observations of ours, in all. Default 1,000,000. */
  readonly maxObservations: number;
  /** Observers of us, in all and of one peer (CR-8.16); more are answered without Observe. Default 10,000 and 256. */
  readonly maxRelations: number;
  readonly maxRelationsPerPeer: number;
  /**
   * Received messages that are remembered, in all and of one peer; the oldest go first (CR-4.4). Default
   * 500,000, which is 100,000 devices that send once a minute, and 128: who keeps to NSTART 1 sends fewer.
   */
  readonly maxReceivedMessages: number;
  readonly maxReceivedMessagesPerPeer: number;
  /** Bytes of answers that are remembered for repetitions. Default 64 MiB. */
  readonly maxAnswerBytes: number;
  /** Resets sent to one source address, per second and at once (CR-4.11, CR-11.3). Default 500 and 1,000. */
  readonly resetsPerSecond: number;
  readonly resetBurst: number;
  /** Error answers to one source address without security, per second and at once (CR-11.3). Default 500 and 2,000. */
  readonly errorsPerSecond: number;
  readonly errorBurst: number;
  /**
   * Addresses that are remembered as validated after their peers were forgotten, and for how long at least
   * (CR-11.2). Default 10,000 and 24 hours: a device's server may be silent for a lifetime.
   */
  readonly maxValidatedAddresses: number;
  readonly validationLifetime: Milliseconds;
  /** New requests of ours to all peers together, per second and at once (CR-7.6). Default 50,000 and 5,000. */
  readonly startsPerSecond: number;
  readonly startBurst: number;
  /** The longest pause toward a peer that answers 4.29 or 5.03 with Max-Age (CR-7.7). Default 60 s. */
  readonly maxRetryAfter: Milliseconds;
}

/** Defaults, see `EndpointLimits`. */
export const endpointLimitsDefaults: EndpointLimits = {
  maxPeers: 250_000,
  maxQueuedPerPeer: 64,
  maxQueueTime: milliseconds(247_000),
  maxUnansweredPerPeer: 16,
  maxRequests: 100_000,
  maxExchanges: 20_000,
  maxExchangesPerPeer: 64,
  exchangeTimeout: milliseconds(202_000),
  maxObservations: 1_000_000,
  maxRelations: 10_000,
  maxRelationsPerPeer: 256,
  maxReceivedMessages: 500_000,
  maxReceivedMessagesPerPeer: 128,
  maxAnswerBytes: 0x400_0000,
  resetsPerSecond: 500,
  resetBurst: 1000,
  errorsPerSecond: 500,
  errorBurst: 2000,
  maxValidatedAddresses: 10_000,
  validationLifetime: milliseconds(86_400_000),
  startsPerSecond: 50_000,
  startBurst: 5000,
  maxRetryAfter: milliseconds(60_000),
};

/** How an endpoint behaves where the specifications leave a choice. */
export interface EndpointBehaviour {
  /**
   * Answer an unknown critical option in a non-confirmable request with NON 4.02 rather than silence
   * (CR-10.1). Default true.
   */
  readonly answerBadOptionInNon: boolean;
  /**
   * Send at most 3 times the bytes received, or `amplificationFloor` a request when that is more, to a peer
   * without security that has not shown to receive what we send (RFC 9175 §2.4, CR-11.2). Default true.
   */
  readonly amplificationLimit: boolean;
  /** Bytes that any request may be answered with: small answers need no round trip. Default 136. */
  readonly amplificationFloor: number;
  /**
   * Non-confirmable notifications to a peer without security before a confirmable one checks that it is
   * still interested (RFC 7641 §7, CR-8.12). Default 5.
   */
  readonly maxNonNotifications: number;
  /**
   * Least time between non-confirmable notifications to one peer; one that would come earlier is sent
   * confirmable, so that its acknowledgement paces it (RFC 7641 §4.5.1 says one a round trip or per 3 s).
   * Default 0: the role's minimum period rules (CR-7.4).
   */
  readonly nonNotificationInterval: Milliseconds;
  /** Diagnostic text in error answers to peers without security (CR-10.6). Default true. */
  readonly diagnosticsToUnauthenticated: boolean;
  /**
   * The role judges If-Match and If-None-Match itself. Otherwise requests with one are answered with 4.02, as both are
   * critical and must not be passed over (RFC 7252 §5.4.1, CR-10.8). Default false: no resource of LwM2M has an ETag.
   */
  readonly heedsConditions: boolean;
  /**
   * One token for all blocks of a body toward every peer, where a request does not say so itself: for peers that know
   * blocks by their token (CR-6.3). Default false, as a token for each block is safer (RFC 9175 §4.2).
   */
  readonly reuseToken: boolean;
  /** Reset for non-confirmable responses that nobody waits for, so that forgotten observations end (CR-4.11). Default true. */
  readonly resetUnknownNon: boolean;
}

/** Defaults, see `EndpointBehaviour`. */
export const endpointBehaviourDefaults: EndpointBehaviour = {
  answerBadOptionInNon: true,
  amplificationLimit: true,
  amplificationFloor: 136,
  maxNonNotifications: 5,
  nonNotificationInterval: milliseconds(0),
  diagnosticsToUnauthenticated: true,
  heedsConditions: false,
  reuseToken: false,
  resetUnknownNon: true,
};

/** What a `CoapEndpoint` is made with. */
export interface CoapEndpointOptions {
  /** Cryptographic in a running system: tokens and message ids come from it. */
  readonly random: Random;
  /** Changes to `transmissionDefaults` for all peers. */
  readonly transmission?: Partial<TransmissionParameters>;
  /**
   * Changes for one peer (NB-IoT): asked once when a peer is first met. Of peers for which nothing is said those of
   * their transport count (`transmissionForTransport`). Give the same object for the same changes.
   */
  readonly transmissionFor?: (peer: Peer) => Partial<TransmissionParameters> | undefined;
  /**
   * Which peers' empty acknowledgements and Resets count although they have a token, as those of some old devices do
   * (CR-12). Of others they are no messages (RFC 7252 §4.1). Asked for each such datagram.
   */
  readonly takesEmptyWithTokenFrom?: (peer: Peer) => boolean;
  readonly limits?: Partial<EndpointLimits>;
  readonly behaviour?: Partial<EndpointBehaviour>;
  readonly blockwise?: Partial<BlockwiseLimits>;
  /**
   * Changes to `messageLimitsDefaults`: extended tokens (RFC 8974, CR-6.1), or smaller messages where less than
   * an IPv6 packet of 1280 bytes is sure to arrive (CR-11.7).
   */
  readonly message?: Partial<MessageLimits>;
  /**
   * Bytes that a resource takes as request body, where that is not `maxRequestBodySize` (such as a firmware
   * package): asked with each block, so it has to be quick and to go by method and path.
   */
  readonly maxRequestBodySizeFor?: (peer: Peer, request: IncomingRequest) => number | undefined;
  /**
   * Which resources take a body of several blocks part by part, so that it is never in memory as a whole (a firmware
   * package): each block comes as a request with `part`, whatever the size of the body. A body in one message comes
   * whole. Asked with each block, so it has to be quick and to go by method, path and Content-Format.
   */
  readonly takesBodyInParts?: (peer: Peer, request: IncomingRequest) => boolean;
}
