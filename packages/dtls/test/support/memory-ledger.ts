import type { GenerationLedger } from '../../src/saved-state.ts';

/** A ledger in memory that counts what was consumed. */
export interface CountingLedger extends GenerationLedger {
  readonly consumed: number;
}

/** One generation at a time, in memory. */
export function memoryLedger(): CountingLedger {
  let current: string | undefined;
  let consumed = 0;
  return {
    get consumed() {
      return consumed;
    },
    issue(generation) {
      current = generation;
      return Promise.resolve();
    },
    consume(generation) {
      const isCurrent = current === generation;
      if (isCurrent) {
        current = undefined;
        consumed += 1;
      }
      return Promise.resolve(isCurrent);
    },
  };
}
