import type { Instant } from '@dunlin/base';

import type { OutgoingShortMessage } from '../../short-message.ts';
import { userDataHeaderBit } from '../esm-class.ts';
import { absoluteTime, relativeTime } from '../message-time.ts';
import type { Pdu } from '../pdu.ts';
import type { SmppAccount } from './smpp-options.ts';
import { type Submission, validityLeft } from './submissions.ts';

/** What fits into one short message (3GPP TS 23.040 §9.2.3.24). */
const maxUserData = 140;

/** What a final receipt is asked for with (SMPP 3.4 §5.2.17). */
const finalReceipt = 0x01;

/**
 * Why a message cannot be sent at all, or `undefined`. Message centres take more than fits into a short message and
 * deliver something broken, so it is not left to them.
 */
export function whyUnsendable(message: OutgoingShortMessage): string | undefined {
  if (!/^\d{3,15}$/.test(message.to)) return 'the recipient is no number of 3 to 15 digits';
  if (message.userData.length === 0) return 'it is empty';
  if (message.userData.length > maxUserData) {
    return `it has ${message.userData.length} bytes, and a short message holds ${maxUserData}`;
  }
  return undefined;
}

/** The submit_sm of a message, as the account wants it. */
export function submissionPdu(
  submission: Submission,
  account: SmppAccount,
  sequenceNumber: number,
  now: Instant,
): Pdu {
  const { message, validUntil } = submission;
  return {
    kind: 'submit-sm',
    sequenceNumber,
    serviceType: account.serviceType,
    source: account.source,
    destination: { ...account.destination, digits: message.to },
    esmClass: message.hasHeader ? userDataHeaderBit : 0,
    protocolId: 0,
    priority: 0,
    scheduleDeliveryTime: '',
    // What is left of it: time in our queue counts, so that no request is delivered that nobody waits for.
    validityPeriod:
      account.validityFormat === 'absolute'
        ? absoluteTime(validUntil)
        : relativeTime(validityLeft(submission, now)),
    registeredDelivery: message.wantsReceipt ? finalReceipt : 0,
    replaceIfPresent: 0,
    dataCoding: account.dataCoding,
    predefinedMessage: 0,
    shortMessage: message.userData,
    tlvs: [],
  };
}
