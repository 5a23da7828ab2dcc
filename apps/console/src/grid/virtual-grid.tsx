import {
  type KeyboardEvent,
  type ReactNode,
  type RefObject,
  useCallback,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';

import { gridMove } from './grid-move.ts';
import styles from './virtual-grid.module.css';
import { visibleRows } from './visible-rows.ts';

export interface GridColumn<Row> {
  readonly id: string;
  readonly label: ReactNode;
  readonly cell: (row: Row) => ReactNode;
}

export interface VirtualGridProps<Row> {
  readonly label: string;
  readonly columns: readonly GridColumn<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
  /** A class that sets `grid-template-columns`. */
  readonly columnsClass: string | undefined;
  /** False while there are more rows than those given. */
  readonly isAll: boolean;
  /** Called when the end of the rows comes near. */
  readonly onNearEnd: () => void;
  readonly onOpen: (row: Row) => void;
  /** Of the space bar. */
  readonly onSelect?: (row: Row) => void;
  /** Of a click anywhere in a row. */
  readonly onClick?: (row: Row) => void;
  /** True to keep the last row in sight as rows come. */
  readonly isAtEnd?: boolean;
  readonly isSelected?: (row: Row) => boolean;
}

const rowHeight = 36;
/** Rows before the end at which more are asked for: two screens. */
const nearEnd = 60;

/** A grid (WAI-ARIA APG) of any number of rows, of which only those in sight are in the page. */
export function VirtualGrid<Row>(props: VirtualGridProps<Row>): ReactNode {
  const { rows, isAll, onNearEnd } = props;
  const body = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState(0);
  const hasFocus = useRef(false);
  const [view, look] = useView(body);
  const { first, count } = visibleRows({ ...view, rowHeight }, rows.length);
  const current = Math.min(active, Math.max(0, rows.length - 1));

  useLayoutEffect(() => {
    if (!isAll && first + count > rows.length - nearEnd) onNearEnd();
  }, [isAll, first, count, rows.length, onNearEnd]);
  useLayoutEffect(() => {
    if (props.isAtEnd === true && body.current !== null) body.current.scrollTop = rows.length * rowHeight;
  }, [props.isAtEnd, rows.length]);
  useLayoutEffect(() => {
    if (hasFocus.current) body.current?.querySelector<HTMLElement>(`[data-row="${current}"]`)?.focus();
  }, [current]);

  const press = (event: KeyboardEvent<HTMLDivElement>): void => {
    const row = rows[current];
    if (row === undefined || isCommand(event)) return;
    const page = Math.max(1, Math.floor(view.height / rowHeight) - 1);
    const next = gridMove(event.key, { current, last: rows.length - 1, page });
    if (next !== undefined) {
      scrollTo(body.current, next);
      setActive(next);
    } else if (event.key === 'Enter') props.onOpen(row);
    else if (event.key === ' ') props.onSelect?.(row);
    else return;
    event.preventDefault();
  };

  return (
    <div
      role="grid"
      aria-label={props.label}
      aria-rowcount={isAll ? rows.length + 1 : -1}
      className={styles.grid}
      tabIndex={-1}
      onKeyDown={press}
      onFocus={() => (hasFocus.current = true)}
      onBlur={() => (hasFocus.current = false)}
    >
      <GridHead {...props} />
      <div role="rowgroup" ref={body} className={styles.body} onScroll={look}>
        <div role="presentation" className={styles.extent} style={{ height: rows.length * rowHeight }}>
          {rows.slice(first, first + count).map((row, offset) => (
            <GridRow
              key={props.keyOf(row)}
              {...props}
              row={row}
              index={first + offset}
              isActive={first + offset === current}
              onActive={setActive}
            />
          ))}
        </div>
      </div>
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
    <div role="rowgroup" className={styles.head}>
      <div role="row" aria-rowindex={1} className={`${styles.row} ${columnsClass ?? ''}`}>
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
  readonly row: Row;
  readonly index: number;
  readonly isActive: boolean;
  readonly onActive: (index: number) => void;
}

function GridRow<Row>({
  row,
  index,
  isActive,
  onActive,
  columns,
  columnsClass,
  isSelected,
  onClick,
}: GridRowProps<Row>): ReactNode {
  return (
    // Keys are taken by the grid, for all its rows.
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events
    <div
      role="row"
      aria-rowindex={index + 2}
      aria-selected={isSelected?.(row) ?? false}
      data-row={index}
      tabIndex={isActive ? 0 : -1}
      onFocus={() => onActive(index)}
      onClick={() => onClick?.(row)}
      className={`${styles.row} ${columnsClass ?? ''}`}
      style={{ top: index * rowHeight, height: rowHeight }}
    >
      {columns.map((column) => (
        <div role="gridcell" key={column.id} className={styles.cell}>
          {column.cell(row)}
        </div>
      ))}
    </div>
  );
}

function scrollTo(body: HTMLElement | null, index: number): void {
  if (body === null) return;
  const top = index * rowHeight;
  if (top < body.scrollTop) body.scrollTop = top;
  else if (top + rowHeight > body.scrollTop + body.clientHeight)
    body.scrollTop = top + rowHeight - body.clientHeight;
}
