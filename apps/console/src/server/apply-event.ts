import type { DeviceSummary, KnownValueDocument, ServerEvent } from '@dunlin/api';

import { notifiedValues } from '../values/known-values.ts';
import { mergeKnownValues } from '../values/merge-known-values.ts';
import { queryKeys } from './query-keys.ts';

/** What this needs of a `QueryClient`. */
export interface AnswerCache {
  setQueryData<T>(key: readonly string[], update: (old: T | undefined) => T | undefined): unknown;
  invalidateQueries(filter?: { readonly queryKey: readonly string[] }): Promise<void>;
}

/** Brings what is known up to date with an event; what it only hints at is asked again, if it is shown. */
export function applyEvent(cache: AnswerCache, event: ServerEvent): void {
  const again = (key: readonly string[]): void => void cache.invalidateQueries({ queryKey: key });
  switch (event.type) {
    case 'registered':
      cache.setQueryData<DeviceSummary>(queryKeys.device(event.endpoint), () => event.device);
      again(queryKeys.observations(event.endpoint));
      again(queryKeys.attributes(event.endpoint));
      again(queryKeys.absences(event.endpoint));
      return;
    case 'updated':
      cache.setQueryData<DeviceSummary>(queryKeys.device(event.endpoint), () => event.device);
      return;
    case 'deregistered':
    case 'expired':
      again(queryKeys.device(event.endpoint));
      again(queryKeys.absences(event.endpoint));
      return;
    case 'notification': {
      if (!event.isFresh) return;
      const news = notifiedValues(event);
      cache.setQueryData<readonly KnownValueDocument[]>(queryKeys.values(event.endpoint), (old) =>
        old === undefined ? undefined : mergeKnownValues(old, news),
      );
      return;
    }
    case 'observation-ended':
      again(queryKeys.observations(event.endpoint));
      return;
    case 'operation-queued':
    case 'operation-sent':
    case 'operation-finished':
      again(queryKeys.operations(event.endpoint));
      if (event.type === 'operation-finished') again(queryKeys.values(event.endpoint));
      return;
    case 'bootstrap-started':
    case 'bootstrap-step':
    case 'bootstrap-finished':
    case 'bootstrap-failed':
      again(queryKeys.bootstrapSessions);
      return;
    case 'firmware-progress':
    case 'firmware-finished':
      again(queryKeys.firmware(event.endpoint));
      return;
    case 'refused':
    case 'handshake-failed':
      return;
    case 'reset':
      void cache.invalidateQueries();
      return;
  }
}
