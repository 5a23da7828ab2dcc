import type { HistoryDocument, HistorySeriesDocument, ServerEventType } from '@dunlin/api';
import { useQueries, useQuery, type UseQueryResult } from '@tanstack/react-query';

import { api } from '../../../server/api.ts';
import { queryKeys } from '../../../server/query-keys.ts';
import type { Series } from '../../../values/series.ts';
import { absencesOf } from './absences.ts';
import { bucketOf, historySeries, resolutionOf } from './history-series.ts';
import type { Span } from './span.ts';
import { instantText } from './telemetry-view.ts';

/** Samples of one answer, as many as the server gives. */
const mostSamples = 10_000;

/** What the server keeps of a Resource in a part of time. */
export interface KeptSeries {
  readonly series: Series;
  /** Seconds that each value is the mean of; 0 for the values themselves. */
  readonly width: number;
}

/** The paths of which the server keeps values; asked anew each time that the page is opened. */
export function useHistoryPaths(endpoint: string): UseQueryResult<readonly HistorySeriesDocument[]> {
  return useQuery({
    queryKey: ['history', endpoint, 'paths'],
    queryFn: ({ signal }) => api.history.series(endpoint, { signal }),
    gcTime: 0,
  });
}

/**
 * What the server keeps of some Resources; not asked again while it is shown. `name` is what the part of time is called,
 * which moves while it keeps its name; without one nothing is asked.
 */
export function useHistories(
  endpoint: string,
  paths: readonly string[],
  name: string | undefined,
  spanOf: () => Span,
): readonly UseQueryResult<KeptSeries>[] {
  return useQueries({
    queries: paths.map((path) => ({
      queryKey: ['history', endpoint, path, name ?? ''],
      queryFn: ({ signal }: { readonly signal: AbortSignal }) => historyOf(endpoint, path, spanOf(), signal),
      enabled: name !== undefined,
      gcTime: 0,
    })),
  });
}

/** When the device was away, as far as the server's events of the past tell. */
export function useAbsences(endpoint: string): UseQueryResult<readonly Span[]> {
  return useQuery({
    queryKey: queryKeys.absences(endpoint),
    queryFn: async ({ signal }) => {
      const types: readonly ServerEventType[] = ['registered', 'deregistered', 'expired'];
      const pages = await Promise.all(
        types.map((type) => api.pastEvents({ endpoint, type, limit: 1000 }, { signal })),
      );
      return absencesOf(pages.flatMap(({ events }) => events.map(({ event }) => event)));
    },
  });
}

async function historyOf(
  endpoint: string,
  path: string,
  span: Span,
  signal: AbortSignal,
): Promise<KeptSeries> {
  const length = span.to - span.from;
  const query = { path, from: instantText(span.from), to: instantText(span.to), limit: mostSamples };
  const answer = await api.history.get(endpoint, { ...query, ...resolutionOf(length) }, { signal });
  if (answer.next === null) return keptSeries(answer);
  // Of more values than come at once the first would be there and the newest not: means of all of them instead.
  return keptSeries(await api.history.get(endpoint, { ...query, resolution: bucketOf(length) }, { signal }));
}

function keptSeries(answer: HistoryDocument): KeptSeries {
  return { series: historySeries(answer), width: answer.resolution ?? 0 };
}
