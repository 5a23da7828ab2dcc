import type { Span } from './span.ts';

/** Seconds back from now that a chart may show; `all` is as far as the server keeps values. */
export const chartRanges = { '15m': 900, '1h': 3600, '24h': 86_400, '7d': 604_800, all: undefined } as const;
export type ChartRange = keyof typeof chartRanges;
export const chartRangeNames: readonly ChartRange[] = ['15m', '1h', '24h', '7d', 'all'];

/** What the charts of a device show. */
export interface TelemetryView {
  /** How far back, while it is live. */
  readonly range: ChartRange;
  /** What was zoomed to; without it the chart is live. */
  readonly span?: Span;
  /** The chosen Resources; without them those that are charted when nobody has chosen. */
  readonly paths?: readonly string[];
}

/** That nothing is chosen, which is not the same as that nobody chose. */
const nothing = 'none';

/** What the query of a URL stands for: `24h 2026-11-26T12:00:00.000Z/2026-11-26T13:00:00.000Z /3303/0/5700`. */
export function parseTelemetryView(query: string): TelemetryView {
  const words = query.split(' ').filter((word) => word !== '');
  const span = words.map((word) => parseSpan(word)).find((found) => found !== undefined);
  const paths = words.filter((word) => /^(\/(0|[1-9]\d{0,4})){3,4}$/.test(word));
  return {
    range: words.find((word) => isRange(word)) ?? '15m',
    ...(span === undefined ? {} : { span }),
    ...(paths.length === 0 && !words.includes(nothing) ? {} : { paths: [...new Set(paths)] }),
  };
}

export function formatTelemetryView({ range, span, paths }: TelemetryView): string {
  const chosen = paths?.length === 0 ? [nothing] : (paths ?? []);
  return [range, ...(span === undefined ? [] : [formatSpan(span)]), ...chosen].join(' ');
}

function isRange(word: string): word is ChartRange {
  return Object.hasOwn(chartRanges, word);
}

function parseSpan(word: string): Span | undefined {
  const [from = Number.NaN, to = Number.NaN, ...rest] = word
    .split('/')
    .map((time) => Date.parse(time) / 1000);
  return rest.length === 0 && from < to ? { from, to } : undefined;
}

function formatSpan({ from, to }: Span): string {
  return `${instantText(from)}/${instantText(to)}`;
}

/** Unix seconds as RFC 3339. */
export function instantText(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}
