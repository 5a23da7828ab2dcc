import { UsageError } from '@dunlin/base';

import type { AccessRights } from '../device-management/access-rights.ts';

/** The bits of an entry of `/2/x/2` (1.0 E.3); the others are reserved and 0. */
export const RightBit = { read: 1, write: 2, execute: 4, delete: 8, create: 16 } as const;

/** All that can be granted for an Object Instance. */
export const allInstanceRights: number = RightBit.read | RightBit.write | RightBit.execute | RightBit.delete;

const bitsByLetter: ReadonlyMap<string, number> = new Map([
  ['R', RightBit.read],
  ['W', RightBit.write],
  ['E', RightBit.execute],
  ['D', RightBit.delete],
  ['C', RightBit.create],
]);

/** The bits of letters such as `RW`: Read, Write, Execute, Delete, Create. Throws `UsageError` on any other letter. */
export function rightBits(letters: string): number {
  let bits = 0;
  for (const letter of letters) {
    const bit = bitsByLetter.get(letter);
    if (bit === undefined) throw new UsageError(`'${letter}' is no access right; R, W, E, D and C are.`);
    bits |= bit;
  }
  return bits;
}

/** What the bits grant. */
export function rightsFrom(bits: number): AccessRights {
  return {
    read: (bits & RightBit.read) !== 0,
    write: (bits & RightBit.write) !== 0,
    execute: (bits & RightBit.execute) !== 0,
    delete: (bits & RightBit.delete) !== 0,
    create: (bits & RightBit.create) !== 0,
  };
}
