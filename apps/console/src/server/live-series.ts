import type { ServerEvent } from '@dunlin/api';
import { useSyncExternalStore } from 'react';

import { SeriesStore } from '../values/series.ts';
import { live } from './live.ts';
import { perFrame } from './per-frame.ts';

const store = new SeriesStore();

/** Begins to keep the numbers that devices notify. */
export function keepSeries(): void {
  live.events.subscribe(perFrame<ServerEvent>((events) => store.apply(events)));
}

/** What came since the console was opened; whoever uses it is shown anew when there is more. */
export function useSeriesStore(): SeriesStore {
  useSyncExternalStore(
    (changed) => store.subscribe(changed),
    () => store.version,
  );
  return store;
}
