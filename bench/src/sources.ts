import type { Source, Verdict } from './load.ts';
import { Exchange, locationOf, raw, rawMessage, rawOption, rawRequest } from './raw-message.ts';

const getTemperature = rawRequest(raw.get, [rawOption(11, 'temperature')]);

/** Sends the bytes of a small GET; whatever comes back with the same length counts. */
export function echoSource(index: number): Source {
  const exchange = new Exchange(index * 257);
  return {
    next: () => exchange.begin(getTemperature),
    take: (datagram) => (datagram.length === getTemperature.length ? 'answer' : 'wrong'),
  };
}

/** GET /temperature, again and again. */
export function getSource(index: number): Source {
  const exchange = new Exchange(index * 257);
  return {
    next: () => exchange.begin(getTemperature),
    take: (datagram) => (exchange.isAnswer(datagram) && datagram[1] === raw.content ? 'answer' : 'wrong'),
  };
}

const objectLinks = '</1/0>,</3/0>,</4/0>,</5/0>,</6/0>,</7/0>,</3303/0>';

/** A device: registers under one name after the other, or once. */
export class DeviceSource implements Source {
  /** Where each of its registrations is. */
  readonly locations: Uint8Array[] = [];
  readonly #exchange: Exchange;
  readonly #name: (count: number) => string;
  readonly #limit: number;

  constructor(index: number, name: (count: number) => string, limit: number) {
    this.#exchange = new Exchange(index * 257);
    this.#name = name;
    this.#limit = limit;
  }

  next(): Uint8Array | undefined {
    if (this.locations.length === this.#limit) return undefined;
    const options = [
      rawOption(11, 'rd'),
      rawOption(12, Uint8Array.of(40)),
      rawOption(15, `ep=${this.#name(this.locations.length)}`),
      rawOption(15, 'lt=86400'),
      rawOption(15, 'lwm2m=1.0'),
      rawOption(15, 'b=U'),
    ];
    return this.#exchange.begin(rawRequest(raw.post, options, objectLinks));
  }

  take(datagram: Uint8Array): Verdict {
    if (!this.#exchange.isAnswer(datagram) || datagram[1] !== raw.created) return 'wrong';
    this.locations.push(locationOf(datagram));
    return 'answer';
  }
}

/** POST to the locations of a device in turn: Updates that change nothing but the expiry. */
export class UpdateSource implements Source {
  readonly #locations: readonly Uint8Array[];
  readonly #exchange: Exchange;
  #next = 0;

  constructor(index: number, locations: readonly Uint8Array[]) {
    this.#locations = locations;
    this.#exchange = new Exchange(index * 257 + 30_000);
  }

  next(): Uint8Array | undefined {
    const location = this.#locations[this.#next % this.#locations.length];
    this.#next += 1;
    if (location === undefined) return undefined;
    return this.#exchange.begin(rawRequest(raw.post, [rawOption(11, 'rd'), rawOption(11, location)]));
  }

  take(datagram: Uint8Array): Verdict {
    return this.#exchange.isAnswer(datagram) && datagram[1] === raw.changed ? 'answer' : 'wrong';
  }
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

  next(): Uint8Array | undefined {
    if (this.#device.locations.length === 0) return this.#device.next();
    if (!this.isObserved) return undefined;
    this.#sequence += 1;
    return this.#exchange.begin(notification(raw.confirmable, this.#token, this.#sequence));
  }

  take(datagram: Uint8Array): Verdict {
    if (datagram[1] === raw.get) {
      this.#token = new Uint8Array(datagram.subarray(4, 4 + ((datagram[0] ?? 0) & 0x0f)));
      this.isObserved = true;
      const reply = notification(raw.acknowledgement, this.#token, 1);
      reply.set(datagram.subarray(2, 4), 2);
      return { replies: [reply] };
    }
    if (this.isObserved) return this.#exchange.isAnswer(datagram) && datagram[1] === 0 ? 'answer' : 'ignored';
    return this.#device.take(datagram);
  }
}

/** TLV of resource 5700 with the Float 22.5, Content-Format 11542. */
const sensorValue = Uint8Array.of(0xe4, 0x16, 0x44, 0x41, 0xb4, 0x00, 0x00);

function notification(type: number, token: Uint8Array, sequence: number): Uint8Array {
  const observe = Uint8Array.of(sequence >> 16, (sequence >> 8) & 0xff, sequence & 0xff);
  const options = [
    rawOption(6, observe.subarray(observe.findIndex((byte) => byte !== 0))),
    rawOption(12, Uint8Array.of(0x2d, 0x16)),
  ];
  return rawMessage(type, raw.content, token, options, sensorValue);
}
