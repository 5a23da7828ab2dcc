import type { ReactNode } from 'react';

import { text } from '../text/en.ts';
import { errorText } from '../text/error-text.ts';

export interface FailureProps {
  readonly error: unknown;
  readonly onRetry?: (() => void) | undefined;
}

/** What went wrong, in words, and another try. */
export function Failure({ error, onRetry }: FailureProps): ReactNode {
  return (
    <div role="alert" className="notice failure row spread">
      <span>{errorText(error)}</span>
      {onRetry !== undefined && (
        <button type="button" className="button small" onClick={onRetry}>
          {text.common.retry}
        </button>
      )}
    </div>
  );
}
