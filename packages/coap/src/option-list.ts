import { copyBytes, keyOf, textOf, uintOf } from './datagram-bytes.ts';
import { optionDefinition } from './option.ts';

/** An option of a received message, copied out of it. */
export interface OptionValue {
  readonly number: number;
  readonly value: Uint8Array;
}

/** How many numbers one option takes in the list of entries: its number, where its value starts and ends. */
const stride = 3;

/**
 * The options of a received message in their order, as offsets over the datagram. Values are read when they
 * are asked for. Options come in ascending number, because their numbers are sent as differences.
 */
export class OptionList {
  readonly #bytes: Uint8Array;
  readonly #entries: readonly number[];

  /** `entries` holds number, start and end of the value for each option. */
  constructor(bytes: Uint8Array, entries: readonly number[]) {
    this.#bytes = bytes;
    this.#entries = entries;
  }

  /** How many options there are. */
  get size(): number {
    return this.#entries.length / stride;
  }

  /** The number of the option at `index`; −1 beyond the end. */
  numberAt(index: number): number {
    return this.#entries[index * stride] ?? -1;
  }

  /** The length of a value in bytes. */
  lengthAt(index: number): number {
    return this.#endAt(index) - this.#startAt(index);
  }

  /** A value as an unsigned integer; leading zeros are accepted (RFC 7252 §3.2). */
  uintAt(index: number): number {
    return uintOf(this.#bytes, this.#startAt(index), this.#endAt(index));
  }

  /** A value as text, or `undefined` when it is not UTF-8. */
  textAt(index: number): string | undefined {
    return textOf(this.#bytes, this.#startAt(index), this.#endAt(index));
  }

  /** A copy of a value. */
  bytesAt(index: number): Uint8Array {
    return copyBytes(this.#bytes, this.#startAt(index), this.#endAt(index));
  }

  /** A value as a string that is equal exactly for equal values: one character a byte. */
  keyAt(index: number): string {
    return keyOf(this.#bytes, this.#startAt(index), this.#endAt(index));
  }

  /** True when an option before it has the same number. */
  isSurplusAt(index: number): boolean {
    return index > 0 && this.numberAt(index) === this.numberAt(index - 1);
  }

  /**
   * True when the option counts: it is understood, its length is in range and it is no surplus occurrence of
   * one that may come once. All others are unrecognised (RFC 7252 §5.4.1, §5.4.3, §5.4.5).
   */
  isRecognizedAt(index: number): boolean {
    const definition = optionDefinition(this.numberAt(index));
    if (definition === undefined || !definition.isUnderstood) return false;
    const length = this.lengthAt(index);
    return (
      length >= definition.minLength &&
      length <= definition.maxLength &&
      (definition.isRepeatable || !this.isSurplusAt(index))
    );
  }

  /** Where the first recognised option of this number is, or `undefined`. */
  find(number: number): number | undefined {
    for (let index = 0; index < this.size; index += 1) {
      if (this.numberAt(index) === number && this.isRecognizedAt(index)) return index;
    }
    return undefined;
  }

  /** The first recognised value of this number as an unsigned integer. */
  uint(number: number): number | undefined {
    const index = this.find(number);
    return index === undefined ? undefined : this.uintAt(index);
  }

  /** The first recognised value of this number as text; `undefined` also when it is not UTF-8. */
  text(number: number): string | undefined {
    const index = this.find(number);
    return index === undefined ? undefined : this.textAt(index);
  }

  /** A copy of the first recognised value of this number. */
  bytes(number: number): Uint8Array | undefined {
    const index = this.find(number);
    return index === undefined ? undefined : this.bytesAt(index);
  }

  /** Copies of all options, recognised or not. */
  all(): readonly OptionValue[] {
    return Array.from({ length: this.size }, (_, index) => ({
      number: this.numberAt(index),
      value: this.bytesAt(index),
    }));
  }

  #startAt(index: number): number {
    return this.#entries[index * stride + 1] ?? 0;
  }

  #endAt(index: number): number {
    return this.#entries[index * stride + 2] ?? 0;
  }
}
