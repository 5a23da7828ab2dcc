import { setTimeout as delay } from 'node:timers/promises';

/** Asks again and again, for two minutes at most, until the answer is yes. */
export async function untilSo(ask: () => Promise<boolean>, what: () => string): Promise<void> {
  const end = performance.now() + 120_000;
  while (!(await ask())) {
    if (performance.now() > end) throw new Error(`it was not so within two minutes: ${what()}`);
    await delay(20);
  }
}
