import { type OverviewCount, type OverviewCounts, overviewCounts } from '@dunlin/api';

export type Counters = Record<OverviewCount, number>;

/** A sample of the counters, which only ever grow. */
interface Sample {
  readonly at: number;
  readonly counters: OverviewCounts;
}

/** What was counted in a minute that began at `at`. */
export interface CountedMinute {
  readonly at: number;
  readonly counts: OverviewCounts;
}

const minute = 60_000;

/** Minutes that are remembered. */
const minutesKept = 60;

/**
 * Counters over the last minute and the last hour, out of samples that are taken every few seconds: an event costs an
 * addition, and nothing grows.
 */
export class Activity {
  /** Added to where things happen. */
  readonly counters: Counters = none();
  readonly #more: () => Partial<OverviewCounts>;
  /** Of a little more than the last minute, the oldest first. */
  #recent: Sample[] = [];
  /** At the beginnings of minutes, the oldest first. */
  #minutes: Sample[] = [];

  /** `more` gives totals that are counted elsewhere. */
  constructor(now: number, more: () => Partial<OverviewCounts> = () => ({})) {
    this.#more = more;
    const first = this.#sampleAt(now);
    this.#recent.push(first);
    this.#minutes.push({ ...first, at: Math.floor(now / minute) * minute });
  }

  /** Takes a sample: every 5 seconds or so. */
  tick(now: number): void {
    const sample = this.#sampleAt(now);
    this.#recent.push(sample);
    // One sample of a minute ago, or a little more, stays.
    while ((this.#recent[1]?.at ?? Infinity) <= now - minute) this.#recent.shift();
    const begun = Math.floor(now / minute) * minute;
    if (begun > (this.#minutes.at(-1)?.at ?? 0)) this.#minutes.push({ ...sample, at: begun });
    while (this.#minutes.length > minutesKept + 1) this.#minutes.shift();
  }

  /** What was counted in the last minute, or since the start if that is less. */
  lastMinute(now: number): OverviewCounts {
    const [before] = this.#recent;
    return difference(this.#sampleAt(now).counters, before?.counters ?? none());
  }

  /** Whole minutes, the oldest first. */
  minutes(): readonly CountedMinute[] {
    return this.#minutes.slice(0, -1).map(({ at, counters }, index) => ({
      at,
      counts: difference(this.#minutes[index + 1]?.counters ?? counters, counters),
    }));
  }

  #sampleAt(at: number): Sample {
    return { at, counters: { ...this.counters, ...this.#more() } };
  }
}

function difference(later: OverviewCounts, earlier: OverviewCounts): OverviewCounts {
  const counts = none();
  // What is counted elsewhere may begin anew there.
  for (const name of overviewCounts) counts[name] = Math.max(0, later[name] - earlier[name]);
  return counts;
}

function none(): Counters {
  return {
    messagesIn: 0,
    messagesOut: 0,
    retransmissions: 0,
    duplicates: 0,
    registrations: 0,
    updates: 0,
    deregistrations: 0,
    expiries: 0,
    notifications: 0,
    handshakes: 0,
    handshakeFailures: 0,
  };
}
