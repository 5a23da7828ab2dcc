import { concatBytes } from '@dunlin/base';

/** Types of messages between an MME and the switching centre (3GPP TS 29.118 §9.2). */
export const SgsMessageType = {
  pagingRequest: 0x01,
  serviceRequest: 0x06,
  downlinkUnitdata: 0x07,
  uplinkUnitdata: 0x08,
  locationUpdateRequest: 0x09,
  locationUpdateAccept: 0x0a,
  locationUpdateReject: 0x0b,
  tmsiReallocationComplete: 0x0c,
  epsDetachIndication: 0x11,
  epsDetachAck: 0x12,
  resetIndication: 0x15,
  resetAck: 0x16,
} as const;

/** Information elements of such messages (3GPP TS 29.118 §9.3). */
export const SgsElement = {
  imsi: 0x01,
  locationArea: 0x04,
  mmeName: 0x09,
  epsLocationUpdateType: 0x0a,
  mobileIdentity: 0x0e,
  detachType: 0x10,
  nasMessageContainer: 0x16,
  serviceIndicator: 0x20,
  trackingArea: 0x23,
  ueMode: 0x25,
} as const;

/** A message: its type, and its elements by their identifiers. */
export interface SgsMessage {
  readonly type: number;
  readonly elements: ReadonlyMap<number, Uint8Array>;
}

/** Before each message stand its length and its payload protocol identifier: what the preloaded library makes of SCTP. */
const headerLength = 8;

/** A message with its header. */
export function encodeSgsMessage(
  type: number,
  elements: readonly (readonly [identifier: number, value: Uint8Array])[],
): Uint8Array {
  const parts = elements.flatMap(([identifier, value]) => [Uint8Array.of(identifier, value.length), value]);
  const message = concatBytes([Uint8Array.of(type), ...parts]);
  const header = new Uint8Array(headerLength);
  new DataView(header.buffer).setUint32(0, message.length);
  return concatBytes([header, message]);
}

/** Cuts a stream into messages. */
export class SgsReader {
  #bytes: Uint8Array = new Uint8Array(0);

  *read(bytes: Uint8Array): Generator<SgsMessage, void, void> {
    this.#bytes = concatBytes([this.#bytes, bytes]);
    for (;;) {
      if (this.#bytes.length < headerLength) return;
      const end = headerLength + new DataView(this.#bytes.buffer, this.#bytes.byteOffset).getUint32(0);
      if (this.#bytes.length < end) return;
      const message = this.#bytes.subarray(headerLength, end);
      this.#bytes = this.#bytes.subarray(end);
      yield decode(message);
    }
  }
}

function decode(message: Uint8Array): SgsMessage {
  const elements = new Map<number, Uint8Array>();
  for (let at = 1; at + 2 <= message.length;) {
    const length = message[at + 1] ?? 0;
    elements.set(message[at] ?? 0, message.subarray(at + 2, at + 2 + length));
    at += 2 + length;
  }
  return { type: message[0] ?? 0, elements };
}
