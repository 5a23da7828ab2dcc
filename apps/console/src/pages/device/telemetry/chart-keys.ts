import { moved, type Span, zoomed } from './span.ts';

/** What a key does to a chart that has the focus. */
export type ChartKey =
  | { readonly kind: 'cursor'; readonly time: number }
  | { readonly kind: 'zoom'; readonly span: Span }
  | { readonly kind: 'live' };

export interface ChartPress {
  readonly key: string;
  readonly isShift: boolean;
}

/** Steps that the chart is moved and zoomed in. */
export const step = { share: 0.5, in: 0.5, out: 2 } as const;

/** What a key does: arrows go from value to value, with Shift through time; plus and minus zoom; `undefined` for nothing. */
export function chartKey(
  { key, isShift }: ChartPress,
  span: Span,
  times: readonly number[],
  cursor: number | undefined,
): ChartKey | undefined {
  const around = cursor !== undefined && cursor >= span.from && cursor <= span.to ? cursor : undefined;
  const inside = times.filter((time) => time >= span.from && time <= span.to);
  switch (key) {
    case 'ArrowLeft':
      if (isShift) return { kind: 'zoom', span: moved(span, -step.share) };
      return cursorAt(around === undefined ? inside.at(-1) : inside.findLast((time) => time < around));
    case 'ArrowRight':
      if (isShift) return { kind: 'zoom', span: moved(span, step.share) };
      return cursorAt(around === undefined ? inside[0] : inside.find((time) => time > around));
    case 'Home':
      return cursorAt(inside[0]);
    case 'End':
      return cursorAt(inside.at(-1));
    case '+':
    case '=':
      return { kind: 'zoom', span: zoomed(span, step.in, around) };
    case '-':
      return { kind: 'zoom', span: zoomed(span, step.out, around) };
    case '0':
    case 'Escape':
      return { kind: 'live' };
    default:
      return undefined;
  }
}

function cursorAt(time: number | undefined): ChartKey | undefined {
  return time === undefined ? undefined : { kind: 'cursor', time };
}
