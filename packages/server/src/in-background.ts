import type { MaybePromise } from './registration-store.ts';
import type { ServerContext } from './server-context.ts';

/** Does something with a store that nobody waits for: a failure is told by `diagnostics`. */
export function inBackground(
  { signals, now }: Pick<ServerContext, 'signals' | 'now'>,
  doing: string,
  run: () => MaybePromise<unknown>,
): void {
  const report = (error: unknown): void =>
    signals.diagnostics.emit({ kind: 'store-failed', time: now(), doing, error });
  try {
    const result = run();
    if (result instanceof Promise) result.catch(report);
  } catch (error) {
    report(error);
  }
}
