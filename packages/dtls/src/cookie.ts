import { timingSafeEqual } from 'node:crypto';

import {
  addDuration,
  ByteWriter,
  type Instant,
  milliseconds,
  type Milliseconds,
  type Random,
  utf8Encode,
} from '@dunlin/base';

import type { AssociationOptions } from './association-options.ts';
import { HmacSha256 } from './crypto/hmac-sha256.ts';
import type { ClientHello } from './wire/client-hello.ts';
import { writeUint16List, writeVector } from './wire/vector-writer.ts';

/**
 * How long cookies are, in bytes: half of HMAC-SHA-256 (RFC 2104 §5) is too much to guess, a HelloVerifyRequest stays
 * shorter than any ClientHello, and a ClientHello that resumes a session fits into a short message beside it.
 */
const cookieLength = 16;

/** The longest time that a cookie is right, and with it a ClientHello that came late. */
export function maxCookieAge({ cookieLifetime }: Pick<AssociationOptions, 'cookieLifetime'>): Milliseconds {
  return milliseconds(2 * cookieLifetime);
}

/**
 * Cookies that prove that a client receives at its address, without a byte remembered per client (RFC 6347 §4.2.1).
 * They are bound to the address and to all of the hello that may not change between the first and the second one:
 * version, random, session id, suites and compression; extensions may (some clients add them only to the second).
 */
export class CookieIssuer {
  readonly #random: Random;
  /** How long a key makes cookies; those it made are right for as long again. */
  readonly #keyLifetime: Milliseconds;
  #current: HmacSha256 | undefined;
  #previous: HmacSha256 | undefined;
  #expiresAt: Instant | undefined;

  constructor(random: Random, { cookieLifetime }: Pick<AssociationOptions, 'cookieLifetime'>) {
    this.#random = random;
    this.#keyLifetime = cookieLifetime;
  }

  /** The cookie for a hello from an address. */
  issue(hello: ClientHello, addressKey: string, now: Instant): Uint8Array {
    return cookieOf(this.#keyAt(now), hello, addressKey);
  }

  /** True when the hello carries the cookie it was issued, now or under the key before. In constant time. */
  verify(hello: ClientHello, addressKey: string, now: Instant): boolean {
    if (hello.cookie.length !== cookieLength) return false;
    const current = this.#keyAt(now);
    if (timingSafeEqual(cookieOf(current, hello, addressKey), hello.cookie)) return true;
    const previous = this.#previous;
    return previous !== undefined && timingSafeEqual(cookieOf(previous, hello, addressKey), hello.cookie);
  }

  #keyAt(now: Instant): HmacSha256 {
    if (this.#current !== undefined && this.#expiresAt !== undefined && now < this.#expiresAt) {
      return this.#current;
    }
    const isRecent = this.#expiresAt !== undefined && now < addDuration(this.#expiresAt, this.#keyLifetime);
    this.#previous = isRecent ? this.#current : undefined;
    this.#current = new HmacSha256(this.#random.bytes(32));
    this.#expiresAt = addDuration(now, this.#keyLifetime);
    return this.#current;
  }
}

function cookieOf(key: HmacSha256, hello: ClientHello, addressKey: string): Uint8Array {
  const writer = new ByteWriter(256);
  writeVector(writer, 2, utf8Encode(addressKey));
  writer.uint16(hello.version).bytes(hello.random);
  writeVector(writer, 1, hello.sessionId);
  writeUint16List(writer, hello.cipherSuites);
  writeVector(writer, 1, Uint8Array.from(hello.compressionMethods));
  return key.digest(writer.toBytes()).slice(0, cookieLength);
}
