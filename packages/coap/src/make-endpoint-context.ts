import { DeadlineQueue, UsageError } from '@dunlin/base';

import { blockwiseLimitsDefaults } from './blockwise/blockwise-limits.ts';
import type { EndpointContext } from './endpoint-context.ts';
import {
  type CoapEndpointOptions,
  endpointBehaviourDefaults,
  endpointLimitsDefaults,
} from './endpoint-options.ts';
import { messageLimitsDefaults } from './message.ts';
import { ReceivedMessages } from './message-layer/deduplication.ts';
import { transmissionDefaults } from './message-layer/transmission-parameters.ts';
import { OutputQueue } from './output-queue.ts';
import { PeerTable } from './peer-table.ts';
import { peerTerms } from './peer-terms.ts';
import { newCounters } from './statistics.ts';
import type { Timed } from './timed.ts';

/** Puts together what the parts of an endpoint share. Throws a `UsageError` for parameters that cannot be. */
export function makeEndpointContext(options: Readonly<CoapEndpointOptions>): EndpointContext {
  const limits = { ...endpointLimitsDefaults, ...options.limits };
  const parameters = { ...transmissionDefaults, ...options.transmission };
  if (parameters.ackRandomFactor < 1)
    throw new UsageError('ackRandomFactor must be 1 or more (RFC 7252 §4.8.1).');
  const message = { ...messageLimitsDefaults, ...options.message };
  const timers = new DeadlineQueue<Timed>();
  const received = new ReceivedMessages({
    maxMessages: limits.maxReceivedMessages,
    maxMessagesPerPeer: limits.maxReceivedMessagesPerPeer,
    maxAnswerBytes: limits.maxAnswerBytes,
  });
  return {
    random: options.random,
    limits,
    behaviour: { ...endpointBehaviourDefaults, ...options.behaviour },
    message,
    blockwise: { ...blockwiseLimitsDefaults, ...options.blockwise },
    maxRequestBodySizeFor: options.maxRequestBodySizeFor,
    takesBodyInParts: options.takesBodyInParts,
    takesEmptyWithTokenFrom: options.takesEmptyWithTokenFrom,
    timers,
    outputs: new OutputQueue(),
    peers: new PeerTable({ termsFor: peerTerms(options, parameters, message), timers, received, limits }),
    received,
    counters: newCounters(),
  };
}
