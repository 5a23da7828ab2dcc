import { useQuery, type UseQueryResult } from '@tanstack/react-query';

import { api } from '../../../server/api.ts';
import type { Series } from '../../../values/series.ts';
import { historySeries, resolutionOf } from './history-series.ts';

/** What the server keeps of a Resource for the last `range` seconds; not asked again while it is shown. */
export function useHistory(endpoint: string, path: string, range: number): UseQueryResult<Series> {
  return useQuery({
    queryKey: ['history', endpoint, path, String(range)],
    queryFn: async ({ signal }) => {
      const from = new Date(Date.now() - range * 1000).toISOString();
      const query = { path, from, limit: 10_000, ...resolutionOf(range) };
      return historySeries(await api.history.get(endpoint, query, { signal }));
    },
    gcTime: 0,
  });
}
