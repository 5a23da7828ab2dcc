const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const padding = 0x3d;
const invalid = 0xff;

const characterCodes: Uint8Array = Uint8Array.from(alphabet, (character) => character.charCodeAt(0));
const sextets: Uint8Array = new Uint8Array(128).fill(invalid);
characterCodes.forEach((code, sextet) => {
  sextets[code] = sextet;
});

const asciiDecoder = new TextDecoder();

/** The Base64 text of a byte string, with padding (RFC 4648 §4). */
export function base64Encode(bytes: Uint8Array): string {
  const text = new Uint8Array(Math.ceil(bytes.length / 3) * 4);
  let position = 0;
  for (let index = 0; index < bytes.length; index += 3) {
    const left = bytes.length - index;
    const group = (byteAt(bytes, index) << 16) | (byteAt(bytes, index + 1) << 8) | byteAt(bytes, index + 2);
    text[position] = byteAt(characterCodes, group >>> 18);
    text[position + 1] = byteAt(characterCodes, (group >>> 12) & 63);
    text[position + 2] = left > 1 ? byteAt(characterCodes, (group >>> 6) & 63) : padding;
    text[position + 3] = left > 2 ? byteAt(characterCodes, group & 63) : padding;
    position += 4;
  }
  return asciiDecoder.decode(text);
}

/**
 * The bytes of a Base64 text, or `undefined` when it is not the one canonical form: the standard alphabet,
 * padding to a multiple of four characters, no line break, and no bit set that the padding drops
 * (RFC 4648 §4, §3.5).
 */
export function base64Decode(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0) return undefined;
  const padded = text.endsWith('==') ? 2 : Number(text.endsWith('='));
  const bytes = new Uint8Array((text.length / 4) * 3 - padded);
  const last = text.length - padded;
  let bits = 0;
  let bitCount = 0;
  let position = 0;
  for (let index = 0; index < last; index += 1) {
    const sextet = sextets[text.charCodeAt(index)] ?? invalid;
    if (sextet === invalid) return undefined;
    bits = ((bits << 6) | sextet) & 0xffff;
    bitCount += 6;
    if (bitCount < 8) continue;
    bitCount -= 8;
    bytes[position] = bits >>> bitCount;
    position += 1;
  }
  return (bits & ((1 << bitCount) - 1)) === 0 ? bytes : undefined;
}

function byteAt(bytes: Uint8Array, index: number): number {
  return bytes[index] ?? 0;
}
