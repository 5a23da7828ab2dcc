import { parsePhoneNumber } from '@dunlin/lwm2m';
import { Type } from 'typebox';

import { type Found, nowhere, usage } from './setting-text.ts';

/** Whose number may be written to: see `SmsNumberPolicy` of the server. */
type SmsPolicy = 'provisioned' | 'trust' | { readonly prefixes: readonly string[] };

/** What goes without DTLS: see `ServerSmsOptions` of the server. */
const unprotectedChoices = ['nothing', 'triggers', 'everything'] as const;
export type Unprotected = (typeof unprotectedChoices)[number];

/** How the server sends and receives short messages. */
export interface SmsSettings {
  /** Where the message centre is: `smpp://host:2775`, or `smpps://host:3550`. */
  readonly smpp: string;
  readonly systemId: string;
  readonly systemType: string;
  /** The file of the password; `undefined` when the environment has it. */
  readonly passwordFile: string | undefined;
  /** The file of the certificates that vouch for the message centre, and its name in its own, where they are unusual. */
  readonly caFile: string | undefined;
  readonly serverName: string | undefined;
  /** Our number, digits. */
  readonly number: string;
  /** What kind of number that is: the type of number of SMPP 3.4 §5.2.5, 0 to 6. */
  readonly numberType: number;
  /** Digits of the country that is put before national numbers of senders. */
  readonly countryCode: string | undefined;
  readonly policy: SmsPolicy;
  readonly unprotected: Unprotected;
  /** Short messages of one datagram. */
  readonly maxParts: number;
  readonly window: number;
  readonly dataCoding: number;
  readonly validityFormat: 'relative' | 'absolute';
  /** Short messages, of which each part counts. */
  readonly perSecond: number;
  readonly perDay: number;
  readonly perDevicePerDay: number;
  readonly answersPerDay: number;
  readonly answersPerDevicePerDay: number;
}

/** Those settings as texts and, from a file, as they stand there. */
export interface SmsTexts {
  readonly smpp?: string | undefined;
  readonly smppSystemId?: string | undefined;
  readonly smppPasswordFile?: string | undefined;
  readonly smsNumber?: string | undefined;
  /** The rest, which only a file sets. */
  readonly sms?: Type.Static<typeof SmsTable> | undefined;
}

type OptionalText = Type.TOptional<Type.TString>;
type OptionalInteger = Type.TOptional<Type.TInteger>;

const text: OptionalText = Type.Optional(Type.String({ minLength: 1 }));
const count: OptionalInteger = Type.Optional(Type.Integer({ minimum: 0, maximum: 10_000_000 }));

/** The table `[sms]` of `dunlin.toml`. */
export const SmsTable: Type.TObject<{
  smpp: OptionalText;
  'system-id': OptionalText;
  'system-type': OptionalText;
  'password-file': OptionalText;
  'ca-file': OptionalText;
  'server-name': OptionalText;
  number: OptionalText;
  'number-type': OptionalInteger;
  'country-code': OptionalText;
  numbers: Type.TOptional<
    Type.TUnion<[Type.TLiteral<'provisioned'>, Type.TLiteral<'trust'>, Type.TArray<Type.TString>]>
  >;
  unprotected: OptionalText;
  'max-parts': OptionalInteger;
  window: OptionalInteger;
  'data-coding': OptionalInteger;
  validity: Type.TOptional<Type.TUnion<[Type.TLiteral<'relative'>, Type.TLiteral<'absolute'>]>>;
  'per-second': Type.TOptional<Type.TNumber>;
  'per-day': OptionalInteger;
  'per-device-day': OptionalInteger;
  'answers-per-day': OptionalInteger;
  'answers-per-device-day': OptionalInteger;
}> = Type.Object(
  {
    smpp: text,
    'system-id': text,
    'system-type': Type.Optional(Type.String({ maxLength: 12 })),
    'password-file': text,
    'ca-file': text,
    'server-name': text,
    number: text,
    'number-type': Type.Optional(Type.Integer({ minimum: 0, maximum: 6 })),
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
    window: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
    'data-coding': Type.Optional(Type.Integer({ minimum: 0, maximum: 255 })),
    validity: Type.Optional(Type.Union([Type.Literal('relative'), Type.Literal('absolute')])),
    'per-second': Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 1000 })),
    'per-day': count,
    'per-device-day': count,
    'answers-per-day': count,
    'answers-per-device-day': count,
  },
  { additionalProperties: false },
);

/** The settings that were not set: what message centres and the link take for usual. */
const smsSettingsDefaults: Pick<
  SmsSettings,
  | 'numberType'
  | 'policy'
  | 'unprotected'
  | 'maxParts'
  | 'window'
  | 'dataCoding'
  | 'validityFormat'
  | 'perSecond'
  | 'perDay'
  | 'perDevicePerDay'
  | 'answersPerDay'
  | 'answersPerDevicePerDay'
