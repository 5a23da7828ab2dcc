import { recordLength, type TraceRecord } from './trace-record.ts';

export interface TraceRingLimits {
  /** Records of one device: some minutes of a busy one, a firmware image of 1 MiB with its answers. */
  readonly records: number;
  /** Bytes of them. */
  readonly bytes: number;
}

const traceRingLimits: TraceRingLimits = { records: 4000, bytes: 4 * 1024 * 1024 };

/** A record and its id. */
export interface NumberedRecord {
  readonly id: number;
  readonly record: TraceRecord;
}

/** The newest records of one device, numbered from 1. */
export class TraceRing {
  readonly #limits: TraceRingLimits;
  #records: (TraceRecord | undefined)[] = [];
  #head = 0;
  #bytes = 0;
  #last = 0;

  constructor(limits: TraceRingLimits = traceRingLimits) {
    this.#limits = limits;
  }

  /** The id of the newest record; 0 before the first. */
  get last(): number {
    return this.#last;
  }

  append(record: TraceRecord): NumberedRecord {
    this.#last += 1;
    this.#records.push(record);
    this.#bytes += recordLength(record);
    this.#trim();
    return { id: this.#last, record };
  }

  /** The oldest records with an id above `after`, and how many of those before them there was no room for. */
  since(
    after: number,
    limit: number,
  ): { readonly records: readonly NumberedRecord[]; readonly lost: number } {
    const first = this.#last - (this.#records.length - this.#head) + 1;
    const from = Math.max(after + 1, first);
    const records: NumberedRecord[] = [];
    for (let id = from; id <= this.#last && records.length < limit; id += 1) {
      const record = this.#records[this.#head + id - first];
      if (record !== undefined) records.push({ id, record });
    }
    return { records, lost: Math.max(0, from - after - 1) };
  }

  #trim(): void {
    const { records, bytes } = this.#limits;
    while (this.#records.length - this.#head > records || this.#bytes > bytes) {
      const oldest = this.#records[this.#head];
      if (oldest === undefined) break;
      this.#bytes -= recordLength(oldest);
      this.#records[this.#head] = undefined;
      this.#head += 1;
    }
    // Copying only when half of the array is holes keeps appending O(1) on average.
    if (this.#head * 2 > this.#records.length) {
      this.#records = this.#records.slice(this.#head);
      this.#head = 0;
    }
  }
}
