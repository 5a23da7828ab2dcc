import { emptyCode, MessageType } from './message.ts';

const headerLength = 4;

/**
 * The header alone of an empty acknowledgement or Reset that has a token and nothing else, as some old devices send
 * them (CR-12); `undefined` of any other datagram.
 */
export function emptyWithoutToken(datagram: Uint8Array): Uint8Array | undefined {
  const [first = 0, code] = datagram;
  const tokenLength = first & 0x0f;
  const type = (first >> 4) & 3;
  const isAnswer = type === MessageType.acknowledgement || type === MessageType.reset;
  if (code !== emptyCode || !isAnswer || tokenLength === 0 || tokenLength > 8) return undefined;
  if (first >> 6 !== 1 || datagram.length !== headerLength + tokenLength) return undefined;
  return Uint8Array.of(first & 0xf0, ...datagram.subarray(1, headerLength));
}
