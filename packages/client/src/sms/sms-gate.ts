import { addDuration, type Instant } from '@dunlin/base';
import { type CoapOutput, type IncomingRequest, Method } from '@dunlin/coap';
import { Server } from '@dunlin/lwm2m';

import { type SmsPolicy, smsPolicyDefaults } from './client-sms.ts';

/**
 * What an unprotected short message may ask for, when anybody can forge the number that it comes from: the Registration
 * Update Trigger of the Server's own instance, and that not too often (R-751, 1.0 §7.2).
 */
export class SmsGate {
  readonly #policy: SmsPolicy;
  /** By the instance of Object 1. */
  readonly #nextAt = new Map<number, Instant>();

  constructor(policy: SmsPolicy = smsPolicyDefaults) {
    this.#policy = policy;
  }

  /** Whether a request of the Server with that instance of Object 1 is to be passed over. A trigger that is let through counts. */
  holdsBack(
    { peer, request }: CoapOutput & { kind: 'request' },
    serverInstanceId: number,
    now: Instant,
  ): boolean {
    if (peer.transport !== 'sms' || peer.security.kind !== 'none') return false;
    if (this.#policy.unprotected === 'everything') return false;
    const nextAt = this.#nextAt.get(serverInstanceId);
    if (!isTrigger(serverInstanceId, request) || (nextAt !== undefined && now < nextAt)) return true;
    this.#nextAt.set(serverInstanceId, addDuration(now, this.#policy.triggerInterval));
    return false;
  }
}

function isTrigger(serverInstanceId: number, { method, uriPath, payload }: IncomingRequest): boolean {
  const { objectId, resourceId } = Server(serverInstanceId).registrationUpdateTrigger.path;
  const path = [objectId, serverInstanceId, resourceId];
  return (
    method === Method.post &&
    payload.length === 0 &&
    uriPath.length === path.length &&
    path.every((id, index) => uriPath[index] === String(id))
  );
}
