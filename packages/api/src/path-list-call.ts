import type { ApiCallOptions } from './api-calls.ts';
import type { PathPageQuery } from './path-page.ts';

/** For a list of one device by paths. */
export type PathListOptions = ApiCallOptions & PathPageQuery;

/** What is common to the calls of such lists. */
export function pathListCall({ contains, after, limit, signal }: PathListOptions): {
  readonly query: { readonly [Name in keyof PathPageQuery]: PathPageQuery[Name] | undefined };
  readonly signal: AbortSignal | undefined;
} {
  return { query: { contains, after, limit }, signal };
}
