import type { ServerEvent } from '@dunlin/api';

import type { Series } from '../../../values/series.ts';
import type { Span } from './span.ts';

/** Values over time with what is between them: a `null` breaks the line. */
export interface BrokenSeries {
  readonly times: readonly number[];
  readonly values: readonly (number | null)[];
}

/** When a device was away, by the events of its registrations: from the end of one to the beginning of the next. */
export function absencesOf(events: readonly ServerEvent[]): readonly Span[] {
  const absences: Span[] = [];
  let from: number | undefined;
  for (const { type, time } of events.toSorted(
    (one, other) => Date.parse(one.time) - Date.parse(other.time),
  )) {
    if (type === 'deregistered' || type === 'expired') from ??= Date.parse(time) / 1000;
    if (type !== 'registered') continue;
    if (from !== undefined) absences.push({ from, to: Date.parse(time) / 1000 });
    from = undefined;
  }
  return absences;
}

/**
 * A line that is broken where the device was away. A value that it measured meanwhile and told later keeps the line whole.
 * `width` is that of the buckets the values are means of: one that begins before the device is back may be of after it.
 */
export function brokenAt({ times, values }: Series, absences: readonly Span[], width = 0): BrokenSeries {
  const broken = { times: [] as number[], values: [] as (number | null)[] };
  for (const [index, time] of times.entries()) {
    const before = times[index - 1];
    const absence = absences.find(
      ({ from, to }) => before !== undefined && before <= from && to <= time + width && from < time,
    );
    if (before !== undefined && absence !== undefined && absence.to - absence.from > width) {
      broken.times.push(absence.from > before ? absence.from : (before + time) / 2);
      broken.values.push(null);
    }
    broken.times.push(time);
    broken.values.push(values[index] ?? null);
  }
  return broken;
}

/** How often a line is broken. */
export function breaksIn({ values }: BrokenSeries): number {
  return values.filter((value) => value === null).length;
}

/** The value that a line has at a time: the last one before, unless the line is broken or not begun there. */
export function valueAt({ times, values }: BrokenSeries, time: number): number | undefined {
  return values[times.findLastIndex((known) => known <= time)] ?? undefined;
}
