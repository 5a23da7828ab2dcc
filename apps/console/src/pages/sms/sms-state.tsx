import type { SmsStatusDocument } from '@dunlin/api';
import type { ReactNode } from 'react';

import { Age } from '../../components/age.tsx';
import { text } from '../../text/en.ts';

/** Whether short messages go, and if not, why, and when that is tried again. */
export function SmsState({ status }: { readonly status: SmsStatusDocument }): ReactNode {
  const { isUp, reason, retryAt, isMisconfigured } = status;
  if (isUp) return <span className="good">{text.sms.up}</span>;
  return (
    <span>
      <span className="bad">
        {text.sms.down}
        {reason !== null && `: ${reason}`}
      </span>
      {isMisconfigured && ` ${text.sms.misconfigured}`}
      {retryAt !== null && (
        <span className="muted">
          {' '}
          {text.sms.tried} <Age at={retryAt} />
        </span>
      )}
    </span>
  );
}
