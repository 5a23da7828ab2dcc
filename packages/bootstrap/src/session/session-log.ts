import type { BootstrapSessionRecord } from './session-record.ts';

/** How much is remembered of sessions that are over. */
export interface SessionLogLimits {
  readonly sessions: number;
  /** Steps of all of them together. */
  readonly steps: number;
}

/** The sessions that ended last, for whoever asks why a device has no server. */
export class SessionLog {
  readonly #limits: SessionLogLimits;
  /** The oldest first. */
  readonly #records = new Map<string, BootstrapSessionRecord>();
  #steps = 0;

  constructor(limits: SessionLogLimits) {
    this.#limits = limits;
  }

  /** The newest first. */
  get records(): readonly BootstrapSessionRecord[] {
    return [...this.#records.values()].reverse();
  }

  find(id: string): BootstrapSessionRecord | undefined {
    return this.#records.get(id);
  }

  add(record: BootstrapSessionRecord): void {
    this.#records.set(record.id, record);
    this.#steps += record.steps.length;
    for (const [id, { steps }] of this.#records) {
      if (this.#records.size <= this.#limits.sessions && this.#steps <= this.#limits.steps) return;
      this.#records.delete(id);
      this.#steps -= steps.length;
    }
  }
}
