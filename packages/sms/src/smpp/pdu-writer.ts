import { type ByteWriter, UsageError } from '@dunlin/base';

import type { Tlv } from './tlv.ts';

/** Writes a C-octet string of at most `size` bytes, the NUL at its end included; throws where it does not fit. */
export function writeText(writer: ByteWriter, text: string, size: number, field: string): void {
  if (text.length >= size) {
    throw new UsageError(
      `${field} of an SMPP command has at most ${size - 1} characters, not ${text.length}.`,
    );
  }
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === 0 || code > 0xff) throw new UsageError(`${field} of an SMPP command can only hold ASCII.`);
    writer.uint8(code);
  }
  writer.uint8(0);
}

/** Writes optional parameters. */
export function writeTlvs(writer: ByteWriter, tlvs: readonly Tlv[]): void {
  for (const { tag, value } of tlvs) writer.uint16(tag).uint16(value.length).bytes(value);
}
