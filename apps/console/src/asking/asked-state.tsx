import type { ReactNode } from 'react';

import { text } from '../text/en.ts';
import type { Asked } from './asked-log.ts';

/** What became of what was asked, in words. */
export function AskedStateText({ asked }: { readonly asked: Asked | undefined }): ReactNode {
  if (asked === undefined) return null;
  const { state } = asked;
  const name = text.operations[asked.operation];
  switch (state.kind) {
    case 'asked':
      return <span className="muted">{text.asked.asked(name)}</span>;
    case 'queued':
      return <span className="muted">{text.asked.queued(name, state.id)}</span>;
    case 'sent':
      return <span className="muted">{text.asked.sent(name)}</span>;
    case 'pending':
      return <span className="muted">{text.asked.pending(name)}</span>;
    case 'done':
      return <span className="good">{`${name}: ${state.coapCode}`}</span>;
    case 'failed':
      return <span className="bad">{state.reason}</span>;
  }
}
