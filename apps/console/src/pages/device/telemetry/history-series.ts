import type { HistoryDocument } from '@dunlin/api';

import type { Series } from '../../../values/series.ts';
import type { Span } from './span.ts';

/** Points of a chart: more than one a pixel tells nothing. */
const points = 1000;

/** Seconds of a bucket for a range of so many seconds; none for a range that is short enough for all values. */
export function resolutionOf(range: number): { readonly resolution?: number } {
  return range <= 3600 ? {} : { resolution: bucketOf(range) };
}

/** Seconds of a bucket that leaves a range of so many seconds as many points as a chart has. */
export function bucketOf(range: number): number {
  return Math.max(1, Math.ceil(range / points));
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
export function joinedSeries(past: Series | undefined, live: Series | undefined): Series {
  const [first] = live?.times ?? [];
  if (past === undefined || live === undefined || first === undefined) return past ?? live ?? noValues;
  return concatenated([part(past, (time) => time < first), live]);
}

/** A history with a part of it in more detail. */
export function detailedSeries(past: Series | undefined, { from, to }: Span, detail: Series): Series {
  if (past === undefined) return detail;
  return concatenated([part(past, (time) => time < from), detail, part(past, (time) => time > to)]);
}

const noValues: Series = { times: [], values: [] };

function part({ times, values }: Series, fits: (time: number) => boolean): Series {
  return {
    times: times.filter((time) => fits(time)),
    values: values.filter((_, index) => fits(times[index] ?? 0)),
  };
}

function concatenated(parts: readonly Series[]): Series {
  return { times: parts.flatMap(({ times }) => times), values: parts.flatMap(({ values }) => values) };
}
