/** Where a core draws its randomness from. Shells pass a cryptographic one, simulations a seeded one. */
export interface Random {
  /** A fresh array of `length` unpredictable bytes. */
  bytes(length: number): Uint8Array;
  /** An integer from 0 to 2^32 − 1. */
  uint32(): number;
  /** A number from 0 (included) to 1 (excluded). */
  fraction(): number;
}

/**
 * A reproducible source for simulations and tests (splitmix32 steps); never for tokens, keys or ids
 * of a running system.
 */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const uint32 = (): number => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  };
  return {
    uint32,
    fraction: () => uint32() / 0x1_0000_0000,
    bytes: (length) => Uint8Array.from({ length }, () => uint32() & 0xff),
  };
}
