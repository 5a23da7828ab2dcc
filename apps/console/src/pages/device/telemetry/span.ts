/** A part of time, in Unix seconds. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** A chart of less than a second shows nothing. */
const shortest = 1;

/** A part of time made shorter (`factor` below 1) or longer, about its middle or about another time in it. */
export function zoomed({ from, to }: Span, factor: number, around: number = (from + to) / 2): Span {
  const length = Math.max((to - from) * factor, shortest);
  const before = ((around - from) / (to - from)) * length;
  return rounded({ from: around - before, to: around - before + length });
}

/** The part of time before (`share` below 0) or after, by a share of its length. */
export function moved({ from, to }: Span, share: number): Span {
  const by = (to - from) * share;
  return rounded({ from: from + by, to: to + by });
}

/** What was dragged over, from either end; `undefined` when it is too short to be meant. */
export function draggedSpan(one: number, other: number): Span | undefined {
  const span = rounded({ from: Math.min(one, other), to: Math.max(one, other) });
  return span.to - span.from < shortest ? undefined : span;
}

/** To milliseconds, which URLs and the server have. */
export function rounded({ from, to }: Span): Span {
  return { from: Math.round(from * 1000) / 1000, to: Math.round(to * 1000) / 1000 };
}
