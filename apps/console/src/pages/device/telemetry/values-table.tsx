import { type ReactNode, useState } from 'react';

import { text } from '../../../text/en.ts';
import { formatNumber } from '../../../values/format-value.ts';
import type { Charted } from './charted.ts';
import { chartRows } from './chart-table.ts';
import type { Span } from './span.ts';
import type { ChartLine } from './use-chart-lines.ts';

/** Rows that are shown: thousands would only be in the way. Zooming brings others, and the file has all. */
const tableLength = 100;

/** What a chart shows, as a table, the newest first. */
export function ValuesTable({
  lines,
  span,
}: {
  readonly lines: readonly ChartLine[];
  readonly span: Span;
}): ReactNode {
  const [isOpen, setOpen] = useState(false);
  return (
    <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>{text.telemetry.table}</summary>
      {isOpen && <OpenTable lines={lines} span={span} />}
    </details>
  );
}

function OpenTable({
  lines,
  span,
}: {
  readonly lines: readonly ChartLine[];
  readonly span: Span;
}): ReactNode {
  const rows = chartRows(
    lines.map(({ series }) => series),
    span,
  );
  const shown = rows.slice(-tableLength).toReversed();
  return (
    <div className="scroll">
      <table aria-label={text.telemetry.tableLabel}>
        <caption className="muted">{text.telemetry.rows(shown.length, rows.length)}</caption>
        <thead>
          <tr>
            <th scope="col">{text.common.time}</th>
            {lines.map(({ charted }) => (
              <th key={charted.path} scope="col" className="number">
                {columnName(charted)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map(({ time, values }) => (
            <tr key={time}>
              <td>{new Date(time * 1000).toLocaleString()}</td>
              {lines.map(({ charted }, index) => {
                const value = values[index];
                return (
                  <td key={charted.path} className="number">
                    {value === undefined ? '' : formatNumber(value)}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function columnName({ name, path, units }: Charted): string {
  return `${name} ${path}${units === '' ? '' : `, ${units}`}`;
}
