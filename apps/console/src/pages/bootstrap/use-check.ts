import { ApiError, type BootstrapCheckDocument, type BootstrapTargetDocument } from '@dunlin/api';
import { useEffect, useState } from 'react';

import { api } from '../../server/api.ts';
import { type ConfigurationDraft, inputOf } from './configuration-draft.ts';

/** How long nobody types before the server is asked, in milliseconds: between two keys nobody reads what is wrong. */
const settling = 200;

/** What the server says of a draft, while it is edited. */
export interface DraftCheck {
  /** Of the draft as it was last checked. */
  readonly checked: BootstrapCheckDocument | undefined;
  /** That it could not be asked. */
  readonly error: unknown;
  /** False while the draft was changed and the server has not said anything of it yet. */
  readonly isCurrent: boolean;
}

/** What was said last, and of what. */
interface LastCheck extends Omit<DraftCheck, 'isCurrent'> {
  readonly target: BootstrapTargetDocument | undefined;
  readonly draft: ConfigurationDraft | undefined;
}

const nothingYet: LastCheck = { checked: undefined, error: undefined, target: undefined, draft: undefined };

/** Has the server check a draft whenever it, or whom it is for, is another object. */
export function useCheck(target: BootstrapTargetDocument, draft: ConfigurationDraft): DraftCheck {
  const [last, setLast] = useState(nothingYet);
  const isRefused = last.error instanceof ApiError && last.error.code === 'forbidden';
  useEffect(() => {
    // Who may not set it is told so once.
    if (isRefused) return undefined;
    const abort = new AbortController();
    const timer = setTimeout(() => {
      const configuration = inputOf(draft);
      api.bootstrap.checkConfiguration({ target, configuration }, { signal: abort.signal }).then(
        (checked) => setLast({ checked, error: undefined, target, draft }),
        (error: unknown) => {
          if (!abort.signal.aborted) setLast({ checked: undefined, error, target, draft });
        },
      );
    }, settling);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [target, draft, isRefused]);
  const isCurrent = last.target === target && last.draft === draft;
  return { checked: last.checked, error: last.error, isCurrent };
}
