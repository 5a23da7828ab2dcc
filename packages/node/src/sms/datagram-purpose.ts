import {
  decodeMessage,
  isRequestCode,
  type Message,
  Method,
  OptionNumber,
  type OutgoingDatagram,
} from '@dunlin/coap';
import type { Purpose } from '@dunlin/sms';

/** What is in a datagram over short messages, by its first byte: DTLS has content types from 20 (RFC 7983 §7). */
export type DatagramKind = 'coap' | 'dtls' | 'neither';

/** Tells messages of CoAP (version 1, RFC 7252 §3) from records of DTLS. */
export function datagramKind(datagram: Uint8Array): DatagramKind {
  const [first = 0] = datagram;
  if (first >> 6 === 1) return 'coap';
  return first >= 20 && first <= 63 ? 'dtls' : 'neither';
}

/** True for a message of CoAP that asks for something. */
export function isRequest(datagram: Uint8Array): boolean {
  return datagramKind(datagram) === 'coap' && isRequestCode(datagram[1] ?? 0);
}

/** What a datagram is sent for, by the message of CoAP in it. */
export function purposeOf({ datagram, plaintext }: OutgoingDatagram): Purpose {
  const message = decodeMessage(plaintext ?? datagram);
  if (message.kind === 'malformed' || (plaintext === undefined && datagramKind(datagram) === 'dtls'))
    return 'handshake';
  const { code, options } = message;
  if (isRequestCode(code)) return isTriggerMessage(message) ? 'trigger' : 'request';
  return options.find(OptionNumber.observe) !== undefined ? 'notification' : 'response';
}

/** True for a message of CoAP that asks for a Registration Update and for nothing else. */
export function isTrigger(datagram: Uint8Array): boolean {
  const message = decodeMessage(datagram);
  return message.kind !== 'malformed' && isTriggerMessage(message);
}

const textDecoder = new TextDecoder();

/** An Execute of Registration Update Trigger, /1/x/8 (1.0 §E.2), under any root. */
function isTriggerMessage({ code, options }: Message): boolean {
  if (code !== Method.post) return false;
  const segments = options.all().filter(({ number }) => number === OptionNumber.uriPath);
  const path = segments.map(({ value }) => textDecoder.decode(value)).slice(-3);
  return path.length === 3 && path[0] === '1' && path[2] === '8';
}
