import { parsePhoneNumber } from '@dunlin/lwm2m';
import { Type } from 'typebox';

import { type Found, usage } from './setting-text.ts';
import { accountProperties, smppSettings, type SmppSettings } from './smpp-settings.ts';
import {
  type ModemAccess,
  smsCarrierAccess,
  type SmsCarrierTexts,
  smsCarrierVariables,
} from './sms-carrier-settings.ts';

/** Whose number may be written to: see `SmsNumberPolicy` of the server. */
type SmsPolicy = 'provisioned' | 'trust' | { readonly prefixes: readonly string[] };

/** What goes without DTLS: see `ServerSmsOptions` of the server. */
const unprotectedChoices = ['nothing', 'triggers', 'everything'] as const;
export type Unprotected = (typeof unprotectedChoices)[number];

/** How the server sends and receives short messages. */
export interface SmsSettings {
  /** What they go over. */
  readonly carrier: SmppSettings | ModemAccess;
  /** Our number, digits. */
  readonly number: string;
  /** Digits of the country that is put before national numbers of senders. */
  readonly countryCode: string | undefined;
  readonly policy: SmsPolicy;
  readonly unprotected: Unprotected;
  /** Short messages of one datagram. */
  readonly maxParts: number;
  /** Short messages, of which each part counts. */
  readonly perSecond: number;
  readonly perDay: number;
  readonly perDevicePerDay: number;
  readonly answersPerDay: number;
  readonly answersPerDevicePerDay: number;
}

/** Those settings as texts and, from a file, as they stand there. */
export interface SmsTexts extends SmsCarrierTexts {
  readonly smsNumber?: string | undefined;
  /** The rest, which only a file sets. */
  readonly sms?: Type.Static<typeof SmsTable> | undefined;
}

type OptionalText = Type.TOptional<Type.TString>;
type OptionalInteger = Type.TOptional<Type.TInteger>;

const text: OptionalText = Type.Optional(Type.String({ minLength: 1 }));
const count: OptionalInteger = Type.Optional(Type.Integer({ minimum: 0, maximum: 10_000_000 }));

/** The table `[sms]` of `dunlin.toml`. */
export const SmsTable: Type.TObject<
  typeof accountProperties & {
    smpp: OptionalText;
    'system-id': OptionalText;
    'password-file': OptionalText;
    modem: OptionalText;
    'pin-file': OptionalText;
    number: OptionalText;
    'country-code': OptionalText;
    numbers: Type.TOptional<
      Type.TUnion<[Type.TLiteral<'provisioned'>, Type.TLiteral<'trust'>, Type.TArray<Type.TString>]>
    >;
    unprotected: OptionalText;
    'max-parts': OptionalInteger;
    'per-second': Type.TOptional<Type.TNumber>;
    'per-day': OptionalInteger;
    'per-device-day': OptionalInteger;
    'answers-per-day': OptionalInteger;
    'answers-per-device-day': OptionalInteger;
  }
> = Type.Object(
  {
    ...accountProperties,
    smpp: text,
    'system-id': text,
    'password-file': text,
    modem: text,
    'pin-file': text,
    number: text,
    'country-code': Type.Optional(Type.String({ pattern: '^[1-9][0-9]{0,2}$' })),
    numbers: Type.Optional(
      Type.Union([
        Type.Literal('provisioned'),
        Type.Literal('trust'),
        Type.Array(Type.String({ pattern: '^[0-9]{1,15}$' }), { minItems: 1 }),
      ]),
    ),
    unprotected: Type.Optional(Type.String()),
    'max-parts': Type.Optional(Type.Integer({ minimum: 1, maximum: 8 })),
    'per-second': Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 1000 })),
    'per-day': count,
    'per-device-day': count,
    'answers-per-day': count,
    'answers-per-device-day': count,
  },
  { additionalProperties: false },
);

