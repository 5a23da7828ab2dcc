import { OperationQueuedError } from '@dunlin/api';
import { createContext, use, useEffect, useMemo, useState, useSyncExternalStore } from 'react';

import { live, queries } from '../server/live.ts';
import { queryKeys } from '../server/query-keys.ts';
import { errorText } from '../text/error-text.ts';
import { type AskedOperation, type AskedState, stateOfQueued, succeeded } from './asked.ts';
import { type Asked, AskedLog } from './asked-log.ts';
import type { AskingTerms } from './asking-terms.ts';

/** Asking one device, and where what was asked stands. */
export interface Asking {
  readonly endpoint: string;
  readonly log: AskedLog;
  /** On what terms everything is asked that is asked from now on. */
  readonly terms: AskingTerms;
  readonly setTerms: (terms: AskingTerms) => void;
  /**
   * Asks, and takes note of what becomes of it. Resolves to the answer, or to `undefined` when there is none now: it
   * failed, or waits for the device; the log says which.
   */
  readonly ask: <T>(
    operation: AskedOperation,
    path: string,
    call: (terms: AskingTerms) => Promise<T>,
  ) => Promise<T | undefined>;
}

/** The asking of the device whose page this is. */
export const AskingContext: React.Context<Asking | undefined> = createContext<Asking | undefined>(undefined);

export function useNewAsking(endpoint: string): Asking {
  const log = useMemo(() => new AskedLog(endpoint), [endpoint]);
  const [terms, setTerms] = useState<AskingTerms>({});
  useEffect(() => {
    const subscription = live.events.subscribe((event) => log.apply(event));
    return () => subscription[Symbol.dispose]();
  }, [log]);
  return useMemo(
    () => ({ endpoint, log, terms, setTerms, ask: askWith(endpoint, log, terms) }),
    [endpoint, log, terms],
  );
}

export function useAsking(): Asking {
  const asking = use(AskingContext);
  if (asking === undefined) throw new Error('outside of the page of a device');
  return asking;
}

/** What was asked last at each path. */
export function useAsked(): ReadonlyMap<string, Asked> {
  const { log } = useAsking();
  return useSyncExternalStore(
    (changed) => log.subscribe(changed),
    () => log.byPath,
  );
}

function askWith(endpoint: string, log: AskedLog, terms: AskingTerms): Asking['ask'] {
  return async (operation, path, call) => {
    log.note(operation, path, { kind: 'asked' });
    try {
      const answer = await call(terms);
      log.note(operation, path, isPending(answer) ? { kind: 'pending' } : succeeded(operation));
      return answer;
    } catch (error) {
      log.note(operation, path, stateOfError(error));
      return undefined;
    } finally {
      void askAgain(operation, endpoint);
    }
  };
}

function isPending(answer: unknown): boolean {
  if (typeof answer === 'object' && answer !== null && 'state' in answer) return answer.state === 'pending';
  return answer === 'pending';
}

function stateOfError(error: unknown): AskedState {
  return error instanceof OperationQueuedError
    ? stateOfQueued(error.operation)
    : { kind: 'failed', reason: errorText(error) };
}

/** What may have changed by an operation is asked of the server again: it decides what is true. */
async function askAgain(operation: AskedOperation, endpoint: string): Promise<void> {
  const keys =
    operation === 'write-attributes'
      ? [queryKeys.attributes(endpoint)]
      : operation === 'observe' || operation === 'cancel-observation'
        ? [queryKeys.observations(endpoint), queryKeys.values(endpoint), queryKeys.attributes(endpoint)]
        : [queryKeys.values(endpoint)];
  await Promise.all(keys.map((queryKey) => queries.invalidateQueries({ queryKey })));
}
