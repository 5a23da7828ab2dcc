import { addDuration, type Instant, type Milliseconds } from '@dunlin/base';

/** Ids are released in groups, so that a thousand messages cost one time stamp and not a thousand. */
const groupCount = 16;
const groupSize = 0x1_0000 / groupCount;

/**
 * The message ids of one peer: one counter for both roles that starts anywhere and never gives an id a
 * second time within the lifetime of its first use (RFC 7252 §4.4).
 */
export class MessageIdSpace {
  #next: number;
  /** When the ids of each group may be used again; absent until the first group is used up. */
  #freeAt: Float64Array | undefined;

  /** `start` is a random 16-bit number. */
  constructor(start: number) {
    this.#next = start & 0xffff;
  }

  /** The next id, blocked for `lifetime`; `undefined` when all are blocked. */
  allocate(now: Instant, lifetime: Milliseconds): number | undefined {
    const id = this.#next;
    if (id % groupSize === 0 && this.#freeAt !== undefined) {
      const freeAt = this.#freeAt[id / groupSize] ?? 0;
      if (freeAt > now) return undefined;
    }
    if (id % groupSize === groupSize - 1) {
      this.#freeAt ??= new Float64Array(groupCount);
      this.#freeAt[(id - groupSize + 1) / groupSize] = addDuration(now, lifetime);
    }
    this.#next = (id + 1) & 0xffff;
    return id;
  }
}
