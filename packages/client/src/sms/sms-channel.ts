import type { Peer } from '@dunlin/coap';
import { type BindingMode, parsePhoneNumber, Security } from '@dunlin/lwm2m';

import { type InstanceView, storedNumber, storedText } from '../object-tree/stored-value.ts';
import type { ServerUri } from '../registration/server-uri.ts';
import { SmsSecurityMode } from './sms-account.ts';

/** The way to a Server by short messages. */
export interface SmsChannel {
  readonly kind: 'sms-channel';
  /** Digits, without "+". */
  readonly number: string;
  /** True when DTLS protects it. */
  readonly isSecure: boolean;
}

/** Why a Security instance names no such way that is of use. */
export interface NoSmsChannel {
  readonly kind: 'none';
  /** Absent when it says nothing of short messages at all. */
  readonly problem?: string;
}

/** What the Resources 6 to 9 of a Security instance come to; without a number of its own, that of a `tel:` URI counts. */
export function smsChannelIn(view: InstanceView, securityInstanceId: number): SmsChannel | NoSmsChannel {
  const instance = Security(securityInstanceId);
  const uri = storedText(view, instance.lwm2mServerUri.path) ?? '';
  const own = storedText(view, instance.lwm2mServerSmsNumber.path);
  const text = own === undefined || own === '' ? (isTelephoneUri(uri) ? uri : undefined) : own;
  if (text === undefined) return { kind: 'none' };
  const number = parsePhoneNumber(text);
  if (number === undefined) return { kind: 'none', problem: `'${text}' is no telephone number` };
  const mode = storedNumber(view, instance.smsSecurityMode.path);
  switch (mode) {
    case SmsSecurityMode.psk:
      return { kind: 'sms-channel', number, isSecure: true };
    case SmsSecurityMode.none:
      return { kind: 'sms-channel', number, isSecure: false };
    case SmsSecurityMode.smartcard:
      return {
        kind: 'none',
        problem: 'SMS Security Mode 2 ends on a smartcard, and this device has none that takes part in it',
      };
    case undefined:
      return { kind: 'none', problem: 'there is no SMS Security Mode (Resource 6)' };
    default:
      return { kind: 'none', problem: `SMS Security Mode ${mode} is not supported` };
  }
}

/** True for the URIs of telephone numbers: `tel:` (RFC 3966), `sms:` (RFC 5724) and `coap+sms:`. */
export function isTelephoneUri(uri: string): boolean {
  return /^(?:tel|sms|coaps?\+sms):/i.test(uri);
}

/** True when all goes by short messages; with U in the mode, Register and Update go over UDP. */
export function registersBySms(mode: BindingMode): boolean {
  return mode === 'S' || mode === 'SQ';
}

/** The place behind a channel, in the form of a Server URI. */
export function smsUri({ number, isSecure }: SmsChannel): ServerUri {
  return { kind: 'coap-uri', transport: 'sms', isSecure, host: number, port: 0, path: [], query: [] };
}

/** True for the Server behind a channel: its number, and the protection that the channel has. */
export function isBehind({ number, isSecure }: SmsChannel, { transport, address, security }: Peer): boolean {
  return transport === 'sms' && address === number && (security.kind !== 'none') === isSecure;
}
