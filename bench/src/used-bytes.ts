/** What this process uses after a full collection. */
export interface UsedBytes {
  /** Objects, and what belongs to them outside of the heap, such as typed arrays. */
  readonly objects: number;
  /** All memory that the system has given to the process, native objects of OpenSSL included. */
  readonly resident: number;
}

/** Needs `--expose-gc`. */
export function usedBytes(): UsedBytes {
  // The thorough kind, which gives back what was only held for the next objects.
  globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' });
  const { heapUsed, external, rss } = process.memoryUsage();
  // `external` has `arrayBuffers` in it.
  return { objects: heapUsed + external, resident: rss };
}
