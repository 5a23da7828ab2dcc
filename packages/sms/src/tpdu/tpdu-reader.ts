import { noBytes } from '@dunlin/base';

import type { MalformedTpdu } from './malformed-tpdu.ts';

/**
 * Reads the fields of a TPDU. A read past the end yields zero or no bytes and is remembered, so that a decoder reads on
 * straight and asks `problem` once at its end.
 */
export class TpduReader {
  readonly #bytes: Uint8Array;
  #offset = 0;
  #failure: string | undefined;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get remaining(): number {
    return this.#bytes.length - this.#offset;
  }

  octet(): number {
    return this.octets(1)[0] ?? 0;
  }

  /** The next `length` octets, as a view of the input. */
  octets(length: number): Uint8Array {
    if (length > this.remaining) {
      this.fail(`${length} octets are announced where ${this.remaining} are left`);
      return noBytes;
    }
    this.#offset += length;
    return this.#bytes.subarray(this.#offset - length, this.#offset);
  }

  /** Records a failure; the first one counts. Nothing can be read afterwards. */
  fail(reason: string): void {
    this.#failure ??= reason;
    this.#offset = this.#bytes.length;
  }

  /** The failure of a TPDU that should have been read completely; `undefined` when all is well. */
  problem(tpdu: string): MalformedTpdu | undefined {
    if (this.#failure !== undefined) return { kind: 'malformed', reason: `${tpdu}: ${this.#failure}` };
    if (this.remaining > 0)
      return { kind: 'malformed', reason: `${tpdu}: ${this.remaining} octets are left over` };
    return undefined;
  }
}
