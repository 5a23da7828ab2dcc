import 'uplot/dist/uPlot.min.css';

import { type ReactNode, useEffect, useRef } from 'react';
import UPlot from 'uplot';

import { chartHeight, type ChartListeners, chartOptions } from './chart-options.ts';
import styles from './line-chart.module.css';
import type { Span } from './span.ts';
import type { ChartLine } from './use-chart-lines.ts';

export interface LineChartProps extends ChartListeners {
  readonly lines: readonly ChartLine[];
  readonly span: Span;
  /** Where the cursor is, when keys have moved it. */
  readonly cursor: number | undefined;
}

/** Numbers over time: a line for each, drawn by uPlot. It keeps the axes and lines that it began with: others are another chart. */
export function LineChart({ lines, span, cursor, onCursor, onDrag }: LineChartProps): ReactNode {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<UPlot>(undefined);
  const shown = useRef({ lines, span, onCursor, onDrag });
  useEffect(() => {
    shown.current = { lines, span, onCursor, onDrag };
  });
  useEffect(() => {
    const element = place.current;
    if (element === null) return undefined;
    const create = (): void => {
      plot.current?.destroy();
      const charted = shown.current.lines.map((line) => line.charted);
      const options = chartOptions(element, charted, {
        onCursor: (time) => shown.current.onCursor(time),
        onDrag: (one, other) => shown.current.onDrag(one, other),
      });
      plot.current = new UPlot(options, [[]], element);
      show(plot.current, shown.current.lines, shown.current.span);
    };
    create();
    const measure = new ResizeObserver(() =>
      plot.current?.setSize({ width: element.clientWidth, height: chartHeight }),
    );
    measure.observe(element);
    // Canvas takes no colours from style sheets: it is drawn anew when the theme changes.
    const dark = matchMedia('(prefers-color-scheme: dark)');
    dark.addEventListener('change', create);
    const theme = new MutationObserver(create);
    theme.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    return () => {
      measure.disconnect();
      theme.disconnect();
      dark.removeEventListener('change', create);
      plot.current?.destroy();
    };
  }, []);
  const { from, to } = span;
  useEffect(() => {
    if (plot.current !== undefined) show(plot.current, lines, { from, to });
  }, [lines, from, to]);
  useEffect(() => {
    if (plot.current === undefined || cursor === undefined) return;
    plot.current.setCursor({ left: plot.current.valToPos(cursor, 'x'), top: 0 }, false);
  }, [cursor]);
  return <div ref={place} className={styles.chart} />;
}

function show(plot: UPlot, lines: readonly ChartLine[], { from, to }: Span): void {
  plot.setData(dataOf(lines), false);
  plot.setScale('x', { min: from, max: to });
}

/** The lines over the times of all of them: where one has no value of its own it goes on, where it has `null` it is broken. */
function dataOf(lines: readonly ChartLine[]): UPlot.AlignedData {
  if (lines.length === 0) return [[]];
  return UPlot.join(lines.map(({ series: { times, values } }) => [[...times], [...values]]));
}
