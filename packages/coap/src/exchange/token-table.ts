import type { Random } from '@dunlin/base';

import { tokenKey } from '../message.ts';
import type { Observation } from '../observe/observation.ts';
import type { OutgoingExchange } from './outgoing-exchange.ts';

/** 32 bits that count and 32 that nobody can guess (RFC 7252 §5.3.1, CR-6.2). */
const tokenLength = 8;

/**
 * The tokens that we wait for answers to. A token is made of a counter that starts anywhere at each start of
 * the process and of fresh random bits, so that none is used twice, not even for another peer or after a
 * restart (RFC 9175 §4.2).
 */
export class TokenTable {
  readonly #random: Random;
  readonly #owners = new Map<string, OutgoingExchange | Observation>();
  #counter: number;

  constructor(random: Random) {
    this.#random = random;
    this.#counter = random.uint32();
  }

  get size(): number {
    return this.#owners.size;
  }

  /** A token that was never used. */
  next(): Uint8Array {
    const token = new Uint8Array(tokenLength);
    do {
      this.#counter = (this.#counter + 1) >>> 0;
      write32(token, 0, this.#counter);
      write32(token, 4, this.#random.uint32());
    } while (this.#owners.has(tokenKey(token)));
    return token;
  }

  find(key: string): OutgoingExchange | Observation | undefined {
    return this.#owners.get(key);
  }

  set(key: string, owner: OutgoingExchange | Observation): void {
    this.#owners.set(key, owner);
  }

  delete(key: string): void {
    this.#owners.delete(key);
  }
}

function write32(bytes: Uint8Array, offset: number, value: number): void {
  bytes[offset] = value >>> 24;
  bytes[offset + 1] = value >>> 16;
  bytes[offset + 2] = value >>> 8;
  bytes[offset + 3] = value;
}
