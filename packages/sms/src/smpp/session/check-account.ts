import { instantFrom, milliseconds, noBytes, UsageError } from '@dunlin/base';

import { encodePdu } from '../encode-pdu.ts';
import { bindPdu } from './bind-pdu.ts';
import type { SmppAccount, SmppLimits } from './smpp-options.ts';
import { submissionPdu } from './submission-pdu.ts';
import { submissionOf } from './submissions.ts';

/** Throws a `UsageError` for what does not fit into commands, now and not when the session is to be used. */
export function checkAccount(account: SmppAccount, limits: SmppLimits): void {
  const now = instantFrom(0);
  const message = { id: 0, to: '', userData: noBytes, hasHeader: false, wantsReceipt: false };
  encodePdu(bindPdu(account, 1));
  encodePdu(submissionPdu(submissionOf({ ...message, validity: milliseconds(0) }, 0, now), account, 1, now));
  if (account.systemId === '') throw new UsageError('An SMPP account has a system id.');
  for (const [name, limit] of Object.entries(limits)) {
    if (!(limit > 0)) throw new UsageError(`The limit ${name} of an SMPP session is above 0, not ${limit}.`);
  }
}
