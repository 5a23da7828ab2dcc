import { QueryClient } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import type { ServerEvent } from '@dunlin/api';

import { Admission } from './admission.ts';
import { api } from './api.ts';
import { applyEvent } from './apply-event.ts';
import { type Connection, LiveEvents } from './live-events.ts';
import { perFrame } from './per-frame.ts';
import { sleep } from './sleep.ts';

/** What was asked of the server and is kept up to date by its events: it is never old by itself. */
export const queries: QueryClient = new QueryClient({
  defaultOptions: { queries: { staleTime: Infinity, retry: false, refetchOnWindowFocus: false } },
});

/** Open while somebody is signed in. */
export const admission: Admission = new Admission();

export const live: LiveEvents = new LiveEvents(api, {
  now: () => Date.now(),
  sleep,
  admitted: (signal) => admission.opened(signal),
});

/** Follows the events for as long as the page is open; one render a frame, however many come. */
export function startLive(): void {
  const applyAll = perFrame<ServerEvent>((events) => {
    for (const event of events) applyEvent(queries, event);
  });
  live.events.subscribe(applyAll);
  let wasLive = false;
  live.connectionChanges.subscribe(({ kind }) => {
    // What happened before the stream was open for the first time is in no event: asked again once.
    if (kind === 'live' && !wasLive) void queries.invalidateQueries();
    wasLive ||= kind === 'live';
  });
  void live.run();
}

/** Whether what is shown is live. */
export function useConnection(): Connection {
  return useSyncExternalStore(
    (changed) => {
      const subscription = live.connectionChanges.subscribe(changed);
      return () => subscription[Symbol.dispose]();
    },
    () => live.connection,
  );
}
