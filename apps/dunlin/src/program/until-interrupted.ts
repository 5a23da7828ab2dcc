import type { ProgramContext } from './program-context.ts';

/** Waits for Ctrl-C or SIGTERM. */
export async function untilInterrupted({ interrupted }: ProgramContext): Promise<void> {
  if (interrupted.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  interrupted.addEventListener('abort', () => resolve(), { once: true });
  await promise;
}
