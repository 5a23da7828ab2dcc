import {
  type CSSProperties,
  type KeyboardEvent,
  type ReactNode,
  type RefObject,
  useCallback,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';

import { text } from '../text/en.ts';
import { type ColumnWidth, columnTemplate, leastRowWidth } from './column-widths.ts';
import { gridMove } from './grid-move.ts';
import styles from './virtual-grid.module.css';
import { visibleRows } from './visible-rows.ts';

export interface GridColumn<Row> {
  readonly id: string;
  readonly label: ReactNode;
  /** Where columns have none, `columnsClass` says all of them. */
  readonly width?: ColumnWidth;
  readonly cell: (row: Row) => ReactNode;
}

export interface VirtualGridProps<Row> {
  readonly label: string;
  readonly columns: readonly GridColumn<Row>[];
  /** A class that sets `grid-template-columns`. */
  readonly columnsClass?: string | undefined;
  /** How many rows there are. */
  readonly count: number;
  /** A row; `undefined` while it is not fetched. */
  readonly rowAt: (index: number) => Row | undefined;
  /** Called with the rows that are in sight, or nearly. */
  readonly onShow?: (first: number, count: number) => void;
  /** Of the enter key. */
  readonly onOpen: (row: Row) => void;
  /** Of the space bar. */
  readonly onSelect?: (row: Row) => void;
  /** Of a click anywhere in a row. */
  readonly onClick?: (row: Row) => void;
  readonly isSelected?: (row: Row) => boolean;
  /** True to keep the last row in sight as rows come. */
  readonly isAtEnd?: boolean;
}

const rowHeight = 36;

/** A grid (WAI-ARIA APG) of any number of rows, of which only those in sight are in the page. */
export function VirtualGrid<Row>(props: VirtualGridProps<Row>): ReactNode {
  const { count: total, rowAt, onShow, isAtEnd = false } = props;
  const body = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState(0);
  // True from a key that moves until its row is in the page: it may have to be scrolled to first.
  const isMoving = useRef(false);
  const [view, look] = useView(body);
  const { first, count } = visibleRows({ ...view, rowHeight }, total);
  const current = Math.min(active, Math.max(0, total - 1));

  useLayoutEffect(() => onShow?.(first, count), [onShow, first, count]);
  useLayoutEffect(() => {
    if (isAtEnd && body.current !== null) body.current.scrollTop = total * rowHeight;
  }, [isAtEnd, total]);
  useLayoutEffect(() => {
    if (!isMoving.current || current < first || current >= first + count) return;
    isMoving.current = false;
    body.current?.querySelector<HTMLElement>(`[data-row="${current}"]`)?.focus();
  }, [current, first, count]);

  const press = (event: KeyboardEvent<HTMLDivElement>): void => {
    if (isCommand(event)) return;
    const row = rowAt(current);
    const page = Math.max(1, Math.floor(view.height / rowHeight) - 1);
    const next = gridMove(event.key, { current, last: Math.max(0, total - 1), page });
    if (next !== undefined) {
      isMoving.current = next !== current;
      scrollTo(body.current, next);
      setActive(next);
    } else if (row !== undefined && event.key === 'Enter') props.onOpen(row);
    else if (row !== undefined && event.key === ' ') props.onSelect?.(row);
    else return;
    event.preventDefault();
  };

  return (
    <div
      role="grid"
      aria-label={props.label}
      aria-rowcount={total + 1}
      className={styles.grid}
      tabIndex={-1}
      onKeyDown={press}
    >
      <GridHead {...props} />
      <div
        role="rowgroup"
        ref={body}
        className={styles.body}
        style={leastWidthOf(props.columns)}
        onScroll={look}
      >
        <GridRows {...props} first={first} shown={count} current={current} onActive={setActive} />
      </div>
    </div>
  );
}

interface GridRowsProps<Row> extends VirtualGridProps<Row> {
  readonly first: number;
  readonly shown: number;
  readonly current: number;
  readonly onActive: (index: number) => void;
}

/** The rows that are in sight, in the room that all would take. */
function GridRows<Row>({ first, shown, current, ...props }: GridRowsProps<Row>): ReactNode {
  return (
    <div role="presentation" className={styles.extent} style={{ height: props.count * rowHeight }}>
      {Array.from({ length: shown }, (_, offset) => first + offset).map((index) => (
        <GridRow key={index} {...props} row={props.rowAt(index)} index={index} isActive={index === current} />
      ))}
    </div>
  );
}

interface View {
  readonly top: number;
  readonly height: number;
}

/** What is seen of the rows, and what to call when that changes. */
function useView(body: RefObject<HTMLDivElement | null>): readonly [View, () => void] {
  const [view, setView] = useState<View>({ top: 0, height: 800 });
  const look = useCallback(() => {
    const element = body.current;
    if (element !== null) setView({ top: element.scrollTop, height: element.clientHeight });
  }, [body]);
  useLayoutEffect(() => {
    if (body.current === null) return undefined;
    const measure = new ResizeObserver(look);
    measure.observe(body.current);
    return () => measure.disconnect();
  }, [body, look]);
  return [view, look];
}

function isCommand({ target, ctrlKey, metaKey, altKey }: KeyboardEvent): boolean {
  return target instanceof HTMLInputElement || ctrlKey || metaKey || altKey;
}

function GridHead<Row>({ columns, columnsClass }: VirtualGridProps<Row>): ReactNode {
  return (
    <div role="rowgroup" className={styles.head} style={leastWidthOf(columns)}>
      <div
        role="row"
        aria-rowindex={1}
        className={`${styles.row} ${columnsClass ?? ''}`}
        style={templateOf(columns)}
      >
        {columns.map((column) => (
          <div role="columnheader" key={column.id}>
            {column.label}
          </div>
        ))}
      </div>
    </div>
  );
}

interface GridRowProps<Row> extends VirtualGridProps<Row> {
  readonly row: Row | undefined;
  readonly index: number;
  readonly isActive: boolean;
  readonly onActive: (index: number) => void;
}

function GridRow<Row>(props: GridRowProps<Row>): ReactNode {
  const { row, index, isActive, onActive, columns, columnsClass, isSelected, onClick } = props;
  return (
    // Keys are taken by the grid, for all its rows.
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events
    <div
      role="row"
      aria-rowindex={index + 2}
      aria-selected={row !== undefined && (isSelected?.(row) ?? false)}
      data-row={index}
      tabIndex={isActive ? 0 : -1}
      onFocus={() => onActive(index)}
      onClick={() => row !== undefined && onClick?.(row)}
      className={`${styles.row} ${columnsClass ?? ''}`}
      style={{ ...templateOf(columns), top: index * rowHeight, height: rowHeight }}
    >
      {columns.map((column, place) => (
        <div role="gridcell" key={column.id} className={styles.cell}>
          {row === undefined
            ? place === 0 && <span className="hidden-visually">{text.common.loading}</span>
            : column.cell(row)}
        </div>
      ))}
    </div>
  );
}

/** The columns of a row, where they say their widths. */
function templateOf(columns: readonly { readonly width?: ColumnWidth }[]): CSSProperties {
  const widths = widthsOf(columns);
  return widths.length === 0 ? {} : { gridTemplateColumns: columnTemplate(widths) };
}

/** The least width of head and body: below it they are scrolled sideways together. */
function leastWidthOf(columns: readonly { readonly width?: ColumnWidth }[]): CSSProperties {
  const widths = widthsOf(columns);
  return widths.length === 0 ? {} : { minWidth: leastRowWidth(widths) };
}

function widthsOf(columns: readonly { readonly width?: ColumnWidth }[]): readonly ColumnWidth[] {
  return columns.flatMap(({ width }) => (width === undefined ? [] : [width]));
}

function scrollTo(body: HTMLElement | null, index: number): void {
  if (body === null) return;
  const top = index * rowHeight;
  if (top < body.scrollTop) body.scrollTop = top;
  else if (top + rowHeight > body.scrollTop + body.clientHeight)
    body.scrollTop = top + rowHeight - body.clientHeight;
}
