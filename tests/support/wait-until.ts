import { setTimeout as delay } from 'node:timers/promises';

/** Looks again and again, for two minutes at most, until there is something, and gives it. */
export async function waitUntil<Found>(look: () => Found | undefined, what: () => string): Promise<Found> {
  const end = performance.now() + 120_000;
  for (;;) {
    const found = look();
    if (found !== undefined) return found;
    if (performance.now() > end) throw new Error(`there was not, within two minutes: ${what()}`);
    await delay(5);
  }
}
