import type { ReactNode } from 'react';

import { useConnection } from '../server/live.ts';
import { text } from '../text/en.ts';
import { formatAge } from '../text/format-age.ts';
import styles from './connection-state.module.css';
import { useNow } from './use-now.ts';

/** Whether what is shown is live; when not, since when. */
export function ConnectionState(): ReactNode {
  const connection = useConnection();
  return (
    <div className={styles.connection} data-connection={connection.kind}>
      <span className={styles.mark} aria-hidden="true" />
      <span role="status">
        {connection.kind === 'cut' ? <Cut since={connection.since} /> : text.connection[connection.kind]}
      </span>
    </div>
  );
}

function Cut({ since }: { readonly since: number }): ReactNode {
  return text.connection.cut(formatAge(since, useNow()));
}
