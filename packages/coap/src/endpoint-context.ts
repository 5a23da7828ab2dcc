import type { DeadlineQueue, Random } from '@dunlin/base';

import type { BlockwiseLimits } from './blockwise/blockwise-limits.ts';
import type { CoapEndpointOptions, EndpointBehaviour, EndpointLimits } from './endpoint-options.ts';
import type { ReceivedMessages } from './message-layer/deduplication.ts';
import type { MessageLimits } from './message.ts';
import type { OutputQueue } from './output-queue.ts';
import type { PeerTable } from './peer-table.ts';
import type { Counters } from './statistics.ts';
import type { Timed } from './timed.ts';

/** What the parts of one endpoint share. */
export interface EndpointContext {
  readonly random: Random;
  readonly limits: EndpointLimits;
  readonly behaviour: EndpointBehaviour;
  readonly message: MessageLimits;
  readonly blockwise: BlockwiseLimits;
  readonly maxRequestBodySizeFor: CoapEndpointOptions['maxRequestBodySizeFor'];
  readonly takesBodyInParts: CoapEndpointOptions['takesBodyInParts'];
  readonly takesEmptyWithTokenFrom: CoapEndpointOptions['takesEmptyWithTokenFrom'];
  readonly timers: DeadlineQueue<Timed>;
  readonly outputs: OutputQueue;
  readonly peers: PeerTable;
  readonly received: ReceivedMessages;
  readonly counters: Counters;
}
