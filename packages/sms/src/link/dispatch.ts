import { addDuration, type Instant, type Scheduled } from '@dunlin/base';

import type { Segment } from '../concatenation/segmentation.ts';
import type { ShortMessageId } from '../short-message.ts';
import type { OutboxEntry } from './outbox.ts';
import type { PurposeParameters } from './purpose.ts';

/** A datagram on its way out, with all that this process knows of it. The link alone writes to it. */
export class Dispatch implements Scheduled {
  entry: OutboxEntry;
  readonly segments: readonly Segment[];
  readonly wantsReceipt: boolean;
  /** From then on nobody waits for it. */
  readonly expiresAt: Instant;
  /** The next part to submit. */
  next = 0;
  /** The parts that were submitted and whose end is not told, with what the message centre calls those that it has. */
  readonly submitted: Map<ShortMessageId, string | undefined> = new Map();
  /** True while the carrier has a part of it and has not said what became of that. */
  isInFlight = false;
  /** It may not be submitted earlier, as the centre refused it for now. */
  notBefore: number = -Infinity;
  /** How often that was. */
  refusals = 0;
  dueAt: Instant | undefined = undefined;
  heapIndex = -1;

  constructor(entry: OutboxEntry, segments: readonly Segment[], { wantsReceipt }: PurposeParameters) {
    this.entry = entry;
    this.segments = segments;
    this.wantsReceipt = wantsReceipt;
    this.expiresAt = addDuration(entry.queuedAt, entry.validity);
  }
}
