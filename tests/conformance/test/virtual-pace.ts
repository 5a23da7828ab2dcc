import { milliseconds } from '@dunlin/base';
import type { SimulatedNetwork } from '@dunlin/simulation';

import type { Pace } from '../support/pace.ts';

/** Time as a simulated network says. Cases that wait side by side share one run of it. */
export function virtualPace(network: SimulatedNetwork): Pace {
  const start = network.clock.now;
  let running: Promise<void> | undefined;
  const step = (): Promise<void> => {
    running ??= network.run(milliseconds(50)).finally(() => {
      running = undefined;
    });
    return running;
  };
  const elapsed = (): number => (network.clock.now - start) / 1000;
  return {
    elapsed,
    async pass(seconds) {
      const end = elapsed() + seconds;
      while (elapsed() < end) await step();
    },
    async until(condition, seconds) {
      const end = elapsed() + seconds;
      while (!condition()) {
        if (elapsed() > end) return false;
        await step();
      }
      return true;
    },
  };
}
