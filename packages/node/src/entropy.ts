import { randomFillSync } from 'node:crypto';

import type { Random } from '@dunlin/base';

/** One call into the system's generator serves many draws: a call costs more than a microsecond. */
const poolSize = 4096;

/** The system's cryptographic generator, drawn from through a pool whose bytes are each used once. */
export function systemRandom(): Random {
  const pool = new Uint8Array(poolSize);
  const view = new DataView(pool.buffer);
  let used = poolSize;
  const take = (length: number): number => {
    if (used + length > poolSize) {
      randomFillSync(pool);
      used = 0;
    }
    used += length;
    return used - length;
  };
  const uint32 = (): number => view.getUint32(take(4));
  return {
    uint32,
    fraction: () => uint32() / 0x1_0000_0000,
    bytes: (length) => {
      if (length > poolSize) return randomFillSync(new Uint8Array(length));
      const start = take(length);
      const bytes = pool.slice(start, start + length);
      pool.fill(0, start, start + length);
      return bytes;
    },
  };
}
