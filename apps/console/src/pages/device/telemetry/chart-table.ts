import type { BrokenSeries } from './absences.ts';
import type { Span } from './span.ts';

/** A row of the table of a chart: what each line has at a time; `undefined` where it has no value of that time. */
export interface ChartRow {
  readonly time: number;
  readonly values: readonly (number | undefined)[];
}

/** The values that lines have within a part of time, the oldest first. Breaks are no rows. */
export function chartRows(lines: readonly BrokenSeries[], span?: Span): readonly ChartRow[] {
  const byTime = new Map<number, (number | undefined)[]>();
  for (const [line, { times, values }] of lines.entries()) {
    for (const [index, time] of times.entries()) {
      const value = values[index];
      if (typeof value !== 'number' || (span !== undefined && (time < span.from || time > span.to))) continue;
      const row = byTime.get(time) ?? lines.map(() => undefined);
      row[line] = value;
      byTime.set(time, row);
    }
  }
  return [...byTime]
    .map(([time, values]) => ({ time, values }))
    .toSorted((one, other) => one.time - other.time);
}

/** Rows as comma-separated values (RFC 4180), with times as RFC 3339. */
export function csvOf(names: readonly string[], rows: readonly ChartRow[]): string {
  const lines = rows.map(({ time, values }) => {
    const cells = values.map((value) => (value === undefined ? '' : String(value)));
    return [new Date(time * 1000).toISOString(), ...cells].join(',');
  });
  return [['time', ...names].join(','), ...lines, ''].join('\r\n');
}
