import type { ReactNode } from 'react';

import { text } from '../text/en.ts';

export interface MoreButtonProps {
  /** Whether there is another page. */
  readonly isThere: boolean;
  readonly onMore: () => Promise<unknown>;
}

/** Asks for the next page of a list that comes by pages. */
export function MoreButton({ isThere, onMore }: MoreButtonProps): ReactNode {
  if (!isThere) return null;
  return (
    <button type="button" className="button" onClick={() => void onMore()}>
      {text.common.more}
    </button>
  );
}
