import { Counter, Gauge, type Registry } from 'prom-client';

/** How much room the history has taken, where somebody asks for the metrics. */
export interface CountedHistory {
  readonly size: number;
}

/** What is counted of the history of values. */
export class HistoryMetrics {
  readonly #registers: Registry[];
  readonly #shortened: Counter;
  readonly #failures: Counter;

  constructor(registers: Registry[]) {
    this.#registers = registers;
    this.#shortened = new Counter({
      name: 'dunlin_history_shortened_total',
      help: 'Values of devices that were forgotten before their age, for want of room.',
      registers,
    });
    this.#failures = new Counter({
      name: 'dunlin_history_failures_total',
      help: 'Times that values of devices could not be written and were lost.',
      registers,
    });
  }

  /** Adds its size; `limit` is in bytes too. */
  watch(history: CountedHistory, limit: number): void {
    const registers = this.#registers;
    void new Gauge({
      name: 'dunlin_history_bytes',
      help: 'Bytes that the history of values takes on the disk.',
      registers,
      collect() {
        this.set(history.size);
      },
    });
    new Gauge({
      name: 'dunlin_history_limit_bytes',
      help: 'Bytes that it may take; the oldest values go first.',
      registers,
    }).set(limit);
  }

  shortened(count: number): void {
    this.#shortened.inc(count);
  }

  failed(): void {
    this.#failures.inc();
  }
}
