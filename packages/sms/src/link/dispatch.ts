import { addDuration, type Instant, type Scheduled } from '@dunlin/base';

import type { ReceiptState } from '../carrier.ts';
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
  /** The ids of the parts that were submitted. */
  readonly ids: ShortMessageId[] = [];
  /** True while the carrier has a part of it and has not said what became of that. */
  isInFlight = false;
  /** It may not be submitted earlier, as the centre refused it for now. */
  notBefore: number = -Infinity;
  /** How often that was. */
  refusals = 0;
  /** What receipts have said of its parts. */
  readonly receipts: ReceiptState[] = [];
  dueAt: Instant | undefined = undefined;
  heapIndex = -1;

  constructor(entry: OutboxEntry, segments: readonly Segment[], { wantsReceipt }: PurposeParameters) {
    this.entry = entry;
    this.segments = segments;
    this.wantsReceipt = wantsReceipt;
    this.expiresAt = addDuration(entry.queuedAt, entry.validity);
  }
}
