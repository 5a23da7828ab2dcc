import { TransmissionError } from '@dunlin/base';
import type { Peer } from '@dunlin/coap';

import type { DeviceCredentials } from '../credentials/device-credentials.ts';
import { judgeByEquality, judgeIdentity } from '../credentials/identity-rules.ts';
import type { Listener } from '../listener.ts';
import type { Registration } from '../registration.ts';
import type { MaybePromise } from '../registration-store.ts';
import { samePrincipal } from '../same-principal.ts';
import type { ServerSmsOptions } from './sms-options.ts';
import { isTwinId, smsTwinOf } from './sms-twin.ts';

/** How a registered device is reached by short messages, or in a sentence why it is not. */
export type SmsReach =
  | { readonly kind: 'reached'; readonly twin: Registration }
  | { readonly kind: 'unreachable'; readonly reason: string };

/** True for a listener whose datagrams are short messages. */
export function isSmsUri(localUri: string): boolean {
  return /^coaps?\+sms:/.test(localUri);
}

/** The way to devices by short messages that registered over UDP (1.0 §5.3.1.1). */
export class SmsChannel {
  readonly #options: ServerSmsOptions | undefined;
  readonly #listeners: readonly Listener[];
  readonly #credentials: DeviceCredentials | undefined;

  constructor(
    options: ServerSmsOptions | undefined,
    listeners: readonly Listener[],
    credentials: DeviceCredentials | undefined,
  ) {
    this.#options = options;
    this.#listeners = listeners;
    this.#credentials = credentials;
  }

  /** How to reach a device for a request, or to wake it. Rejects with a `StorageError`. */
  async reach(registration: Registration, purpose: 'request' | 'trigger'): Promise<SmsReach> {
    const { endpointName, bindingMode, peer } = registration;
    if (this.#options === undefined)
      return unreachable('this server has no short messages among its bindings');
    if (!bindingMode.includes('S')) {
      return unreachable(
        `${endpointName} registered with binding mode ${bindingMode}, without short messages`,
      );
    }
    const destination = this.#options.numbers.destinationOf(registration);
    if (destination.kind === 'none') return unreachable(destination.reason);
    const { number } = destination;
    const secured = this.#listenerOf('coaps+sms:');
    const association = secured?.shell.securedPeer?.(number, 0);
    // Who is there counts, not the number: somebody else may have made an association from it.
    if (secured !== undefined && association !== undefined && (await this.#isOf(registration, association))) {
      return reached(registration, association, secured);
    }
    const plain = this.#listenerOf('coap+sms:');
    const { unprotected = 'triggers' } = this.#options;
    const isPlainEnough =
      purpose === 'trigger'
        ? unprotected !== 'nothing'
        : unprotected === 'everything' && peer.security.kind === 'none';
    if (plain !== undefined && isPlainEnough)
      return reached(registration, plain.shell.peer(number, 0), plain);
    return unreachable(
      `${endpointName} has no DTLS association over short messages, and without one nothing but ` +
        `${unprotected === 'nothing' ? 'silence' : 'a trigger'} goes to it`,
    );
  }

  /**
   * The way that requests go when nothing else is asked: where the device registered, but by short messages to one of
   * mode S or SQ that registered over UDP (1.0 §5.3.1.1). Rejects with a `TransmissionError` when that cannot be.
   */
  usualWay(registration: Registration): MaybePromise<Registration> {
    const { bindingMode, peer, id } = registration;
    const isThere = peer.transport === 'sms' || isTwinId(id) || this.#options === undefined;
    if (isThere || (bindingMode !== 'S' && bindingMode !== 'SQ')) return registration;
    return this.#twinOf(registration);
  }

  async #twinOf(registration: Registration): Promise<Registration> {
    const reach = await this.reach(registration, 'request');
    if (reach.kind === 'unreachable') throw new TransmissionError('not-sent', reach.reason);
    return reach.twin;
  }

  /** By the identity of the registration, or another credential of the same endpoint: certificates over UDP, say. */
  async #isOf({ endpointName, peer }: Registration, association: Peer): Promise<boolean> {
    if (samePrincipal(association, peer)) return true;
    const claim = { endpointName, peer: association };
    const judged =
      this.#credentials === undefined
        ? judgeByEquality(claim)
        : await judgeIdentity(claim, this.#credentials.store);
    return judged.kind === 'accepted';
  }

  #listenerOf(scheme: string): Listener | undefined {
    return this.#listeners.find(({ localUri }) => localUri.startsWith(scheme));
  }
}

function reached(registration: Registration, peer: Peer, { localUri }: Listener): SmsReach {
  return { kind: 'reached', twin: smsTwinOf(registration, peer, localUri) };
}

function unreachable(reason: string): SmsReach {
  return { kind: 'unreachable', reason };
}
