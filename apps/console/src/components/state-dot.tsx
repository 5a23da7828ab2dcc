import type { Presence as ShownPresence } from '@dunlin/api';
import type { ReactNode } from 'react';

import { text } from '../text/en.ts';
import styles from './state-dot.module.css';

/** Whether a device can be reached: a shape, a colour and a word, because a colour alone tells not everybody. */
export function StateDot({ presence }: { readonly presence: ShownPresence }): ReactNode {
  return (
    <span className={styles.state}>
      <svg width="10" height="10" viewBox="0 0 10 10" aria-hidden="true" className={styles[presence]}>
        {presence === 'gone' ? (
          <path d="m1.5 1.5 7 7m0-7-7 7" fill="none" stroke="currentColor" strokeWidth="2" />
        ) : (
          <circle
            cx="5"
            cy="5"
            r="4"
            fill={presence === 'asleep' ? 'none' : 'currentColor'}
            stroke="currentColor"
            strokeWidth="1.5"
          />
        )}
      </svg>
      {text.presence[presence]}
    </span>
  );
}
