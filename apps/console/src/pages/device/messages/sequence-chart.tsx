import { type ReactNode, useState } from 'react';

import { type GridColumn, VirtualGrid } from '../../../grid/virtual-grid.tsx';
import { text } from '../../../text/en.ts';
import { rowDirection, rowText, rowTone } from './message-text.ts';
import { firstEntry, type SequenceRow } from './sequence.ts';
import styles from './sequence-chart.module.css';

export interface SequenceChartProps {
  readonly rows: readonly SequenceRow[];
  readonly selected: SequenceRow | undefined;
  readonly onSelect: (row: SequenceRow) => void;
}

/** The messages as arrows between two lifelines, the server's and the device's; the newest below. */
export function SequenceChart({ rows, selected, onSelect }: SequenceChartProps): ReactNode {
  const [isFollowing, setFollowing] = useState(true);
  const token = selected?.kind === 'message' ? selected.message.token : undefined;
  return (
    <div className={styles.chart}>
      <label className="row">
        <input
          type="checkbox"
          checked={isFollowing}
          onChange={({ target }) => setFollowing(target.checked)}
        />
        {text.messages.follow}
      </label>
      <VirtualGrid
        label={text.messages.chart}
        columns={chartColumns(token)}
        columnsClass={styles.columns}
        count={rows.length}
        rowAt={(index) => rows[index]}
        isAtEnd={isFollowing}
        onOpen={onSelect}
        onClick={onSelect}
        isSelected={(row) => selected !== undefined && firstEntry(row).id === firstEntry(selected).id}
      />
    </div>
  );
}

/** `token` is that of the exchange that is selected. */
function chartColumns(token: string | undefined): readonly GridColumn<SequenceRow>[] {
  return [
    { id: 'time', label: text.common.time, cell: (row) => <span className="mono">{timeOf(row)}</span> },
    {
      id: 'arrow',
      label: (
        <span className={styles.ends}>
          <span>{text.messages.server}</span>
          <span>{text.messages.device}</span>
        </span>
      ),
      cell: (row) => <Arrow row={row} isRelated={isSameExchange(row, token)} />,
    },
    { id: 'token', label: text.messages.token, cell: (row) => <span className="mono">{tokenOf(row)}</span> },
    { id: 'mid', label: text.messages.messageId, cell: (row) => <span className="mono">{midOf(row)}</span> },
  ];
}

/** An arrow from one lifeline to the other, with what the message says. */
function Arrow({ row, isRelated }: { readonly row: SequenceRow; readonly isRelated: boolean }): ReactNode {
  const direction = rowDirection(row);
  return (
    <span className={styles.line} data-tone={rowTone(row)} data-related={isRelated}>
      {direction !== undefined && (
        <>
          <span className="hidden-visually">{text.messages.direction[direction]}</span>
          <svg className={styles.arrow} aria-hidden="true" preserveAspectRatio="none" viewBox="0 0 100 10">
            <line x1="0" y1="5" x2="100" y2="5" vectorEffect="non-scaling-stroke" />
          </svg>
          <svg
            className={direction === 'out' ? styles.right : styles.left}
            aria-hidden="true"
            viewBox="0 0 10 10"
          >
            <path d={direction === 'out' ? 'M2 1 9 5 2 9z' : 'M8 1 1 5l7 4z'} />
          </svg>
        </>
      )}
      <span className={styles.label}>{rowText(row)}</span>
    </span>
  );
}

function isSameExchange(row: SequenceRow, token: string | undefined): boolean {
  return token !== undefined && token !== '' && row.kind === 'message' && row.message.token === token;
}

function timeOf(row: SequenceRow): string {
  const time = new Date(firstEntry(row).time);
  return `${time.toLocaleTimeString(undefined, { hour12: false })}.${String(time.getMilliseconds()).padStart(3, '0')}`;
}

function tokenOf(row: SequenceRow): string {
  return row.kind === 'message' ? row.message.token : '';
}

function midOf(row: SequenceRow): string {
  return row.kind === 'message' ? String(row.message.messageId) : '';
}
