import type { ProgramContext } from './program-context.ts';

/**
 * Has SIGHUP call for a reload, as services do, until disposed. On a terminal the signal says that the terminal is gone, and
 * ends the program as ever.
 */
export function reloadOnHangUp(
  { stdin, stderr, onHangUp }: Pick<ProgramContext, 'stdin' | 'stderr' | 'onHangUp'>,
  reload: () => Promise<void>,
): Disposable {
  if (stdin.isTerminal || stderr.isTerminal) return { [Symbol.dispose]: () => undefined };
  return onHangUp(() => void reload());
}
