import { createHmac, timingSafeEqual } from 'node:crypto';

import { type Instant, type Random, utf8Encode } from '@dunlin/base';

const secretLength = 32;
const timeLength = 4;
const tagLength = 8;
/** How long an answer to a challenge is good for, in seconds: an exchange's lifetime and the time to repeat it. */
const lifetime = 300;

/**
 * Makes and checks the values of Echo options (RFC 9175 §2, appendix A.1): the time and a keyed hash of it
 * and the peer, so that nothing has to be remembered of peers that only pretend to be there.
 */
export class EchoChallenge {
  readonly #random: Random;
  #secret: Uint8Array | undefined;

  constructor(random: Random) {
    this.#random = random;
  }

  /** A value that this peer alone can send back, for a while. */
  create(peerKey: string, now: Instant): Uint8Array {
    const second = Math.floor(now / 1000) >>> 0;
    const value = new Uint8Array(timeLength + tagLength);
    value.set([second >>> 24, second >>> 16, second >>> 8, second]);
    value.set(this.#tag(peerKey, second), timeLength);
    return value;
  }

  /** True for a value that was made for this peer not long ago. */
  isValid(peerKey: string, value: Uint8Array, now: Instant): boolean {
    if (value.length !== timeLength + tagLength) return false;
    const second = value.subarray(0, timeLength).reduce((sum, byte) => sum * 256 + byte, 0);
    const age = Math.floor(now / 1000) - second;
    if (age < 0 || age > lifetime) return false;
    return timingSafeEqual(value.subarray(timeLength), this.#tag(peerKey, second));
  }

  #tag(peerKey: string, second: number): Uint8Array {
    this.#secret ??= this.#random.bytes(secretLength);
    const hash = createHmac('sha256', this.#secret)
      .update(utf8Encode(`${second} ${peerKey}`))
      .digest();
    return new Uint8Array(hash).subarray(0, tagLength);
  }
}
