import type { ReactNode } from 'react';

import { useNow } from '../app/use-now.ts';
import { formatAge } from '../text/format-age.ts';

/** How long ago or in how long an instant (RFC 3339) is; the instant itself in the browser's zone as its title. */
export function Age({ at }: { readonly at: string }): ReactNode {
  const now = useNow();
  const instant = Date.parse(at);
  return (
    <time dateTime={at} title={new Date(instant).toLocaleString()}>
      {formatAge(instant, now)}
    </time>
  );
}