> = {
  numberType: 0,
  policy: 'provisioned',
  unprotected: 'triggers',
  maxParts: 3,
  window: 10,
  dataCoding: 4,
  validityFormat: 'relative',
  perSecond: 1,
  perDay: 1000,
  perDevicePerDay: 20,
  answersPerDay: 200,
  answersPerDevicePerDay: 20,
};

/** Environment variables of the settings. */
export const smsVariables = {
  smpp: 'DUNLIN_SMPP',
  smppSystemId: 'DUNLIN_SMPP_SYSTEM_ID',
  smppPasswordFile: 'DUNLIN_SMPP_PASSWORD_FILE',
  smsNumber: 'DUNLIN_SMS_NUMBER',
} as const;

/** The environment variable of the password itself; there is no flag for it, which other users could see. */
export const smppPasswordVariable = 'DUNLIN_SMPP_PASSWORD';

/** What the environment sets. */
export function smsTextsOfEnvironment(textOf: (name: string) => string | undefined): SmsTexts {
  return {
    smpp: textOf(smsVariables.smpp),
    smppSystemId: textOf(smsVariables.smppSystemId),
    smppPasswordFile: textOf(smsVariables.smppPasswordFile),
    smsNumber: textOf(smsVariables.smsNumber),
  };
}

/** What the table of a file sets. */
export function smsTextsOf(table: Type.Static<typeof SmsTable> | undefined): SmsTexts {
  if (table === undefined) return {};
  return {
    smpp: table.smpp,
    smppSystemId: table['system-id'],
    smppPasswordFile: table['password-file'],
    smsNumber: table.number,
    sms: table,
  };
}

/** The settings of short messages, `undefined` without a message centre; throws a `ProgramError` for what is wrong. */
export function smsSettings(
  find: <T>(choose: (texts: SmsTexts) => T | undefined) => Found<T> | undefined,
): SmsSettings | undefined {
  const smpp = find((texts) => texts.smpp);
  const table = find((texts) => texts.sms)?.value ?? {};
  if (smpp === undefined || smpp.value === nowhere) return undefined;
  const number = needed(
    find((texts) => texts.smsNumber),
    'sms-number',
    'our number at the message centre',
  );
  const systemId = needed(
    find((texts) => texts.smppSystemId),
    'smpp-system-id',
    'the name of the account',
  );
  const d = smsSettingsDefaults;
  const url = smppUrlFrom(smpp);
  for (const key of ['ca-file', 'server-name'] as const) {
    if (table[key] !== undefined && !url.startsWith('smpps:')) {
      throw usage(`sms.${key} is for message centres at smpps://, and this one is at smpp://`);
    }
  }
  return {
    smpp: url,
    systemId: systemId.value,
    systemType: table['system-type'] ?? '',
    passwordFile: find((texts) => texts.smppPasswordFile)?.value,
    caFile: table['ca-file'],
    serverName: table['server-name'],
    number: numberFrom(number),
    numberType: table['number-type'] ?? d.numberType,
    countryCode: table['country-code'],
    policy: policyFrom(table.numbers),
    unprotected: unprotectedFrom(table.unprotected),
    maxParts: table['max-parts'] ?? d.maxParts,
    window: table.window ?? d.window,
    dataCoding: table['data-coding'] ?? d.dataCoding,
    validityFormat: table.validity ?? d.validityFormat,
    perSecond: table['per-second'] ?? d.perSecond,
    perDay: table['per-day'] ?? d.perDay,
    perDevicePerDay: table['per-device-day'] ?? d.perDevicePerDay,
    answersPerDay: table['answers-per-day'] ?? d.answersPerDay,
    answersPerDevicePerDay: table['answers-per-device-day'] ?? d.answersPerDevicePerDay,
  };
}

function needed(found: Found<string> | undefined, setting: string, what: string): Found<string> {
  if (found !== undefined) return found;
  throw usage(`smpp needs ${setting}: ${what}`);
}

/** A password in it would be seen by everybody who sees the processes, so that it is not repeated either. */
function smppUrlFrom({ value, source }: Found<string>): string {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url !== undefined && (url.username !== '' || url.password !== '')) {
    throw usage(
      `smpp (${source}): the URL holds no account: give smpp-system-id, and the password in a file`,
    );
  }
  if (url?.protocol === 'smpp:' || url?.protocol === 'smpps:') return value;
  throw usage(`smpp (${source}): this is no URL such as smpp://host:2775, or smpps://host:3550 for TLS`);
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
