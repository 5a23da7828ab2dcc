/** What became of one device. */
export type BulkResult =
  | { readonly kind: 'waiting' | 'running' | 'stopped' }
  | { readonly kind: 'done'; readonly text: string }
  | { readonly kind: 'failed'; readonly text: string };

/** Devices asked at the same time: enough to be quick, few enough to stop. */
const concurrency = 8;

/**
 * Does the same to many devices, a few at a time, until all are done or it is stopped. `act` gives what to tell of a
 * success; what it throws is told by `tell`.
 */
export async function bulkRun(
  endpoints: readonly string[],
  {
    act,
    tell,
    signal,
    onResult,
  }: {
    readonly act: (endpoint: string) => Promise<string>;
    readonly tell: (error: unknown) => BulkResult;
    readonly signal: AbortSignal;
    readonly onResult: (endpoint: string, result: BulkResult) => void;
  },
): Promise<void> {
  let next = 0;
  const work = async (): Promise<void> => {
    for (;;) {
      const endpoint = endpoints[next];
      next += 1;
      if (endpoint === undefined) return;
      if (signal.aborted) {
        onResult(endpoint, { kind: 'stopped' });
        continue;
      }
      onResult(endpoint, { kind: 'running' });
      try {
        onResult(endpoint, { kind: 'done', text: await act(endpoint) });
      } catch (error) {
        onResult(endpoint, tell(error));
      }
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
}
