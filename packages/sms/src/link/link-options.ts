import { type Milliseconds, milliseconds, type Random } from '@dunlin/base';

import type { ReassemblyLimits } from '../concatenation/reassembly.ts';
import type { SegmentationOptions } from '../concatenation/segmentation.ts';
import type { LinkBudgets } from './budgets.ts';
import type { OutboxStore } from './outbox.ts';
import type { Purpose, PurposeParameters } from './purpose.ts';
import type { ReceivedRequestLimits, ReceivedRequestStore } from './received-requests.ts';

/** The bounds of a datagram link. */
export interface LinkLimits {
  /** Short messages that one datagram may take; a longer one fails before anything is sent. Default 3. */
  readonly maxParts: number;
  /** Datagrams that wait for their turn or for the carrier. Default 1,000, a quarter of an hour at one a second. */
  readonly maxQueued: number;
  /** Short messages that the carrier may be asked for at once. Default 10, the usual window of SMPP. */
  readonly maxInFlight: number;
  /** First wait after the centre refused a message for now, doubled up to a minute. Default 5 s. */
  readonly retryAfter: Milliseconds;
  /** Datagrams of an earlier process of which receipts are still awaited, the latest. Default 1,000. */
  readonly maxAwaited: number;
  /** Datagrams whose way is over that can still be looked at. Default 1,000. */
  readonly maxRecent: number;
}

/** Defaults, see `LinkLimits`. */
export const linkLimitsDefaults: LinkLimits = {
  maxParts: 3,
  maxQueued: 1000,
  maxInFlight: 10,
  retryAfter: milliseconds(5000),
  maxAwaited: 1000,
  maxRecent: 1000,
};

/** What a `DatagramLink` is made with. */
export interface LinkOptions {
  readonly random: Random;
  /** From whom short messages are taken; those of others are dropped without a word. Asked for each, so it has to be quick. */
  readonly isAllowed: (number: string) => boolean;
  readonly limits?: Partial<LinkLimits>;
  readonly budgets?: Partial<LinkBudgets>;
  readonly reassembly?: Partial<ReassemblyLimits>;
  readonly segmentation?: Readonly<SegmentationOptions>;
  readonly purposes?: Partial<Readonly<Record<Purpose, PurposeParameters>>>;
  readonly receivedRequestLimits?: Partial<ReceivedRequestLimits>;
  /** What was sent, and with it what is left of the budgets; default in memory. */
  readonly outbox?: OutboxStore;
  /** What was received; default in memory. */
  readonly receivedRequests?: ReceivedRequestStore;
}
