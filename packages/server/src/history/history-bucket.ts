import { instantFrom, type Milliseconds } from '@dunlin/base';

import type { HistoryBucket, HistorySample } from './history-store.ts';

/** The number that a value is in a chart: booleans are 0 and 1; `undefined` for what is no number. */
function numberOf({ type, value }: Pick<HistorySample, 'type' | 'value'>): number | undefined {
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (type !== 'integer' && type !== 'unsigned-integer' && type !== 'float' && type !== 'time')
    return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}

/** Samples in the order of their times as buckets of a length. */
export function bucketsOf(samples: Iterable<HistorySample>, length: Milliseconds): readonly HistoryBucket[] {
  const buckets: HistoryBucket[] = [];
  let open: OpenBucket | undefined;
  for (const sample of samples) {
    const at = Math.floor(sample.at / length) * length;
    if (open === undefined || open.at !== at) {
      if (open !== undefined) buckets.push(open.close());
      open = new OpenBucket(at, sample);
    } else {
      open.add(sample);
    }
  }
  if (open !== undefined) buckets.push(open.close());
  return buckets;
}

class OpenBucket {
  readonly at: number;
  #count = 0;
  #numbers = 0;
  #sum = 0;
  #minimum = Infinity;
  #maximum = -Infinity;
  #last: HistorySample;

  constructor(at: number, first: HistorySample) {
    this.at = at;
    this.#last = first;
    this.add(first);
  }

  add(sample: HistorySample): void {
    this.#count += 1;
    this.#last = sample;
    const number = numberOf(sample);
    if (number === undefined) return;
    this.#numbers += 1;
    this.#sum += number;
    this.#minimum = Math.min(this.#minimum, number);
    this.#maximum = Math.max(this.#maximum, number);
  }

  close(): HistoryBucket {
    const facts = { at: instantFrom(this.at), count: this.#count, last: this.#last };
    if (this.#numbers === 0) return facts;
    return { ...facts, minimum: this.#minimum, maximum: this.#maximum, mean: this.#sum / this.#numbers };
  }
}
