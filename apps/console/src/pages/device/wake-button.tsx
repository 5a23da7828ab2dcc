import { type ReactNode, useState } from 'react';

import { api } from '../../server/api.ts';
import { queries } from '../../server/live.ts';
import { queryKeys } from '../../server/query-keys.ts';
import { errorText } from '../../text/error-text.ts';
import { text } from '../../text/en.ts';

/** Where a short message stands that is to wake a device. */
type Waking =
  | { readonly kind: 'sent' }
  | { readonly kind: 'answered' }
  | { readonly kind: 'unanswered'; readonly state: string | undefined }
  | { readonly kind: 'failed'; readonly reason: string };

/** Has a device send an Update, by one short message, which costs money; and says what came of it. */
export function WakeButton({ endpoint }: { readonly endpoint: string }): ReactNode {
  const [waking, setWaking] = useState<Waking>();
  const wake = async (): Promise<void> => {
    setWaking({ kind: 'sent' });
    try {
      const { isAnswered, message } = await api.sms.wake(endpoint);
      setWaking(isAnswered ? { kind: 'answered' } : { kind: 'unanswered', state: message?.state });
    } catch (error) {
      setWaking({ kind: 'failed', reason: errorText(error) });
    } finally {
      await queries.invalidateQueries({ queryKey: queryKeys.sms });
    }
  };
  return (
    <span className="row">
      <button
        type="button"
        className="button small"
        aria-disabled={waking?.kind === 'sent'}
        onClick={() => {
          if (waking?.kind !== 'sent') void wake();
        }}
      >
        {text.sms.wake}
      </button>
      <span role="status">
        <WakingText waking={waking} />
      </span>
    </span>
  );
}

function WakingText({ waking }: { readonly waking: Waking | undefined }): ReactNode {
  switch (waking?.kind) {
    case undefined:
      return null;
    case 'sent':
      return <span className="muted">{text.sms.waking}</span>;
    case 'answered':
      return <span className="good">{text.sms.woken}</span>;
    case 'unanswered':
      return (
        <span className="muted">
          {text.sms.notWoken(
            waking.state === undefined ? undefined : (text.sms.states[waking.state] ?? waking.state),
          )}
        </span>
      );
    case 'failed':
      return <span className="bad">{waking.reason}</span>;
  }
}
