/**
 * Entries of a list that the server gives in pages, at most so many, and where to go on when there are more. `page` asks
 * for so many after a cursor.
 */
export async function listPages<Entry>(
  limit: number,
  after: string | undefined,
  page: (request: {
    readonly limit: number;
    readonly after?: string;
  }) => Promise<{ readonly entries: readonly Entry[]; readonly next: string | null }>,
): Promise<{ readonly entries: readonly Entry[]; readonly next: string | null }> {
  const entries: Entry[] = [];
  let next: string | null = after ?? null;
  do {
    const rest = Math.min(limit - entries.length, 1000);
    const found = await page({ limit: rest, ...(next === null ? {} : { after: next }) });
    entries.push(...found.entries);
    ({ next } = found);
  } while (next !== null && entries.length < limit);
  return { entries, next };
}
