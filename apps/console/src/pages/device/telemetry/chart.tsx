import { type KeyboardEvent, type ReactNode, useId, useMemo, useState } from 'react';

import { useNow } from '../../../app/use-now.ts';
import { download } from '../../../server/download.ts';
import { text } from '../../../text/en.ts';
import { formatNumber } from '../../../values/format-value.ts';
import { breaksIn, valueAt } from './absences.ts';
import { chartKey, step } from './chart-keys.ts';
import { ChartLegend } from './chart-legend.tsx';
import { type ChartRow, chartRows, csvOf } from './chart-table.ts';
import { LineChart } from './line-chart.tsx';
import { draggedSpan, moved, rounded, type Span, zoomed } from './span.ts';
import type { ChartLine } from './use-chart-lines.ts';
import { ValuesTable } from './values-table.tsx';

export interface ChartProps {
  readonly endpoint: string;
  readonly lines: readonly ChartLine[];
  /** True while some of it is still to come. */
  readonly isBusy: boolean;
  /** What was zoomed to; without it the chart moves with the time. */
  readonly span: Span | undefined;
  /** What a live chart shows now. */
  readonly liveSpan: (now: number) => Span;
  /** Shows a part of time; `undefined` goes back to what is live. */
  readonly onSpan: (span: Span | undefined) => void;
}

/** Numbers of a device over time: the chart, what moves it, its legend, and the same as a table. */
export function Chart({ endpoint, lines, isBusy, span, liveSpan, onSpan }: ChartProps): ReactNode {
  const now = useNow() / 1000;
  const hint = useId();
  const [cursor, setCursor] = useState<number>();
  const [said, setSaid] = useState('');
  const rows = useMemo(() => chartRows(lines.map(({ series }) => series)), [lines]);
  // A value that came after the last tick of the clock is shown at once.
  const shown = span ?? liveSpan(Math.max(now, rows.at(-1)?.time ?? 0));
  const press = (event: KeyboardEvent): void => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const times = rows.map(({ time }) => time);
    const done = chartKey({ key: event.key, isShift: event.shiftKey }, shown, times, cursor);
    if (done === undefined) return;
    event.preventDefault();
    if (done.kind === 'zoom') onSpan(done.span);
    else if (done.kind === 'live') onSpan(undefined);
    else {
      setCursor(done.time);
      setSaid(cursorText(lines, done.time));
    }
  };
  return (
    <section className="card stack" aria-label={text.telemetry.section}>
      <ChartButtons span={span} shown={shown} onSpan={onSpan} />
      {/* As an application it gets the arrow keys from screen readers too; all that keys do buttons do as well. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions */}
      <div
        role="application"
        aria-roledescription={text.telemetry.roleDescription}
        aria-label={chartLabel(lines, rows.length)}
        aria-describedby={hint}
        aria-busy={isBusy}
        data-points={rows.length}
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
        onKeyDown={press}
      >
        <LineChart
          key={lines.map(({ charted: { path, units } }) => `${path} ${units}`).join(', ')}
          lines={lines}
          span={shown}
          cursor={cursor}
          onCursor={setCursor}
          onDrag={(one, other) => {
            const dragged = draggedSpan(one, other);
            if (dragged !== undefined) onSpan(dragged);
          }}
        />
      </div>
      <p id={hint} className="muted">
        {text.telemetry.keys}
      </p>
      <p role="status" className="hidden-visually">
        {said}
      </p>
      <ChartLegend lines={lines} cursor={cursor} />
      <CsvButton endpoint={endpoint} lines={lines} rows={rows} />
      <ValuesTable lines={lines} span={shown} />
    </section>
  );
}

interface CsvButtonProps {
  readonly endpoint: string;
  readonly lines: readonly ChartLine[];
  readonly rows: readonly ChartRow[];
}

function CsvButton({ endpoint, lines, rows }: CsvButtonProps): ReactNode {
  const save = (): void => {
    const paths = lines.map(({ charted }) => charted.path);
    download(`${endpoint}.csv`, new Blob([csvOf(paths, rows)], { type: 'text/csv' }));
  };
  return (
    <div className="row">
      <button type="button" className="button small" onClick={save}>
        {text.telemetry.csv}
      </button>
    </div>
  );
}

interface ChartButtonsProps {
  readonly span: Span | undefined;
  readonly shown: Span;
  readonly onSpan: (span: Span | undefined) => void;
}

function ChartButtons({ span, shown, onSpan }: ChartButtonsProps): ReactNode {
  const { pause, live, zoomIn, zoomOut, earlier, later, from } = text.telemetry;
  const buttons: readonly (readonly [string, Span | undefined])[] = [
    [zoomIn, zoomed(shown, step.in)],
    [zoomOut, zoomed(shown, step.out)],
    [earlier, moved(shown, -step.share)],
    [later, moved(shown, step.share)],
  ];
  return (
    <div className="row">
      <button
        type="button"
        className="button small"
        onClick={() => onSpan(span === undefined ? rounded(shown) : undefined)}
      >
        {span === undefined ? pause : live}
      </button>
      {buttons.map(([name, to]) => (
        <button key={name} type="button" className="button small" onClick={() => onSpan(to)}>
          {name}
        </button>
      ))}
      {span !== undefined && (
        <span>
          {from(new Date(span.from * 1000).toLocaleString(), new Date(span.to * 1000).toLocaleString())}
        </span>
      )}
    </div>
  );
}

function chartLabel(lines: readonly ChartLine[], times: number): string {
  const names = lines.map(({ charted }) => charted.name).join(', ');
  return text.telemetry.chart(names, times, Math.max(...lines.map(({ series }) => breaksIn(series))));
}

function cursorText(lines: readonly ChartLine[], time: number): string {
  const values = lines.map(({ charted, series }) => {
    const value = valueAt(series, time);
    return `${charted.name} ${value === undefined ? text.common.none : formatNumber(value)} ${charted.units}`;
  });
  return [new Date(time * 1000).toLocaleString(), ...values].join(', ');
}
