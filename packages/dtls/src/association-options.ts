import { milliseconds, type Milliseconds } from '@dunlin/base';

/** The bounds of one association; see `associationOptionsDefaults`. */
export interface AssociationOptions {
  /** How many plaintexts wait for the handshake to be complete. */
  readonly maxQueued: number;
  /** How long after close_notify records that it overtook are still taken. */
  readonly closingTime: Milliseconds;
  /** The peer's address is not changed again before. */
  readonly minAddressChangeInterval: Milliseconds;
  /** A new address that has not answered yet is sent at most so many times the bytes that came from it (RFC 9146 §6), */
  readonly maxAmplification: number;
  /** or so many bytes, if that is more. */
  readonly unconfirmedAllowance: number;
  /** The shortest time between two refusals of renegotiation. */
  readonly minRefusalInterval: Milliseconds;
  /** An association on which nothing came for so long gives back what its ciphers hold for speed, some 4 KB. */
  readonly restAfter: Milliseconds;
  /** A cookie is right for so long, and up to as long again (RFC 6347 §4.2.1). */
  readonly cookieLifetime: Milliseconds;
}

/**
 * Queue: a registration and what goes with it. Amplification: three times, as in RFC 9000 §8.1, but at least two
 * datagrams of the smallest MTU of IPv6: the answer to an Update and the first block of what waited for it. Rest: devices that report
 * more often than every half minute are few. Cookies: all retransmissions of a hello come within a minute.
 */
export const associationOptionsDefaults: AssociationOptions = {
  maxQueued: 16,
  closingTime: milliseconds(1000),
  minAddressChangeInterval: milliseconds(1000),
  maxAmplification: 3,
  unconfirmedAllowance: 2560,
  minRefusalInterval: milliseconds(1000),
  restAfter: milliseconds(30_000),
  cookieLifetime: milliseconds(60_000),
};
