import { type Peer, ResponseCode } from '@dunlin/coap';
import { type BindingMode, type Refusal, refusal } from '@dunlin/lwm2m';

import type { SmsNumbers } from './sms-numbers.ts';

/** What a Register, or an Update in force, says that concerns short messages. */
export interface SmsClaim {
  readonly endpointName: string;
  readonly bindingMode: BindingMode;
  readonly smsNumber?: string | undefined;
  readonly peer: Peer;
}

/** What is wrong with a claim and was passed over, one sentence each; or why it is refused. */
export type SmsVerdict = { readonly kind: 'accepted'; readonly warnings: readonly string[] } | Refusal;

/**
 * Whether the binding mode, the number and the way that a registration came go together (1.0 §5.3.1.1, §8.6.2). Over
 * DTLS the identity decides and a number that is another than expected is told; without, the number is all there is.
 */
export function judgeSmsClaim(claim: SmsClaim, numbers: SmsNumbers | undefined): SmsVerdict {
  const { endpointName, bindingMode, smsNumber, peer } = claim;
  const usesSms = bindingMode.includes('S');
  if (usesSms && smsNumber === undefined) {
    return refusal(ResponseCode.badRequest, `binding mode ${bindingMode} needs the parameter sms`);
  }
  if (peer.transport !== 'sms') return accepted(claimWarnings(claim, numbers));
  if (!usesSms) {
    const reason = `binding mode ${bindingMode} does not allow short messages, and this came as one`;
    return refusal(ResponseCode.badRequest, reason);
  }
  const owner = numbers?.ownerOf(peer.address);
  const problems = [
    ...(smsNumber === peer.address ? [] : [`sms=${smsNumber} came from ${peer.address}`]),
    ...(owner === undefined || owner === endpointName
      ? []
      : [`${peer.address} is the number of another endpoint`]),
  ];
  const [problem] = problems;
  if (problem !== undefined && peer.security.kind === 'none') return refusal(ResponseCode.forbidden, problem);
  return accepted(problems);
}

/** A number that is not the provisioned one is not believed; somebody may want to know. */
function claimWarnings(
  { endpointName, smsNumber }: SmsClaim,
  numbers: SmsNumbers | undefined,
): readonly string[] {
  const provisioned = numbers?.of(endpointName);
  if (provisioned === undefined || smsNumber === undefined || provisioned.number === smsNumber) return [];
  return [`it says that its number is ${smsNumber}; ${provisioned.number} is provisioned and counts`];
}

function accepted(warnings: readonly string[]): SmsVerdict {
  return { kind: 'accepted', warnings };
}
