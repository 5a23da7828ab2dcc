import type { OverviewMinute } from '@dunlin/api';
import type { ReactNode } from 'react';

import { text } from '../../text/en.ts';
import styles from './minute-bars.module.css';

const height = 60;
const width = 10;
const shown = 60;

/** The messages of each minute of the last hour. */
export function MinuteBars({ minutes }: { readonly minutes: readonly OverviewMinute[] }): ReactNode {
  const counts = minutes.slice(-shown).map(({ messagesIn, messagesOut }) => messagesIn + messagesOut);
  const most = Math.max(1, ...counts);
  return (
    <figure>
      <svg
        className={styles.bars}
        viewBox={`0 0 ${shown * width} ${height}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={text.overview.chart(counts.length, Math.max(0, ...counts))}
      >
        {counts.map((count, index) => {
          const bar = (height * count) / most;
          const place = shown - counts.length + index;
          return <rect key={place} x={place * width + 1} y={height - bar} width={width - 2} height={bar} />;
        })}
      </svg>
      <figcaption className="muted">{text.overview.caption}</figcaption>
    </figure>
  );
}
