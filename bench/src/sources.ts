import type { Source } from './load.ts';

const confirmable = 0x40;
const acknowledgement = 0x60;
const get = 0x01;
const post = 0x02;
const changed = 0x44;
const created = 0x41;
const content = 0x45;

const encoder = new TextEncoder();

/** Counts message ids, and tells whether a datagram acknowledges the newest one with the code wanted. */
class Exchange {
  #messageId: number;

  constructor(start: number) {
    this.#messageId = start & 0xffff;
  }

  begin(buffer: Uint8Array): void {
    this.#messageId = (this.#messageId + 1) & 0xffff;
    buffer[2] = this.#messageId >> 8;
    buffer[3] = this.#messageId & 0xff;
  }

  isAnswer(datagram: Uint8Array): boolean {
    return (
      ((datagram[0] ?? 0) & 0xf0) === acknowledgement &&
      datagram[2] === this.#messageId >> 8 &&
      datagram[3] === (this.#messageId & 0xff)
    );
  }
}

/** Sends the bytes of a small GET; whatever comes back with the same length counts. */
export function echoSource(index: number): Source {
  const message = request(get, [option(11, 'temperature')]);
  const exchange = new Exchange(index * 257);
  return {
    next: (buffer) => {
      buffer.set(message);
      exchange.begin(buffer);
      return message.length;
    },
    take: (datagram) => (datagram.length === message.length ? 'answer' : 'wrong'),
  };
}

/** GET /temperature, again and again. */
export function getSource(index: number): Source {
  const message = request(get, [option(11, 'temperature')]);
  const exchange = new Exchange(index * 257);
  return {
    next: (buffer) => {
      buffer.set(message);
      exchange.begin(buffer);
      return message.length;
    },
    take: (datagram) => (exchange.isAnswer(datagram) && datagram[1] === content ? 'answer' : 'wrong'),
  };
}

const objectLinks = '</1/0>,</3/0>,</4/0>,</5/0>,</6/0>,</7/0>,</3303/0>';

/** A device: registers under one name after the other, or once. */
export class DeviceSource implements Source {
  location: Uint8Array | undefined;
  registrations = 0;
  readonly #exchange: Exchange;
  readonly #name: (count: number) => string;
  readonly #limit: number;

  constructor(index: number, name: (count: number) => string, limit: number) {
    this.#exchange = new Exchange(index * 257);
    this.#name = name;
    this.#limit = limit;
  }

  next(buffer: Uint8Array): number {
    if (this.registrations === this.#limit) return 0;
    const message = request(
      post,
      [
        option(11, 'rd'),
        option(12, Uint8Array.of(40)),
        option(15, `ep=${this.#name(this.registrations)}`),
        option(15, 'lt=86400'),
        option(15, 'lwm2m=1.0'),
        option(15, 'b=U'),
      ],
      objectLinks,
    );
    buffer.set(message);
    this.#exchange.begin(buffer);
    return message.length;
  }

  take(datagram: Uint8Array): ReturnType<Source['take']> {
    if (!this.#exchange.isAnswer(datagram) || datagram[1] !== created) return 'wrong';
    this.registrations += 1;
    this.location = locationOf(datagram);
    return 'answer';
  }
}

/** POST to the location: an Update that changes nothing. */
export function updateSource(index: number, location: Uint8Array): Source {
  const message = request(post, [option(11, 'rd'), option(11, location)]);
  const exchange = new Exchange(index * 257 + 30_000);
  return {
    next: (buffer) => {
      buffer.set(message);
      exchange.begin(buffer);
      return message.length;
    },
    take: (datagram) => (exchange.isAnswer(datagram) && datagram[1] === changed ? 'answer' : 'wrong'),
  };
}

/** A registered device that waits until it is observed, and then notifies as fast as it is acknowledged. */
export class NotifyingSource implements Source {
  isObserved = false;
  readonly #device: DeviceSource;
  readonly #exchange: Exchange;
  #token: Uint8Array = new Uint8Array();
  #sequence = 1;

  constructor(index: number) {
    this.#device = new DeviceSource(index, () => `observed-${index}`, 1);
    this.#exchange = new Exchange(index * 257 + 20_000);
  }

  next(buffer: Uint8Array): number {
    if (this.#device.registrations === 0) return this.#device.next(buffer);
    if (!this.isObserved) return 0;
    this.#sequence += 1;
    const message = notification(confirmable, this.#token, this.#sequence);
    buffer.set(message);
    this.#exchange.begin(buffer);
    return message.length;
  }

  take(datagram: Uint8Array): ReturnType<Source['take']> {
    if (datagram[1] === get) {
      this.#token = datagram.slice(4, 4 + ((datagram[0] ?? 0) & 0x0f));
      this.isObserved = true;
      const reply = notification(acknowledgement, this.#token, 1);
      reply.set(datagram.subarray(2, 4), 2);
      return { reply };
    }
    if (this.isObserved) return this.#exchange.isAnswer(datagram) && datagram[1] === 0 ? 'answer' : 'ignored';
    return this.#device.take(datagram);
  }
}

interface RawOption {
  readonly number: number;
  readonly value: Uint8Array;
}

function option(number: number, value: string | Uint8Array): RawOption {
  return { number, value: typeof value === 'string' ? encoder.encode(value) : value };
}

/** TLV of resource 5700 with the Float 22.5, Content-Format 11542. */
const sensorValue = Uint8Array.of(0xe4, 0x16, 0x44, 0x41, 0xb4, 0x00, 0x00);

function notification(type: number, token: Uint8Array, sequence: number): Uint8Array {
  const observe = Uint8Array.of(sequence >> 16, (sequence >> 8) & 0xff, sequence & 0xff);
  const options = [
    option(6, observe.subarray(observe.findIndex((byte) => byte !== 0))),
    option(12, Uint8Array.of(0x2d, 0x16)),
  ];
  return rawMessage(type, content, token, options, sensorValue);
}

function request(code: number, options: readonly RawOption[], payload = ''): Uint8Array {
  return rawMessage(confirmable, code, Uint8Array.of(0xa1, 0xb2), options, encoder.encode(payload));
}

// The generator writes its own bytes on purpose: a fault of our encoder must not hide a fault of our decoder.
function rawMessage(
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

function locationOf(datagram: Uint8Array): Uint8Array {
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
    if (number === 8) last = datagram.slice(offset, offset + length);
    offset += length;
  }
  return last;
}
