/** Collects what comes, and hands it on all at once with the next frame of the screen. */
export function perFrame<T>(take: (items: readonly T[]) => void): (item: T) => void {
  let waiting: T[] = [];
  return (item) => {
    waiting.push(item);
    if (waiting.length > 1) return;
    // A page in the background has no frames, but what it is told must not pile up.
    const timer = setTimeout(flush, 250);
    const frame = requestAnimationFrame(flush);
    function flush(): void {
      clearTimeout(timer);
      cancelAnimationFrame(frame);
      const items = waiting;
      waiting = [];
      take(items);
    }
  };
}
