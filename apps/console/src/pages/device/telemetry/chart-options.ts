import type UPlot from 'uplot';

import { unitsOf } from './charted.ts';
import { lineColour, lineDash } from './line-style.tsx';
import type { ChartLine } from './use-chart-lines.ts';

export const chartHeight = 260;

/** What is told of what somebody does with the mouse, in Unix seconds. */
export interface ChartListeners {
  readonly onCursor: (time: number | undefined) => void;
  readonly onDrag: (one: number, other: number) => void;
}

/** How a chart is drawn: an axis for each unit, the first at the left, and a line for each Resource. */
export function chartOptions(
  element: HTMLElement,
  charted: readonly ChartLine['charted'][],
  { onCursor, onDrag }: ChartListeners,
): UPlot.Options {
  const style = getComputedStyle(element);
  const line = style.getPropertyValue('border-top-color');
  const font = '12px system-ui';
  const axis: UPlot.Axis = {
    stroke: style.getPropertyValue('color'),
    grid: { stroke: line, width: 1 },
    ticks: { stroke: line, width: 1 },
    font,
  };
  return {
    width: element.clientWidth,
    height: chartHeight,
    legend: { show: false },
    scales: { x: { time: true } },
    cursor: { drag: { x: true, y: false, setScale: false }, y: false },
    axes: [
      axis,
      ...unitsOf(charted).map((unit, index): UPlot.Axis => {
        const side = index === 0 ? { side: 3 as const } : { side: 1 as const, grid: { show: false } };
        return Object.assign({ scale: scaleOf(unit), label: unit, labelFont: font, size: 60 }, axis, side);
      }),
    ],
    series: [
      {},
      ...charted.map((each, index): UPlot.Series => {
        return {
          scale: scaleOf(each.units),
          stroke: lineColour(element, index),
          dash: [...lineDash(index)],
          width: 2,
          points: { size: 5 },
        };
      }),
    ],
    hooks: {
      setCursor: [
        (plot) => {
          const { left = -1 } = plot.cursor;
          onCursor(left < 0 ? undefined : plot.posToVal(left, 'x'));
        },
      ],
      setSelect: [
        (plot) => {
          const { left, width } = plot.select;
          if (width > 0) onDrag(plot.posToVal(left, 'x'), plot.posToVal(left + width, 'x'));
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        },
      ],
    },
  };
}

/** Scales are named after units; a prefix keeps a unit from being called as the time is. */
function scaleOf(unit: string): string {
  return `unit ${unit}`;
}
