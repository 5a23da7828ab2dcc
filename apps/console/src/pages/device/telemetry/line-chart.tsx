import 'uplot/dist/uPlot.min.css';

import { type ReactNode, useEffect, useRef } from 'react';
import UPlot from 'uplot';

import type { Series } from '../../../values/series.ts';
import styles from './line-chart.module.css';

export interface LineChartProps {
  /** What is shown, for those who do not see it. */
  readonly label: string;
  readonly units: string;
  readonly series: Series;
  /** Seconds back from now that are shown. */
  readonly range: number;
  /** True while some of it is still to come. */
  readonly isBusy: boolean;
}

const height = 220;

/** A number over time. */
export function LineChart({ label, units, series, range, isBusy }: LineChartProps): ReactNode {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<UPlot>(undefined);
  useEffect(() => {
    const element = place.current;
    if (element === null) return undefined;
    const create = (): void => {
      plot.current?.destroy();
      plot.current = new UPlot(optionsOf(element, units), [[], []], element);
    };
    create();
    const measure = new ResizeObserver(() => plot.current?.setSize({ width: element.clientWidth, height }));
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
  }, [units]);
  useEffect(() => {
    const to = Math.max(Date.now() / 1000, series.times.at(-1) ?? 0);
    plot.current?.setData([[...series.times], [...series.values]], false);
    plot.current?.setScale('x', { min: to - range, max: to });
  });
  return (
    <div
      ref={place}
      role="img"
      aria-label={label}
      aria-busy={isBusy}
      data-points={series.times.length}
      className={styles.chart}
    />
  );
}

function optionsOf(element: HTMLElement, units: string): UPlot.Options {
  const style = getComputedStyle(element);
  const line = style.getPropertyValue('border-top-color');
  const axis: UPlot.Axis = {
    stroke: style.getPropertyValue('color'),
    grid: { stroke: line, width: 1 },
    ticks: { stroke: line, width: 1 },
    font: '12px system-ui',
  };
  return {
    width: element.clientWidth,
    height,
    legend: { show: false },
    scales: { x: { time: true } },
    axes: [axis, { ...axis, label: units, labelFont: '12px system-ui', size: 60 }],
    series: [{}, { stroke: style.getPropertyValue('outline-color'), width: 2, points: { size: 5 } }],
  };
}
