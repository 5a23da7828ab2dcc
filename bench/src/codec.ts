import { decodeMessage, encodeMessage, type Message, type OutgoingMessage } from '@dunlin/coap';

/** How fast one kind of message is read and written. */
export interface CodecRate {
  readonly name: string;
  /** Checked whole, with options and payload as offsets. */
  readonly decodesPerSecond: number;
  /** The same, and then the token, every option and the payload asked for. */
  readonly readingsPerSecond: number;
  readonly encodesPerSecond: number;
}

const encoder = new TextEncoder();
const token = Uint8Array.of(0xc1, 0xa2, 0x33, 0x44);

const messages: Readonly<Record<string, OutgoingMessage>> = {
  'Register POST': {
    type: 0,
    code: 0x02,
    messageId: 0x0a01,
    token,
    options: [
      { number: 11, value: 'rd' },
      { number: 12, value: 40 },
      { number: 15, value: 'ep=urn:dev:ops:32473-bench-1' },
      { number: 15, value: 'lt=86400' },
      { number: 15, value: 'lwm2m=1.0' },
      { number: 15, value: 'b=U' },
    ],
    payload: encoder.encode('</1/0>,</3/0>,</4/0>,</5/0>,</6/0>,</7/0>,</3303/0>'),
  },
  'Read GET': {
    type: 0,
    code: 0x01,
    messageId: 0x7d34,
    token,
    options: [
      { number: 11, value: '3' },
      { number: 11, value: '0' },
      { number: 11, value: '0' },
      { number: 17, value: 11542 },
    ],
  },
  Notification: {
    type: 1,
    code: 0x45,
    messageId: 0x0a10,
    token,
    options: [
      { number: 6, value: 11 },
      { number: 12, value: 11542 },
      { number: 14, value: 60 },
    ],
    payload: new Uint8Array(50).fill(0x33),
  },
  'Block1 of 1024': {
    type: 0,
    code: 0x03,
    messageId: 0x7d40,
    token,
    options: [
      { number: 11, value: '5' },
      { number: 11, value: '0' },
      { number: 11, value: '0' },
      { number: 12, value: 42 },
      { number: 27, value: 0x1e },
      { number: 60, value: 100_000 },
    ],
    payload: new Uint8Array(1024).fill(0x55),
  },
};

/** Long enough for the compiler to have settled and for a noisy neighbour to pass. */
const roundMicroseconds = 300_000;
const rounds = 5;

/** The best of several rounds for each message: noise only ever slows down. */
export function measureCodec(): readonly CodecRate[] {
  return Object.entries(messages).map(([name, message]) => {
    const datagram = encodeMessage(message);
    // What comes out is added up, so that the compiler cannot leave the work out.
    let sink = 0;
    const decode = (): Message => {
      const decoded = decodeMessage(datagram);
      if (decoded.kind === 'malformed') throw new Error(`${name} cannot be decoded`);
      sink += decoded.messageId + decoded.payloadLength;
      return decoded;
    };
    const decodesPerSecond = best(() => void decode());
    const readingsPerSecond = best(() => {
      sink += readAll(decode());
    });
    const encodesPerSecond = best(() => {
      sink += encodeMessage(message).length;
    });
    if (sink === 0) throw new Error(`${name} has no bytes`);
    return { name, decodesPerSecond, readingsPerSecond, encodesPerSecond };
  });
}

function readAll(message: Message): number {
  const { options } = message;
  let bytes = message.token.length + message.payload.length;
  for (let index = 0; index < options.size; index += 1) bytes += options.bytesAt(index).length;
  return bytes;
}

/** A second of processor time, of which others on the machine take none. */
function best(work: () => void): number {
  let fastest = 0;
  for (let round = 0; round < rounds; round += 1) {
    const started = process.cpuUsage();
    let count = 0;
    let microseconds = 0;
    while (microseconds < roundMicroseconds) {
      for (let repeat = 0; repeat < 5000; repeat += 1) work();
      count += 5000;
      const { user, system } = process.cpuUsage(started);
      microseconds = user + system;
    }
    fastest = Math.max(fastest, (count * 1e6) / microseconds);
  }
  return fastest;
}
