import type { ServerEvent } from '@dunlin/api';
import { useSyncExternalStore } from 'react';

import { type Series, SeriesStore } from '../values/series.ts';
import { live } from './live.ts';
import { perFrame } from './per-frame.ts';

const store = new SeriesStore();

/** Begins to keep the numbers that devices notify. */
export function keepSeries(): void {
  live.events.subscribe(perFrame<ServerEvent>((events) => store.apply(events)));
}

/** What came of a Resource since the console was opened. */
export function useSeries(endpoint: string, path: string): Series | undefined {
  return useSyncExternalStore(
    (changed) => store.subscribe(changed),
    () => store.series(endpoint, path),
  );
}
