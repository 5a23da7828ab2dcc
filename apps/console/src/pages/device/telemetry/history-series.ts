import type { HistoryDocument } from '@dunlin/api';

import type { Series } from '../../../values/series.ts';

/** Points of a chart: more than one a pixel tells nothing. */
const points = 1000;

/** Seconds of a bucket for a range of so many seconds; none for a range that is short enough for all values. */
export function resolutionOf(range: number): { readonly resolution?: number } {
  return range <= 3600 ? {} : { resolution: Math.ceil(range / points) };
}

/** The numbers of a history: the values themselves, or the means of its buckets. */
export function historySeries({ samples, buckets }: HistoryDocument): Series {
  const all = [
    ...samples.map(({ time, value }) => ({ time, value: Number(value) })),
    ...buckets.map(({ time, mean }) => ({ time, value: mean ?? Number.NaN })),
  ].filter(({ value }) => Number.isFinite(value));
  return { times: all.map(({ time }) => Date.parse(time) / 1000), values: all.map(({ value }) => value) };
}

/** What was, and what came since the console is open: of the same time the live value counts. */
export function joinedSeries(past: Series | undefined, live: Series): Series {
  const [first] = live.times;
  if (past === undefined || first === undefined) return past ?? live;
  const end = past.times.findIndex((time) => time >= first);
  const kept = end === -1 ? past.times.length : end;
  return {
    times: [...past.times.slice(0, kept), ...live.times],
    values: [...past.values.slice(0, kept), ...live.values],
  };
}
