import { ByteReader } from '@dunlin/base';

import type { Tlv } from './tlv.ts';

/** Reads the fields of a body (SMPP 3.4 §3.1). */
export class PduReader extends ByteReader {
  /**
   * A C-octet string of at most `size` bytes, the NUL at its end included. Its characters are taken as they are, one a
   * byte: the specification says ASCII, and message centres do not keep to it in alphanumeric addresses.
   */
  text(size: number, field: string): string {
    const { ahead } = this;
    const end = ahead.indexOf(0);
    if (end === -1 || end >= size) {
      this.fail(`${field} does not end within ${size} bytes`);
      return '';
    }
    this.bytes(end + 1);
    return String.fromCharCode(...ahead.subarray(0, end));
  }

  /** An octet string of `length` bytes, as a copy. */
  octets(length: number): Uint8Array {
    return this.bytes(length).slice();
  }

  /** All optional parameters, up to the end of the body (SMPP 3.4 §3.2.4.1). */
  tlvs(): readonly Tlv[] {
    const tlvs: Tlv[] = [];
    while (this.remaining > 0) {
      const tag = this.uint16();
      tlvs.push({ tag, value: this.octets(this.uint16()) });
    }
    return this.failure === undefined ? tlvs : [];
  }
}
