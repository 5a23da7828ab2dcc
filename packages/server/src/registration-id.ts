import type { Random } from '@dunlin/base';

/** Letters that need no escaping in a URI. */
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** 72 bits: nobody guesses the location of another device, which in NoSec is all that protects it. */
const byteLength = 9;

/** A new registration id: 12 letters of the URL-safe Base64 alphabet. Some devices keep at most 16 or 32. */
export function newRegistrationId(random: Random): string {
  const bytes = random.bytes(byteLength);
  const letters: number[] = [];
  for (let index = 0; index < byteLength; index += 3) {
    const group = ((bytes[index] ?? 0) << 16) | ((bytes[index + 1] ?? 0) << 8) | (bytes[index + 2] ?? 0);
    for (let shift = 18; shift >= 0; shift -= 6) letters.push(alphabet.charCodeAt((group >> shift) & 63));
  }
  // In one piece: a text put together letter by letter stays in memory as the tree of its pieces.
  return String.fromCharCode(...letters);
}
