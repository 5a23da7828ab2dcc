import type { BootstrapCheckDocument, BootstrapTargetDocument } from '@dunlin/api';
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

/** Has the server check a draft whenever it, or whom it is for, is another object. */
export function useCheck(target: BootstrapTargetDocument, draft: ConfigurationDraft): DraftCheck {
  const [last, setLast] = useState<
    Omit<DraftCheck, 'isCurrent'> & { readonly of: ConfigurationDraft | undefined }
  >({
    checked: undefined,
    error: undefined,
    of: undefined,
  });
  useEffect(() => {
    const abort = new AbortController();
    const timer = setTimeout(() => {
      const configuration = inputOf(draft);
      api.bootstrap.checkConfiguration({ target, configuration }, { signal: abort.signal }).then(
        (checked) => setLast({ checked, error: undefined, of: draft }),
        (error: unknown) => {
          if (!abort.signal.aborted) setLast({ checked: undefined, error, of: draft });
        },
      );
    }, settling);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [target, draft]);
  return { checked: last.checked, error: last.error, isCurrent: last.of === draft };
}
