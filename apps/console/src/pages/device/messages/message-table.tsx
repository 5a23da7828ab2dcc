import type { ReactNode } from 'react';

import { text } from '../../../text/en.ts';
import { rowDirection, rowText } from './message-text.ts';
import { firstEntry, type SequenceRow } from './sequence.ts';

export interface MessageTableProps {
  readonly rows: readonly SequenceRow[];
  readonly onSelect: (row: SequenceRow) => void;
}

/** Messages that are listed; the chart goes through all. */
const listed = 500;

/** The messages as a table, the newest first: for those who do not look at charts. */
export function MessageTable({ rows, onSelect }: MessageTableProps): ReactNode {
  return (
    <div className="card scroll">
      <table>
        <caption className="hidden-visually">{text.messages.chart}</caption>
        <thead>
          <tr>
            <th scope="col">{text.common.time}</th>
            <th scope="col">{text.messages.directionTitle}</th>
            <th scope="col">{text.messages.message}</th>
          </tr>
        </thead>
        <tbody>
          {rows
            .slice(-listed)
            .toReversed()
            .map((row) => {
              const direction = rowDirection(row);
              const { id, time } = firstEntry(row);
              return (
                <tr key={id}>
                  <td className="mono">{time.slice(11, 23)}</td>
                  <td>{direction === undefined ? '' : text.messages.direction[direction]}</td>
                  <td>
                    <button type="button" className="button plain small" onClick={() => onSelect(row)}>
                      {rowText(row)}
                    </button>
                  </td>
                </tr>
              );
            })}
        </tbody>
      </table>
    </div>
  );
}
