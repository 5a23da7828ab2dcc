import { Type } from 'typebox';

import { usage } from './setting-text.ts';
import type { SmppAccess } from './sms-carrier-settings.ts';

/** What kind of number one is, as SMPP 3.4 says it. */
interface NumberKind {
  /** 0 to 6 (§5.2.5, ton). */
  readonly typeOfNumber: number;
  /** §5.2.6 (npi). */
  readonly numberingPlan: number;
}

/** An account at a message centre, and how it wants to be used: what an operator writes into the contract. */
export interface SmppSettings extends SmppAccess {
  /** One session for both directions, or one for each. */
  readonly bind: 'transceiver' | 'pair';
  readonly systemType: string;
  readonly serviceType: string;
  /** The file of the certificates that vouch for the message centre, and its name in its own, where they are unusual. */
  readonly caFile: string | undefined;
  readonly serverName: string | undefined;
  /** What kind of number ours is, and those of devices. */
  readonly ownKind: NumberKind;
  readonly deviceKind: NumberKind;
  readonly window: number;
  readonly dataCoding: number;
  readonly validityFormat: 'relative' | 'absolute';
}

type OptionalText = Type.TOptional<Type.TString>;
type OptionalInteger = Type.TOptional<Type.TInteger>;

const text: OptionalText = Type.Optional(Type.String({ minLength: 1 }));
const typeOfNumber: OptionalInteger = Type.Optional(Type.Integer({ minimum: 0, maximum: 6 }));
const numberingPlan: OptionalInteger = Type.Optional(Type.Integer({ minimum: 0, maximum: 255 }));

/** What the table `[sms]` of `dunlin.toml` says of an account beside where it is and its name. */
export const accountProperties: {
  bind: Type.TOptional<Type.TUnion<[Type.TLiteral<'transceiver'>, Type.TLiteral<'pair'>]>>;
  'system-type': OptionalText;
  'service-type': OptionalText;
  'ca-file': OptionalText;
  'server-name': OptionalText;
  'number-type': OptionalInteger;
  'number-plan': OptionalInteger;
  'device-number-type': OptionalInteger;
  'device-number-plan': OptionalInteger;
  window: OptionalInteger;
  'data-coding': OptionalInteger;
  validity: Type.TOptional<Type.TUnion<[Type.TLiteral<'relative'>, Type.TLiteral<'absolute'>]>>;
} = {
  bind: Type.Optional(Type.Union([Type.Literal('transceiver'), Type.Literal('pair')])),
  // Their fields have 13 and 6 bytes, a NUL among them (SMPP 3.4 §5.2.3, §5.2.11).
  'system-type': Type.Optional(Type.String({ maxLength: 12 })),
  'service-type': Type.Optional(Type.String({ maxLength: 5 })),
  'ca-file': text,
  'server-name': text,
  'number-type': typeOfNumber,
  'number-plan': numberingPlan,
  'device-number-type': typeOfNumber,
  'device-number-plan': numberingPlan,
  window: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
  'data-coding': Type.Optional(Type.Integer({ minimum: 0, maximum: 255 })),
  validity: Type.Optional(Type.Union([Type.Literal('relative'), Type.Literal('absolute')])),
};

/** Those settings as they stand in a file. */
export type AccountValues = Type.Static<Type.TObject<typeof accountProperties>>;

/** What message centres take for usual. */
const accountDefaults = {
  bind: 'transceiver',
  numberType: 0,
  deviceNumberType: 1,
  // ISDN, which telephone numbers are of.
  numberingPlan: 1,
  window: 10,
  dataCoding: 4,
  validityFormat: 'relative',
} as const;

/** The numbering plan indicators that there are (SMPP 3.4 §5.2.6). */
const numberingPlans: readonly number[] = [0, 1, 3, 4, 6, 8, 9, 10, 14, 18];

/** The settings of an account; throws a `ProgramError` for what is wrong. */
export function smppSettings(access: SmppAccess, values: AccountValues): SmppSettings {
  for (const key of ['ca-file', 'server-name'] as const) {
    if (values[key] !== undefined && !access.url.startsWith('smpps:')) {
      throw usage(`sms.${key} is for message centres at smpps://, and this one is at smpp://`);
    }
  }
  const d = accountDefaults;
  return {
    ...access,
    bind: values.bind ?? d.bind,
    systemType: values['system-type'] ?? '',
    serviceType: values['service-type'] ?? '',
    caFile: values['ca-file'],
    serverName: values['server-name'],
    ownKind: {
      typeOfNumber: values['number-type'] ?? d.numberType,
      numberingPlan: planOf(values, 'number-plan'),
    },
    deviceKind: {
      typeOfNumber: values['device-number-type'] ?? d.deviceNumberType,
      numberingPlan: planOf(values, 'device-number-plan'),
    },
    window: values.window ?? d.window,
    dataCoding: values['data-coding'] ?? d.dataCoding,
    validityFormat: values.validity ?? d.validityFormat,
  };
}

function planOf(values: AccountValues, key: 'number-plan' | 'device-number-plan'): number {
  const plan = values[key] ?? accountDefaults.numberingPlan;
  if (numberingPlans.includes(plan)) return plan;
  throw usage(`sms.${key}: ${plan} is none of the numbering plans ${numberingPlans.join(', ')} of SMPP`);
}
