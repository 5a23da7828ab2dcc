import type { ReactNode } from 'react';

import { text } from '../../text/en.ts';

/** What is, at a glance. */
export function OverviewPage(): ReactNode {
  return <h1>{text.pages.overview}</h1>;
}
