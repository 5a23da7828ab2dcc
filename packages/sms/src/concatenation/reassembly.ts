import {
  addDuration,
  concatBytes,
  equalBytes,
  type Instant,
  type Milliseconds,
  milliseconds,
} from '@dunlin/base';

import type { ApplicationPorts, Concatenation } from '../udh/user-data-header.ts';

/** The bounds of the memory of messages that have come in part. */
export interface ReassemblyLimits {
  /** Parts of one message; one of more is dropped. Default 8, which is more than any datagram of LwM2M takes; up to 255. */
  readonly maxParts: number;
  /** Unfinished messages of one sender; the oldest gives way to another. Default 2: NSTART 1, and one that lost a part. */
  readonly maxSetsPerSender: number;
  /** Unfinished messages in all; of another one, nothing is taken for now. Default 1,000, which is about 1 MB. */
  readonly maxSets: number;
  /** How long the first part waits for the last. Default 10 minutes: parts overtake each other by minutes, not hours. */
  readonly timeout: Milliseconds;
}

/** Defaults, see `ReassemblyLimits`. */
export const reassemblyDefaults: ReassemblyLimits = {
  maxParts: 8,
  maxSetsPerSender: 2,
  maxSets: 1000,
  timeout: milliseconds(600_000),
};

/** What becomes of a part. */
export type ReassemblyOutcome =
  | { readonly kind: 'complete'; readonly datagram: Uint8Array }
  /** Others are missing. */
  | { readonly kind: 'waiting' }
  /** It was there already. */
  | { readonly kind: 'repeated' }
  /** It is not kept, nor is what came before of the same message when the two contradict each other. */
  | { readonly kind: 'dropped'; readonly reason: 'too-many-parts' | 'contradiction' }
  /** There is no room: it may come again later. */
  | { readonly kind: 'full' };

interface PartialMessage {
  readonly key: string;
  readonly sender: string;
  readonly parts: (Uint8Array | undefined)[];
  missing: number;
  readonly expiresAt: Instant;
}

/** Puts concatenated messages together whose parts come in any order, more than once, or never. */
export class Reassembly {
  readonly #limits: ReassemblyLimits;
  /** By key, in the order in which they began: the first one expires first. */
  readonly #sets = new Map<string, PartialMessage>();
  #expired = 0;

  constructor(limits: Partial<ReassemblyLimits> = {}) {
    this.#limits = { ...reassemblyDefaults, ...limits };
  }

  /** Unfinished messages. */
  get size(): number {
    return this.#sets.size;
  }

  /** Messages that were given up since the start as parts of them were missing. */
  get expired(): number {
    return this.#expired;
  }

  /** When the next unfinished message is given up. */
  get deadline(): Instant | undefined {
    for (const { expiresAt } of this.#sets.values()) return expiresAt;
    return undefined;
  }

  /** Takes a part in; `data` is kept, so it must be nobody else's to write to. */
  accept(
    sender: string,
    concatenation: Concatenation,
    data: Uint8Array,
    now: Instant,
    ports?: ApplicationPorts,
  ): ReassemblyOutcome {
    this.expire(now);
    const { total, number } = concatenation;
    if (total > this.#limits.maxParts) return { kind: 'dropped', reason: 'too-many-parts' };
    const key = keyOf(sender, concatenation, ports);
    const set = this.#sets.get(key) ?? this.#begin(key, sender, total, now);
    if (set === undefined) return { kind: 'full' };
    const known = set.parts[number - 1];
    if (known !== undefined) {
      if (equalBytes(known, data)) return { kind: 'repeated' };
      this.#sets.delete(key);
      return { kind: 'dropped', reason: 'contradiction' };
    }
    set.parts[number - 1] = data;
    set.missing -= 1;
    if (set.missing > 0) return { kind: 'waiting' };
    this.#sets.delete(key);
    return { kind: 'complete', datagram: concatBytes(set.parts.filter((part) => part !== undefined)) };
  }

  /** Gives up what has waited too long. */
  expire(now: Instant): void {
    for (const { key, expiresAt } of this.#sets.values()) {
      if (expiresAt > now) return;
      this.#sets.delete(key);
      this.#expired += 1;
    }
  }

  #begin(key: string, sender: string, total: number, now: Instant): PartialMessage | undefined {
    const ofSender = [...this.#sets.values()].filter((set) => set.sender === sender);
    const [oldest] = ofSender;
    if (oldest !== undefined && ofSender.length >= this.#limits.maxSetsPerSender) {
      this.#sets.delete(oldest.key);
      this.#expired += 1;
    }
    if (this.#sets.size >= this.#limits.maxSets) return undefined;
    const set = {
      key,
      sender,
      parts: Array.from<Uint8Array | undefined>({ length: total }),
      missing: total,
      expiresAt: addDuration(now, this.#limits.timeout),
    };
    this.#sets.set(key, set);
    return set;
  }
}

/** Parts belong together that say all of this alike (3GPP TS 23.040 §9.2.3.24.1). */
function keyOf(
  sender: string,
  { reference, isWide, total }: Concatenation,
  ports?: ApplicationPorts,
): string {
  const to = ports === undefined ? '' : `${ports.destination},${ports.source}`;
  return `${sender}/${isWide ? 'wide' : 'narrow'}/${reference}/${total}/${to}`;
}
