const encoder = new TextEncoder();
const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The empty byte string; shared, so never written to (it has no byte to write). */
export const noBytes: Uint8Array = new Uint8Array(0);

/** The UTF-8 encoding of a text. */
export function utf8Encode(text: string): Uint8Array {
  return encoder.encode(text);
}

/** The text of a UTF-8 byte string, or `undefined` when the bytes are not valid UTF-8. */
export function utf8Decode(bytes: Uint8Array): string | undefined {
  try {
    return strictDecoder.decode(bytes);
  } catch {
    return undefined;
  }
}

/** Lower-case hexadecimal digits, two a byte. */
export function hexEncode(bytes: Uint8Array): string {
  let text = '';
  for (let start = 0; start < bytes.length; start += hexChunk)
    text += hexText(bytes.subarray(start, start + hexChunk));
  return text;
}

/** Bytes whose digits are made into a text in one go: functions do not take arguments without end. */
const hexChunk = 1024;
const hexDigits: Uint8Array = utf8Encode('0123456789abcdef');

/** Not joined digit by digit: a text in pieces takes ten times its memory, and ids are kept for long. */
function hexText(bytes: Uint8Array): string {
  const codes: number[] = [];
  for (const byte of bytes) codes.push(hexDigits[byte >> 4] ?? 0, hexDigits[byte & 0x0f] ?? 0);
  return String.fromCharCode(...codes);
}

/** The bytes of a hexadecimal text (blanks between digits are passed over), or `undefined` when it is not one. */
export function hexDecode(text: string): Uint8Array | undefined {
  const digits = text.replaceAll(/\s/g, '');
  if (digits.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(digits)) return undefined;
  return Uint8Array.from({ length: digits.length / 2 }, (_, index) =>
    Number.parseInt(digits.slice(index * 2, index * 2 + 2), 16),
  );
}

/** True when both byte strings have the same length and content. Not constant-time: never for secrets. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index += 1) if (a[index] !== b[index]) return false;
  return true;
}

/** All parts in one new byte string. */
export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}
