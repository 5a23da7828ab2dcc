/** How wide a column is. */
export interface ColumnWidth {
  /** Pixels that it has at least. */
  readonly least: number;
  /** Its share of the room that is left; without one it stays as it is. */
  readonly share?: number;
}

/** Pixels between columns, and at either end of a row; as in the style sheet. */
const gap = 12;
const padding = 12;

/** Pixels that a scroll bar may take. */
const scrollBar = 18;

/** As in `grid-template-columns`. */
export function columnTemplate(widths: readonly ColumnWidth[]): string {
  return widths
    .map(({ least, share }) => (share === undefined ? `${least}px` : `minmax(${least}px, ${share}fr)`))
    .join(' ');
}

/** Pixels below which the rows have to be scrolled sideways. */
export function leastRowWidth(widths: readonly ColumnWidth[]): number {
  const columns = widths.reduce((sum, { least }) => sum + least, 0);
  return columns + gap * Math.max(0, widths.length - 1) + 2 * padding + scrollBar;
}
