/** Code points of the messages that the generator sends and awaits. */
export const raw = {
  confirmable: 0x40,
  acknowledgement: 0x60,
  get: 0x01,
  post: 0x02,
  created: 0x41,
  changed: 0x44,
  content: 0x45,
} as const;

const encoder = new TextEncoder();

/** One option; deltas and lengths are kept small enough for one byte each. */
export interface RawOption {
  readonly number: number;
  readonly value: Uint8Array;
}

export function rawOption(number: number, value: string | Uint8Array): RawOption {
  return { number, value: typeof value === 'string' ? encoder.encode(value) : value };
}

/** A confirmable request with message id 0, which `Exchange.begin` fills in. */
export function rawRequest(code: number, options: readonly RawOption[], payload = ''): Uint8Array {
  return rawMessage(raw.confirmable, code, Uint8Array.of(0xa1, 0xb2), options, encoder.encode(payload));
}

/**
 * The bytes of a message. The generator writes its own on purpose: a fault of our encoder must not hide a fault of our
 * decoder.
 */
export function rawMessage(
  type: number,
  code: number,
  token: Uint8Array,
  options: readonly RawOption[],
  payload: Uint8Array,
): Uint8Array {
  const bytes: number[] = [type | token.length, code, 0, 0, ...token];
  let previous = 0;
  for (const { number, value } of options) {
    const delta = number - previous;
    previous = number;
    if (delta > 12) throw new Error('only small option deltas are written here');
    if (value.length < 13) bytes.push((delta << 4) | value.length, ...value);
    else bytes.push((delta << 4) | 13, value.length - 13, ...value);
  }
  if (payload.length > 0) bytes.push(0xff, ...payload);
  return Uint8Array.from(bytes);
}

/** The last Location-Path of a response, which is the registration id. */
export function locationOf(datagram: Uint8Array): Uint8Array {
  let offset = 4 + ((datagram[0] ?? 0) & 0x0f);
  let number = 0;
  let last: Uint8Array = new Uint8Array();
  while (offset < datagram.length && datagram[offset] !== 0xff) {
    const header = datagram[offset] ?? 0;
    number += header >> 4;
    let length = header & 0x0f;
    offset += 1;
    if (length === 13) {
      length = 13 + (datagram[offset] ?? 0);
      offset += 1;
    }
    if (number === 8) last = new Uint8Array(datagram.subarray(offset, offset + length));
    offset += length;
  }
  return last;
}

/** Counts message ids, and tells whether a datagram acknowledges the newest one. */
export class Exchange {
  #messageId: number;

  constructor(start: number) {
    this.#messageId = start & 0xffff;
  }

  /** A copy of the message under the next message id. */
  begin(message: Uint8Array): Uint8Array {
    this.#messageId = (this.#messageId + 1) & 0xffff;
    const datagram = message.slice();
    datagram[2] = this.#messageId >> 8;
    datagram[3] = this.#messageId & 0xff;
    return datagram;
  }

  isAnswer(datagram: Uint8Array): boolean {
    return (
      ((datagram[0] ?? 0) & 0xf0) === raw.acknowledgement &&
      datagram[2] === this.#messageId >> 8 &&
      datagram[3] === (this.#messageId & 0xff)
    );
  }
}
