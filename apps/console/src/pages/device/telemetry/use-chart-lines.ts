import type { KnownValueDocument } from '@dunlin/api';

import { useSeriesStore } from '../../../server/live-series.ts';
import { useValues } from '../../../server/use-answers.ts';
import { type Series, withPoint } from '../../../values/series.ts';
import { brokenAt, type BrokenSeries } from './absences.ts';
import type { Charted } from './charted.ts';
import { detailedSeries, joinedSeries } from './history-series.ts';
import type { Span } from './span.ts';
import { type ChartRange, chartRanges } from './telemetry-view.ts';
import { useAbsences, useHistories } from './use-history.ts';

/** A line of a chart, with what is known of it last. */
export interface ChartLine {
  readonly charted: Charted;
  readonly series: BrokenSeries;
  readonly last: KnownValueDocument | undefined;
}

/** The lines of a chart, and how far they are there. */
export interface ChartLines {
  readonly lines: readonly ChartLine[];
  /** True while some of it is still to come. */
  readonly isBusy: boolean;
  /** Why some of it cannot be had; `null` when nothing is wrong. */
  readonly error: Error | null;
}

/** The lines of a chart: what the server keeps, in more detail where one zoomed, and what came since. */
export function useChartLines(
  endpoint: string,
  charted: readonly Charted[],
  range: ChartRange,
  span: Span | undefined,
): ChartLines {
  const paths = charted.map(({ path }) => path);
  const store = useSeriesStore();
  const { data: values = noValues } = useValues(endpoint);
  const away = useAbsences(endpoint);
  const spanNow = (): Span => rangeSpan(range, charted, Date.now() / 1000);
  const whole = useHistories(endpoint, paths, range, spanNow);
  const zoom = span === undefined ? undefined : `${span.from} ${span.to}`;
  const detail = useHistories(endpoint, paths, zoom, () => span ?? spanNow());
  const lines = charted.map((each, index): ChartLine => {
    const last = values.find(({ path }) => path === each.path);
    const [past, zoomed] = [whole[index]?.data, detail[index]?.data];
    const kept =
      span === undefined || zoomed === undefined
        ? past?.series
        : detailedSeries(past?.series, span, zoomed.series);
    const series = joinedSeries(kept, withLast(store.series(endpoint, each.path), last));
    return {
      charted: each,
      last,
      series: brokenAt(series, away.data ?? noAbsences, (zoomed ?? past)?.width),
    };
  });
  const asked = [...whole, ...detail];
  return {
    lines,
    isBusy: asked.some(({ isFetching }) => isFetching),
    error: [...asked, away].find(({ error }) => error !== null)?.error ?? null,
  };
}

const noValues: readonly KnownValueDocument[] = [];
const noAbsences: readonly Span[] = [];

/**
 * The part of time that a live chart shows at a time (Unix seconds); with `all` from the first value on that the server
 * keeps of what is charted.
 */
export function rangeSpan(range: ChartRange, charted: readonly Charted[], now: number): Span {
  const firsts = charted.flatMap(({ first }) => (first === undefined ? [] : [Date.parse(first) / 1000]));
  const length = chartRanges[range] ?? Math.max(now - Math.min(...firsts, now), 60);
  return { from: now - length, to: now };
}

/** What is known of a Resource may be newer than what was notified: it was read, or notified before the page was open. */
function withLast(live: Series | undefined, last: KnownValueDocument | undefined): Series | undefined {
  if (last === undefined || !('value' in last.resource)) return live;
  const time = Date.parse(last.measuredAt ?? last.knownAt) / 1000;
  const value = Number(last.resource.value);
  if (!Number.isFinite(value) || time <= (live?.times.at(-1) ?? 0)) return live;
  return withPoint(live, time, value);
}
