import type { Peer } from '@dunlin/coap';

import type { Registration } from '../registration.ts';

/** Marks the id of a registration as it is reached by short messages; no location has it. */
const suffix = '~sms';

/**
 * A registration as its second channel sees it: the same device, at its number. Requests there are not queued, as short
 * messages reach a device of mode US or UQS at any time (1.0 §5.3.1.1).
 */
export function smsTwinOf(registration: Registration, peer: Peer, localUri: string): Registration {
  return { ...registration, id: registration.id + suffix, peer, localUri, bindingMode: 'S' };
}

/** The id of the twin of a registration. */
export function twinIdOf(registrationId: string): string {
  return registrationId + suffix;
}

/** True for the id of a twin. */
export function isTwinId(registrationId: string): boolean {
  return registrationId.endsWith(suffix);
}

/** The id that a registration has, twin or not. */
export function homeIdOf(registrationId: string): string {
  return isTwinId(registrationId) ? registrationId.slice(0, -suffix.length) : registrationId;
}
