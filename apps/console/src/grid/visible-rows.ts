/** Which rows of a long list have to be there: from `first`, `count` of them. */
export interface VisibleRows {
  readonly first: number;
  readonly count: number;
}

/** Rows above and below what is seen, so that scrolling by a wheel does not show gaps. */
const overscan = 8;

/** The rows that a viewport of `height` pixels, scrolled down by `top`, needs. */
export function visibleRows(
  { top, height, rowHeight }: { readonly top: number; readonly height: number; readonly rowHeight: number },
  total: number,
): VisibleRows {
  const first = Math.max(0, Math.min(Math.floor(top / rowHeight) - overscan, total));
  const end = Math.min(total, Math.ceil((top + height) / rowHeight) + overscan);
  return { first, count: Math.max(0, end - first) };
}
