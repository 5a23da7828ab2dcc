import type { ServerEvent } from '@dunlin/api';
import { useSyncExternalStore } from 'react';

import { live } from './live.ts';
import { perFrame } from './per-frame.ts';

/** Events that are kept for the lists of events: some screens of them. */
const capacity = 500;

let recent: readonly ServerEvent[] = [];
const listeners = new Set<() => void>();

/** Begins to keep the events that come. */
export function keepRecentEvents(): void {
  live.events.subscribe(
    perFrame<ServerEvent>((events) => {
      recent = [...events.toReversed(), ...recent].slice(0, capacity);
      for (const listener of listeners) listener();
    }),
  );
}

/** The events that came since the page was opened, the newest first. */
export function useRecentEvents(): readonly ServerEvent[] {
  return useSyncExternalStore(
    (changed) => {
      listeners.add(changed);
      return () => void listeners.delete(changed);
    },
    () => recent,
  );
}
