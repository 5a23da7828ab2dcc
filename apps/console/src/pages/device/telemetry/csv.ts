import type { Series } from '../../../values/series.ts';

/** A series as comma-separated values (RFC 4180), with times as RFC 3339. */
export function csvOf({ times, values }: Series): string {
  const lines = times.map((time, index) => `${new Date(time * 1000).toISOString()},${values[index] ?? ''}`);
  return ['time,value', ...lines, ''].join('\r\n');
}
