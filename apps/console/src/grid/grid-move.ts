export interface GridPosition {
  readonly current: number;
  readonly last: number;
  /** Rows of a screen. */
  readonly page: number;
}

/** To which row a key leads (WAI-ARIA APG, grid; `j` and `k` as in `less`); `undefined` for other keys. */
export function gridMove(key: string, { current, last, page }: GridPosition): number | undefined {
  switch (key) {
    case 'ArrowDown':
    case 'j':
      return Math.min(last, current + 1);
    case 'ArrowUp':
    case 'k':
      return Math.max(0, current - 1);
    case 'PageDown':
      return Math.min(last, current + page);
    case 'PageUp':
      return Math.max(0, current - page);
    case 'Home':
      return 0;
    case 'End':
      return last;
    default:
      return undefined;
  }
}
