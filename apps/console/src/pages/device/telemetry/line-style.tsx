import type { ReactNode } from 'react';

import styles from './line-style.module.css';

/** How the lines of a chart are dashed, so that they can be told apart without their colours; in pixels. */
const dashes: readonly (readonly number[])[] = [[], [8, 4], [2, 3], [12, 3, 2, 3], [5, 2], [14, 6]];

/** The dashes of the line with that number. */
export function lineDash(index: number): readonly number[] {
  return dashes[index % dashes.length] ?? [];
}

/** The colour of the line with that number, as the theme has it now. */
export function lineColour(within: HTMLElement, index: number): string {
  const probe = document.createElement('span');
  probe.className = lineClass(index);
  within.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

/** A piece of a line, for the legend. */
export function LineSample({ index }: { readonly index: number }): ReactNode {
  return (
    <svg className={lineClass(index)} width="34" height="10" aria-hidden="true" focusable="false">
      <path d="M1 5h32" stroke="currentColor" strokeWidth="2.5" strokeDasharray={lineDash(index).join(' ')} />
    </svg>
  );
}

function lineClass(index: number): string {
  return styles[`line${index % dashes.length}`] ?? '';
}