/** The settings that were not set: what the link takes for usual. */
const smsSettingsDefaults: Omit<SmsSettings, 'carrier' | 'number' | 'countryCode'> = {
  policy: 'provisioned',
  unprotected: 'triggers',
  maxParts: 3,
  perSecond: 1,
  perDay: 1000,
  perDevicePerDay: 20,
  answersPerDay: 200,
  answersPerDevicePerDay: 20,
};

/** The environment variable of our number. */
export const smsNumberVariable = 'DUNLIN_SMS_NUMBER';

/** What the environment sets. */
export function smsTextsOfEnvironment(textOf: (name: string) => string | undefined): SmsTexts {
  const v = smsCarrierVariables;
  return {
    smpp: textOf(v.smpp),
    smppSystemId: textOf(v.smppSystemId),
    smppPasswordFile: textOf(v.smppPasswordFile),
    smsModem: textOf(v.smsModem),
    smsPinFile: textOf(v.smsPinFile),
    smsNumber: textOf(smsNumberVariable),
  };
}

/** What the table of a file sets. */
export function smsTextsOf(table: Type.Static<typeof SmsTable> | undefined): SmsTexts {
  if (table === undefined) return {};
  return {
    smpp: table.smpp,
    smppSystemId: table['system-id'],
    smppPasswordFile: table['password-file'],
    smsModem: table.modem,
    smsPinFile: table['pin-file'],
    smsNumber: table.number,
    sms: table,
  };
}

/** The settings of short messages, `undefined` where they go over nothing; throws a `ProgramError` for what is wrong. */
export function smsSettings(
  find: <T>(choose: (texts: SmsTexts) => T | undefined) => Found<T> | undefined,
): SmsSettings | undefined {
  const access = smsCarrierAccess(find);
  const table = find((texts) => texts.sms)?.value ?? {};
  if (access === undefined) return undefined;
  const number = find((texts) => texts.smsNumber);
  if (number === undefined)
    throw usage(`${access.kind === 'smpp' ? 'smpp' : 'sms-modem'} needs sms-number: our own number`);
  const d = smsSettingsDefaults;
  return {
    carrier: access.kind === 'smpp' ? smppSettings(access, table) : modemSettings(access, table),
    number: numberFrom(number),
    countryCode: table['country-code'],
    policy: policyFrom(table.numbers),
    unprotected: unprotectedFrom(table.unprotected),
    maxParts: table['max-parts'] ?? d.maxParts,
    perSecond: table['per-second'] ?? d.perSecond,
    perDay: table['per-day'] ?? d.perDay,
    perDevicePerDay: table['per-device-day'] ?? d.perDevicePerDay,
    answersPerDay: table['answers-per-day'] ?? d.answersPerDay,
    answersPerDevicePerDay: table['answers-per-device-day'] ?? d.answersPerDevicePerDay,
  };
}

/** Settings that would do nothing are refused: who wrote them expects something of them. */
function modemSettings(access: ModemAccess, table: Type.Static<typeof SmsTable>): ModemAccess {
  const stray = Object.keys(table).find((key) => key in accountProperties);
  if (stray === undefined) return access;
  throw usage(`sms.${stray} is for accounts at message centres, and short messages go over a modem`);
}

function numberFrom({ value, source }: Found<string>): string {
  const number = parsePhoneNumber(value);
  if (number !== undefined) return number;
  throw usage(`sms-number (${source}): ${JSON.stringify(value)} is no number of 3 to 15 digits`);
}

function policyFrom(numbers: Type.Static<typeof SmsTable>['numbers']): SmsPolicy {
  if (numbers === undefined) return smsSettingsDefaults.policy;
  return typeof numbers === 'string' ? numbers : { prefixes: numbers };
}

function unprotectedFrom(value: string | undefined): Unprotected {
  const chosen = unprotectedChoices.find((each) => each === (value ?? smsSettingsDefaults.unprotected));
  if (chosen !== undefined) return chosen;
  throw usage(`sms.unprotected: ${JSON.stringify(value)} is not one of ${unprotectedChoices.join(', ')}`);
}
