import { setImmediate } from 'node:timers/promises';

/** A list in an order, as a store gives it part by part. */
export interface OrderedList<Entry, Place> {
  /** The entries after a place, or from the beginning on; fewer than `limit` at the end of the list only. */
  readonly read: (after: Place | undefined, limit: number) => readonly Entry[] | Promise<readonly Entry[]>;
  readonly placeOf: (entry: Entry) => Place;
}

export interface FittingPageRequest<Entry, Place> {
  readonly after: Place | undefined;
  readonly limit: number;
  /** Which entries are listed: all when absent. */
  readonly fits?: ((entry: Entry) => boolean) | undefined;
  /** Ends the search when nobody waits for the page any more. */
  readonly signal: AbortSignal;
}

/**
 * Entries that are looked through in one go: a few milliseconds even of those that have to be unsealed, so that devices
 * are answered while a list of a million is searched.
 */
const entriesInOneGo = 256;

/** The entries that fit after a place, and where the page ended when there are more. */
export async function fittingPage<Entry, Place>(
  { read, placeOf }: OrderedList<Entry, Place>,
  { after, limit, fits, signal }: FittingPageRequest<Entry, Place>,
): Promise<{ readonly page: readonly Entry[]; readonly next: Place | undefined }> {
  const size = fits === undefined ? limit + 1 : entriesInOneGo;
  const found: Entry[] = [];
  let place = after;
  for (let isAtEnd = false; !isAtEnd && found.length <= limit && !signal.aborted;) {
    const entries = await read(place, size);
    found.push(...(fits === undefined ? entries : entries.filter(fits)));
    const last = entries.at(-1);
    isAtEnd = last === undefined || entries.length < size;
    if (last !== undefined) place = placeOf(last);
    if (fits !== undefined) await setImmediate();
  }
  const page = found.slice(0, limit);
  const last = page.at(-1);
  return { page, next: found.length > limit && last !== undefined ? placeOf(last) : undefined };
}

/** Whether a text has a part in it, in any case of letters; `undefined` when no part is asked for. */
export function containing(part: string | undefined): ((text: string) => boolean) | undefined {
  if (part === undefined) return undefined;
  const wanted = part.toLowerCase();
  return (text) => text.toLowerCase().includes(wanted);
}
