import type { ApiCallOptions, ApiCalls } from './api-calls.ts';
import {
  type HistoryDocument,
  type HistoryQuery,
  HistorySchema,
  type HistorySeriesDocument,
  HistorySeriesListSchema,
} from './history-document.ts';
import { type PathListOptions, pathListCall } from './path-list-call.ts';

/** The values that devices had. */
export class HistoryCalls {
  readonly #calls: ApiCalls;

  constructor(calls: ApiCalls) {
    this.#calls = calls;
  }

  /** The paths of a device of which values are kept. */
  async series(
    endpoint: string,
    options: Readonly<PathListOptions> = {},
  ): Promise<readonly HistorySeriesDocument[]> {
    const path = `${historyPath(endpoint)}/paths`;
    const call = { method: 'GET', path, ...pathListCall(options) } as const;
    const { series } = await this.#calls.json(HistorySeriesListSchema, call);
    return series;
  }

  /** What a path had between two times; with `resolution` summed up. */
  get(
    endpoint: string,
    { path, from, to, limit, resolution }: Readonly<Omit<HistoryQuery, 'format'>>,
    options: Readonly<ApiCallOptions> = {},
  ): Promise<HistoryDocument> {
    return this.#calls.json(HistorySchema, {
      method: 'GET',
      path: historyPath(endpoint),
      query: { path, from, to, limit, resolution },
      ...options,
    });
  }
}

function historyPath(endpoint: string): string {
  return `/devices/${encodeURIComponent(endpoint)}/history`;
}
