/** An optional parameter (SMPP 3.4 §3.2.4.1). */
export interface Tlv {
  readonly tag: number;
  readonly value: Uint8Array;
}

/** The optional parameters that are looked at (SMPP 3.4 §5.3.2). */
export const Tag = {
  receiptedMessageId: 0x001e,
  sarMsgRefNum: 0x020c,
  sarTotalSegments: 0x020e,
  sarSegmentSeqnum: 0x020f,
  scInterfaceVersion: 0x0210,
  messagePayload: 0x0424,
  messageState: 0x0427,
} as const;

/** The value of the first parameter with this tag. */
export function findTlv(tlvs: readonly Tlv[], tag: number): Uint8Array | undefined {
  return tlvs.find((tlv) => tlv.tag === tag)?.value;
}

/** A parameter that is a number of `width` bytes; `undefined` where it is absent or of another length. */
export function findNumber(tlvs: readonly Tlv[], tag: number, width: 1 | 2): number | undefined {
  const value = findTlv(tlvs, tag);
  if (value?.length !== width) return undefined;
  return value.reduce((number, byte) => number * 256 + byte, 0);
}

/** A parameter that is a C-octet string; the NUL at its end may be missing, as it often is. */
export function findText(tlvs: readonly Tlv[], tag: number): string | undefined {
  const value = findTlv(tlvs, tag);
  if (value === undefined) return undefined;
  const end = value.indexOf(0);
  return String.fromCharCode(...value.subarray(0, Math.min(end === -1 ? value.length : end, maxTextLength)));
}

/** Message ids, the only texts among the parameters, have at most 65 bytes (SMPP 3.4 §5.3.2.12). */
const maxTextLength = 65;

/** A parameter with a number of one byte. */
export function byteTlv(tag: number, value: number): Tlv {
  return { tag, value: Uint8Array.of(value) };
}

/** A parameter with a C-octet string. */
export function textTlv(tag: number, text: string): Tlv {
  return { tag, value: Uint8Array.from(`${text}\0`, (character) => character.charCodeAt(0)) };
}
