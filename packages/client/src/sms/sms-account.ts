import { noBytes, type Secret, UsageError, utf8Encode } from '@dunlin/base';
import { parsePhoneNumber } from '@dunlin/lwm2m';

/** How a Server is reached by short messages: what the Resources 6 to 9 of its Security instance say (1.0 E.1). */
export interface ServerSms {
  /** `/0/x/9`: the number of the Server; short messages of any other number are passed over. */
  readonly number: string;
  /** Default none: then only a Registration Update Trigger is taken, see `ClientSms`. */
  readonly security?: SmsSecurity;
}

/** What protects short messages: DTLS that ends in the device, or nothing. Smartcards are not supported. */
export type SmsSecurity =
  | {
      readonly mode: 'psk';
      /** 1 byte of UTF-8 at least; `/0/x/7`, which this mode does not need for anything else. */
      readonly identity: string;
      /** `/0/x/8`: 16, 32 or 48 bytes. */
      readonly key: Secret;
    }
  | { readonly mode: 'none' };

/** The values of SMS Security Mode, `/0/x/6`: 2 ends on a smartcard, which this client has no part in. */
export const SmsSecurityMode = { psk: 1, smartcard: 2, none: 3 } as const;

/** The Resources 6 to 9 of a Security instance. */
export interface SmsValues {
  readonly smsSecurityMode: number;
  readonly smsBindingKeyParameters?: Uint8Array;
  readonly smsBindingSecretKeys?: Uint8Array;
  readonly lwm2mServerSmsNumber: string;
}

/** What a Security instance says of short messages; nothing where there are none. */
export function smsValues(sms: ServerSms | undefined): SmsValues | undefined {
  if (sms === undefined) return undefined;
  const { security = { mode: 'none' } } = sms;
  const lwm2mServerSmsNumber = parsePhoneNumber(sms.number) ?? sms.number;
  if (security.mode === 'none') return { smsSecurityMode: SmsSecurityMode.none, lwm2mServerSmsNumber };
  return {
    smsSecurityMode: SmsSecurityMode.psk,
    smsBindingKeyParameters: utf8Encode(security.identity),
    smsBindingSecretKeys: security.key.reveal().slice(),
    lwm2mServerSmsNumber,
  };
}

/** Throws `UsageError` on an account that cannot be reached by short messages. */
export function checkServerSms(sms: ServerSms): void {
  if (parsePhoneNumber(sms.number) === undefined) {
    throw new UsageError(`'${sms.number}' is no telephone number: 3 to 15 digits, with the country code.`);
  }
  const { smsBindingKeyParameters = noBytes, smsBindingSecretKeys = noBytes } = smsValues(sms) ?? {};
  if (sms.security?.mode !== 'psk') return;
  if (smsBindingKeyParameters.length === 0) {
    throw new UsageError(`The identity for short messages with ${sms.number} is empty.`);
  }
  if (![16, 32, 48].includes(smsBindingSecretKeys.length)) {
    throw new UsageError(`The key for short messages with ${sms.number} is not of 16, 32 or 48 bytes.`);
  }
}
