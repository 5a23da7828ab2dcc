import { hexEncode } from '@dunlin/base';
import { decodeMessage, formatCode, type Message, optionDefinition } from '@dunlin/coap';

import type { ObservedDatagram } from './simulated-network.ts';

const typeNames = ['CON', 'NON', 'ACK', 'RST'] as const;
const methodNames: Readonly<Record<number, string>> = {
  0: 'empty',
  1: 'GET',
  2: 'POST',
  3: 'PUT',
  4: 'DELETE',
};

/** Bytes of a payload that are shown. */
const shownPayload = 32;

/** One line of a trace: when, from where, where to, and the CoAP message in words. */
export function describeDatagram({ at, from, to, datagram }: ObservedDatagram, start: number = 0): string {
  const time = ((at - start) / 1000).toFixed(3).padStart(10);
  return `${time} ${from.key} > ${to.key} ${describeMessage(datagram)}`;
}

/** A CoAP message in words. */
export function describeMessage(datagram: Uint8Array): string {
  if (isRecord(datagram)) return describeRecord(datagram);
  const message = decodeMessage(datagram);
  if (message.kind === 'malformed') return `malformed (${message.reason}) ${hexEncode(datagram)}`;
  const code = methodNames[message.code] ?? formatCode(message.code);
  const head = `${typeNames[message.type]} ${code} mid=${message.messageId} token=${hexEncode(message.token)}`;
  return [head, ...describeOptions(message), ...describePayload(message)].join(' ');
}

/** A record of DTLS 1.2 (RFC 6347 §4.1), of the content types that there are: no version of CoAP begins so. */
function isRecord([type = 0, major, minor]: Uint8Array): boolean {
  return type >= 20 && type <= 25 && major === 0xfe && (minor === 0xfd || minor === 0xff);
}

/** What can be seen of the first record of a datagram from outside. */
function describeRecord(datagram: Uint8Array): string {
  const [type = 0, , , , epoch = 0] = datagram;
  const sequenceNumber = hexEncode(datagram.subarray(5, 11)).replace(/^0+(?=.)/, '');
  return `record type=${type} epoch=${epoch} number=${sequenceNumber} (${datagram.length} bytes)`;
}

function describeOptions({ options }: Message): readonly string[] {
  return Array.from({ length: options.size }, (_, index) => {
    const number = options.numberAt(index);
    const definition = optionDefinition(number);
    const value =
      definition?.format === 'uint'
        ? String(options.uintAt(index))
        : definition?.format === 'string'
          ? (options.textAt(index) ?? '?')
          : hexEncode(options.bytesAt(index));
    return `${definition?.name ?? number}=${value}`;
  });
}

function describePayload(message: Message): readonly string[] {
  if (message.payloadLength === 0) return [];
  const shown = hexEncode(message.payload.subarray(0, shownPayload));
  return [`| ${shown}${message.payloadLength > shownPayload ? `… (${message.payloadLength})` : ''}`];
}
