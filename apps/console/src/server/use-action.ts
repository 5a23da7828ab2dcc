import { useState } from 'react';

import { queries } from './live.ts';

/** Changing something at the server: what went wrong, if it did. */
export interface Action {
  readonly problem: unknown;
  /** Does it; what is shown of it is asked again. Resolves to whether it was done. */
  readonly act: (change: () => Promise<unknown>) => Promise<boolean>;
}

/** Changes of what is kept under a name. */
export function useAction(queryKey: readonly string[]): Action {
  const [problem, setProblem] = useState<unknown>();
  const act: Action['act'] = async (change) => {
    try {
      await change();
      setProblem(undefined);
      return true;
    } catch (error) {
      setProblem(error);
      return false;
    } finally {
      await queries.invalidateQueries({ queryKey });
    }
  };
  return { problem, act };
}
