import type { HistoryDocument, ValueDocument } from '@dunlin/api';

/** A history as comma-separated values (RFC 4180), a header first. */
export function historyCsv({ samples, buckets, resolution }: HistoryDocument): string {
  const rows =
    resolution === null
      ? [['time', 'value', 'origin'], ...samples.map(({ time, value, origin }) => [time, value, origin])]
      : [
          ['time', 'count', 'minimum', 'maximum', 'mean', 'last'],
          ...buckets.map(({ time, count, minimum = '', maximum = '', mean = '', last }) => [
            time,
            count,
            minimum,
            maximum,
            mean,
            last,
          ]),
        ];
  return rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

/** A text that a spreadsheet would take for a formula is told to be a text: devices choose it. */
function cell(value: ValueDocument): string {
  if (typeof value !== 'string') return String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
