import { type ReactNode, useState } from 'react';

import { AskedStateText } from '../../../asking/asked-state.tsx';
import { useAsked } from '../../../asking/use-asking.ts';
import { Age } from '../../../components/age.tsx';
import { text } from '../../../text/en.ts';
import { formatNumber } from '../../../values/format-value.ts';
import { AttributesForm } from '../resources/attributes-form.tsx';
import { valueAt } from './absences.ts';
import { LineSample } from './line-style.tsx';
import type { ChartLine } from './use-chart-lines.ts';

export interface ChartLegendProps {
  readonly lines: readonly ChartLine[];
  /** Where the cursor is; without one the last values are shown. */
  readonly cursor: number | undefined;
}

/** Which line is which, and what each has under the cursor or had last. */
export function ChartLegend({ lines, cursor }: ChartLegendProps): ReactNode {
  const asked = useAsked();
  const [edited, setEdited] = useState<string>();
  const { columns, atCursor, last } = text.telemetry;
  return (
    <>
      <div className="scroll">
        <table aria-label={text.telemetry.legend}>
          <thead>
            <tr>
              <th scope="col">{columns.line}</th>
              <th scope="col">{columns.name}</th>
              <th scope="col">{columns.unit}</th>
              <th scope="col" className="number">
                {cursor === undefined ? last : atCursor(new Date(cursor * 1000).toLocaleString())}
              </th>
              <th scope="col">{columns.age}</th>
              <th scope="col">{text.operations['write-attributes']}</th>
            </tr>
          </thead>
          <tbody>
            {lines.map((line, index) => {
              const { path, name, units } = line.charted;
              return (
                <tr key={path}>
                  <td>
                    <LineSample index={index} />
                  </td>
                  <td>
                    {name} <span className="mono muted">{path}</span>
                  </td>
                  <td>{units}</td>
                  <td className="number">{shownValue(line, cursor)}</td>
                  <td className="muted">
                    {line.last !== undefined && <Age at={line.last.measuredAt ?? line.last.knownAt} />}
                  </td>
                  <td>
                    <button
                      type="button"
                      className="button small"
                      aria-label={`${text.operations['write-attributes']}: ${name} ${path}`}
                      aria-expanded={edited === path}
                      onClick={() => setEdited(edited === path ? undefined : path)}
                    >
                      {text.operations['write-attributes']}
                    </button>{' '}
                    <AskedStateText asked={asked.get(path)} />
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      {edited !== undefined && (
        <AttributesForm key={edited} path={edited} isNumeric onDone={() => setEdited(undefined)} />
      )}
    </>
  );
}

function shownValue({ series }: ChartLine, cursor: number | undefined): string {
  const value = valueAt(series, cursor ?? Number.POSITIVE_INFINITY);
  return value === undefined ? '—' : formatNumber(value);
}
