import { durationBetween, type Instant } from '@dunlin/base';

import type { AssociationOptions } from './association-options.ts';
import type { DatagramAddress } from './dtls-output.ts';

/** A new address: what came from it and went to it before it answered. */
interface Probation {
  received: number;
  sent: number;
  hasBeenSentTo: boolean;
}

/**
 * Where a peer is. With connection ids an authentic record may come from elsewhere; somebody on the path may have sent
 * it on from an address that is not the peer's. So the new address is on probation, and little is sent to it, until a
 * newer record comes from it after something was sent there (RFC 9146 §6).
 */
export class PeerPath {
  readonly #options: AssociationOptions;
  #address: DatagramAddress;
  #probation: Probation | undefined;
  #changedAt: Instant | undefined;

  constructor(address: DatagramAddress, options: AssociationOptions) {
    this.#address = address;
    this.#options = options;
  }

  /** Where the peer is now. */
  get address(): DatagramAddress {
    return this.#address;
  }

  /** Notes the newest authentic record so far; says whether it came from a new address, and if that was taken. */
  noteNewest(from: DatagramAddress, length: number, now: Instant): 'same' | 'changed' | 'refused' {
    if (from.key === this.#address.key) {
      const probation = this.#probation;
      if (probation?.hasBeenSentTo === true) this.#probation = undefined;
      else if (probation !== undefined) probation.received += length;
      return 'same';
    }
    const { minAddressChangeInterval } = this.#options;
    if (this.#changedAt !== undefined && durationBetween(this.#changedAt, now) < minAddressChangeInterval) {
      return 'refused';
    }
    this.#address = from;
    this.#changedAt = now;
    this.#probation = { received: length, sent: 0, hasBeenSentTo: false };
    return 'changed';
  }

  /** True when so many bytes may be sent to the peer now; then they are counted. */
  admits(length: number): boolean {
    const probation = this.#probation;
    if (probation === undefined) return true;
    const { maxAmplification, unconfirmedAllowance } = this.#options;
    const allowance = Math.max(probation.received * maxAmplification, unconfirmedAllowance);
    if (probation.sent + length > allowance) return false;
    probation.sent += length;
    probation.hasBeenSentTo = true;
    return true;
  }
}
