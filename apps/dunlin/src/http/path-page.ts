import type { PathPageQuery } from '@dunlin/api';
import { parsePath } from '@dunlin/lwm2m';
import { comparePathTexts } from '@dunlin/server';

import { containing } from './fitting-page.ts';
import { badRequest } from './request-problem.ts';

/** A part of a list. */
interface PathPage<Entry> {
  readonly page: readonly Entry[];
  readonly next: string | null;
}

/** The part of a list that somebody asks for, which is in the order of its paths. `nameOf` gives the name of an entry, if it has one. */
export function pathPage<Entry extends { readonly path: string }>(
  entries: readonly Entry[],
  { contains, after, limit = 1000 }: PathPageQuery,
  nameOf: (entry: Entry) => string | undefined,
): PathPage<Entry> {
  if (after !== undefined && parsePath(after) === undefined)
    throw badRequest('query.after', 'must be a path such as /3303/0/5700');
  const fits = containing(contains) ?? (() => true);
  const rest = entries.filter(
    (entry) =>
      (after === undefined || comparePathTexts(entry.path, after) > 0) &&
      (fits(entry.path) || fits(nameOf(entry) ?? '')),
  );
  const page = rest.slice(0, limit);
  return { page, next: rest.length > limit ? (page.at(-1)?.path ?? null) : null };
}
