import { noBytes, utf8Encode } from '@dunlin/base';
import type { Integer } from '../value.ts';
import type { TlvKind } from './tlv-reader.ts';

/** The longest value: its length has 24 bits (R-1110). */
const maxTlvLength: number = 2 ** 24 - 1;
/** Type, id of two bytes and length of three bytes. */
const maxHeaderLength = 6;
const initialCapacity = 512;
/** A buffer that outgrew this is let go on `reset` rather than kept for the next payload. */
const keptCapacity = 64 * 1024;

/**
 * Collects TLVs in one buffer, in the shortest forms of identifier, length and integers (R-1110, R-1116).
 * A TLV that contains others is written as `begin()`, its content, `end(…)`.
 */
export class TlvWriter {
  #buffer: Uint8Array = new Uint8Array(initialCapacity);
  #view: DataView = new DataView(this.#buffer.buffer);
  #length = 0;
  #isTooLong = false;

  /** True when a value exceeded `maxTlvLength`; what was written is of no use then. */
  get isTooLong(): boolean {
    return this.#isTooLong;
  }

  /** Forgets what was written. */
  reset(): void {
    this.#length = 0;
    this.#isTooLong = false;
    if (this.#buffer.length > keptCapacity) {
      this.#buffer = new Uint8Array(initialCapacity);
      this.#view = new DataView(this.#buffer.buffer);
    }
  }

  /** A copy of all that was written. */
  toBytes(): Uint8Array {
    return this.#length === 0 ? noBytes : this.#buffer.slice(0, this.#length);
  }

  /** Opens a TLV that contains others; the result is for `end`. */
  begin(): number {
    return this.#length;
  }

  /** Closes the TLV that `begin` opened, putting its header in front of what was written since. */
  end(kind: TlvKind, id: number, begun: number): void {
    const length = this.#length - begun;
    if (length > maxTlvLength) {
      this.#isTooLong = true;
      return;
    }
    this.#reserve(maxHeaderLength);
    this.#buffer.copyWithin(begun + headerLength(id, length), begun, this.#length);
    this.#length = this.#header(begun, kind, id, length) + length;
  }

  bytes(kind: TlvKind, id: number, value: Uint8Array): void {
    if (value.length > maxTlvLength) {
      this.#isTooLong = true;
      return;
    }
    this.#reserve(maxHeaderLength + value.length);
    const start = this.#header(this.#length, kind, id, value.length);
    this.#buffer.set(value, start);
    this.#length = start + value.length;
  }

  text(kind: TlvKind, id: number, value: string): void {
    // Most texts are short and ASCII, where a loop beats a call of the encoder several times over.
    if (value.length > 64) return this.bytes(kind, id, utf8Encode(value));
    this.#reserve(maxHeaderLength + value.length);
    const start = this.#length + headerLength(id, value.length);
    for (let index = 0; index < value.length; index += 1) {
      const code = value.charCodeAt(index);
      if (code >= 0x80) return this.bytes(kind, id, utf8Encode(value));
      this.#buffer[start + index] = code;
    }
    this.#length = this.#header(this.#length, kind, id, value.length) + value.length;
  }

  boolean(kind: TlvKind, id: number, value: boolean): void {
    const start = this.#fixed(kind, id, 1);
    this.#view.setUint8(start, Number(value));
  }

  /** A signed integer of 64 bits in 1, 2, 4 or 8 bytes. */
  signed(kind: TlvKind, id: number, value: Integer): void {
    const length = signedBytes(value);
    const start = this.#fixed(kind, id, length);
    if (length === 1) this.#view.setInt8(start, Number(value));
    else if (length === 2) this.#view.setInt16(start, Number(value));
    else if (length === 4) this.#view.setInt32(start, Number(value));
    else this.#view.setBigInt64(start, BigInt(value));
  }

  /** An unsigned integer of 64 bits in 1, 2, 4 or 8 bytes. */
  unsigned(kind: TlvKind, id: number, value: Integer): void {
    const length = unsignedBytes(value);
    const start = this.#fixed(kind, id, length);
    if (length === 1) this.#view.setUint8(start, Number(value));
    else if (length === 2) this.#view.setUint16(start, Number(value));
    else if (length === 4) this.#view.setUint32(start, Number(value));
    else this.#view.setBigUint64(start, BigInt(value));
  }

  /** A float, in 4 bytes when they hold this very value, else in 8 (R-1116). */
  float(kind: TlvKind, id: number, value: number): void {
    const isShort = Object.is(Math.fround(value), value);
    const start = this.#fixed(kind, id, isShort ? 4 : 8);
    if (isShort) this.#view.setFloat32(start, value);
    else this.#view.setFloat64(start, value);
  }

  objectLink(kind: TlvKind, id: number, objectId: number, objectInstanceId: number): void {
    const start = this.#fixed(kind, id, 4);
    this.#view.setUint16(start, objectId);
    this.#view.setUint16(start + 2, objectInstanceId);
  }

  /** Writes the header of a value of a known length and gives where the value goes, in a view that may be another one now. */
  #fixed(kind: TlvKind, id: number, length: number): number {
    this.#reserve(maxHeaderLength + length);
    const start = this.#header(this.#length, kind, id, length);
    this.#length = start + length;
    return start;
  }

  /** Writes a header at an offset and gives the offset after it. */
  #header(at: number, kind: TlvKind, id: number, length: number): number {
    const buffer = this.#buffer;
    const lengthOfLength = lengthBytes(length);
    buffer[at] =
      (kind << 6) | (id > 0xff ? 0x20 : 0) | (lengthOfLength << 3) | (lengthOfLength === 0 ? length : 0);
    let offset = at + 1;
    if (id > 0xff) {
      buffer[offset] = id >>> 8;
      offset += 1;
    }
    buffer[offset] = id;
    offset += 1;
    for (let shift = (lengthOfLength - 1) * 8; shift >= 0; shift -= 8) {
      buffer[offset] = length >>> shift;
      offset += 1;
    }
    return offset;
  }

  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#buffer.length) return;
    const grown = new Uint8Array(Math.max(needed, this.#buffer.length * 2));
    grown.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = grown;
    this.#view = new DataView(grown.buffer);
  }
}

function headerLength(id: number, length: number): number {
  return 1 + (id > 0xff ? 2 : 1) + lengthBytes(length);
}

function signedBytes(value: Integer): 1 | 2 | 4 | 8 {
  if (value >= -0x80 && value < 0x80) return 1;
  if (value >= -0x8000 && value < 0x8000) return 2;
  return value >= -0x8000_0000 && value < 0x8000_0000 ? 4 : 8;
}

function unsignedBytes(value: Integer): 1 | 2 | 4 | 8 {
  if (value < 0x100) return 1;
  if (value < 0x1_0000) return 2;
  return value < 0x1_0000_0000 ? 4 : 8;
}

function lengthBytes(length: number): number {
  if (length < 8) return 0;
  if (length < 0x100) return 1;
  return length < 0x1_0000 ? 2 : 3;
}
