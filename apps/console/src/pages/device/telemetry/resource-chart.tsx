import type { KnownValueDocument } from '@dunlin/api';
import { type ReactNode, useState } from 'react';

import { Age } from '../../../components/age.tsx';
import { download } from '../../../server/download.ts';
import { useSeries } from '../../../server/live-series.ts';
import { text } from '../../../text/en.ts';
import { formatResource } from '../../../values/format-value.ts';
import { type Series, withPoint } from '../../../values/series.ts';
import { AttributesForm } from '../resources/attributes-form.tsx';
import { csvOf } from './csv.ts';
import { joinedSeries } from './history-series.ts';
import { LineChart } from './line-chart.tsx';
import { useHistory } from './use-history.ts';

export interface ResourceChartProps {
  readonly endpoint: string;
  readonly value: KnownValueDocument;
  readonly range: number;
  readonly isPaused: boolean;
}

/** One number over time: a chart, the same as a table, and how often the device is to tell it. */
export function ResourceChart({ endpoint, value, range, isPaused }: ResourceChartProps): ReactNode {
  const { path, resource, knownAt, measuredAt } = value;
  const { data: past, isPending } = useHistory(endpoint, path, range);
  const live = joinedSeries(past, useSeries(endpoint, path) ?? firstPoint(value));
  const [held, setHeld] = useState<Series>();
  const [isEditing, setEditing] = useState(false);
  if (isPaused !== (held !== undefined)) setHeld(isPaused ? live : undefined);
  const series = held ?? live;
  const name = resource.name ?? path;
  return (
    <>
      <div className="row spread">
        <h2>
          {name} <span className="mono muted">{path}</span>
        </h2>
        <span>
          {formatResource(resource)} {resource.units ?? ''}{' '}
          <span className="muted">
            <Age at={measuredAt ?? knownAt} />
          </span>
        </span>
      </div>
      <LineChart
        label={text.telemetry.chart(name, series.times.length)}
        units={resource.units ?? ''}
        series={series}
        range={range}
        isBusy={isPending}
      />
      <div className="row">
        <button type="button" className="button small" onClick={() => setEditing(!isEditing)}>
          {text.operations['write-attributes']}
        </button>
        <button
          type="button"
          className="button small"
          onClick={() =>
            download(
              `${endpoint}${path.replaceAll('/', '-')}.csv`,
              new Blob([csvOf(series)], { type: 'text/csv' }),
            )
          }
        >
          {text.telemetry.csv}
        </button>
      </div>
      {isEditing && <AttributesForm path={path} isNumeric onDone={() => setEditing(false)} />}
      <SeriesTable name={name} series={series} />
    </>
  );
}

/** What is known before anything was notified. */
function firstPoint({ resource, knownAt, measuredAt }: KnownValueDocument): Series {
  const value = 'value' in resource ? Number(resource.value) : Number.NaN;
  if (!Number.isFinite(value)) return { times: [], values: [] };
  return withPoint(undefined, Date.parse(measuredAt ?? knownAt) / 1000, value);
}

/** Rows of the table: the chart has the rest. */
const tableLength = 50;

function SeriesTable({ name, series }: { readonly name: string; readonly series: Series }): ReactNode {
  return (
    <details>
      <summary>{text.telemetry.table(name)}</summary>
      <table>
        <thead>
          <tr>
            <th scope="col">{text.common.time}</th>
            <th scope="col">{text.telemetry.value}</th>
          </tr>
        </thead>
        <tbody>
          {series.times
            .slice(-tableLength)
            .map((time, index) => [time, series.values.slice(-tableLength)[index]] as const)
            .toReversed()
            .map(([time, value]) => (
              <tr key={time}>
                <td>{new Date(time * 1000).toLocaleString()}</td>
                <td className="number">{value}</td>
              </tr>
            ))}
        </tbody>
      </table>
    </details>
  );
}
