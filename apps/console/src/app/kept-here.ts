/** What of a `Storage` is used. */
export type KeptHere = Pick<Storage, 'getItem' | 'setItem'>;

/** What was kept in this browser under a name; `undefined` for nothing, and for what somebody else put there. */
export function readKept(storage: KeptHere, key: string): unknown {
  try {
    return JSON.parse(storage.getItem(key) ?? 'null') ?? undefined;
  } catch {
    return undefined;
  }
}

/** Keeps something in this browser. Where there is no room for it, or it may not, it lasts until the page is left. */
export function keepHere(storage: KeptHere, key: string, value: unknown): void {
  try {
    storage.setItem(key, JSON.stringify(value));
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
  }
}
