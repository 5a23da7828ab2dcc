import { type Found, nowhere, usage } from './setting-text.ts';

/** What short messages go over, as texts: an account at a message centre, or a modem. */
export interface SmsCarrierTexts {
  readonly smpp?: string | undefined;
  readonly smppSystemId?: string | undefined;
  readonly smppPasswordFile?: string | undefined;
  readonly smsModem?: string | undefined;
  readonly smsPinFile?: string | undefined;
}

/** An account at a message centre. */
export interface SmppAccess {
  readonly kind: 'smpp';
  /** Where the message centre is: `smpp://host:2775`, or `smpps://host:3550`. */
  readonly url: string;
  readonly systemId: string;
  /** The file of the password; `undefined` when the environment has it. */
  readonly passwordFile: string | undefined;
}

/** A modem at a serial port. */
export interface ModemAccess {
  readonly kind: 'modem';
  /** Such as `/dev/ttyUSB2`. */
  readonly path: string;
  /** The file of the PIN of its SIM card; `undefined` where it needs none. */
  readonly pinFile: string | undefined;
}

/** Environment variables of the settings. */
export const smsCarrierVariables = {
  smpp: 'DUNLIN_SMPP',
  smppSystemId: 'DUNLIN_SMPP_SYSTEM_ID',
  smppPasswordFile: 'DUNLIN_SMPP_PASSWORD_FILE',
  smsModem: 'DUNLIN_SMS_MODEM',
  smsPinFile: 'DUNLIN_SMS_PIN_FILE',
} as const;

/** The environment variable of the password itself; there is no flag for it, which other users could see. */
export const smppPasswordVariable = 'DUNLIN_SMPP_PASSWORD';

/** What short messages go over, `undefined` where that is nothing; throws a `ProgramError` for what is wrong. */
export function smsCarrierAccess(
  find: (choose: (texts: SmsCarrierTexts) => string | undefined) => Found<string> | undefined,
): SmppAccess | ModemAccess | undefined {
  const smpp = named(find(({ smpp: url }) => url));
  const modem = named(find(({ smsModem }) => smsModem));
  const pinFile = find(({ smsPinFile }) => smsPinFile)?.value;
  if (smpp !== undefined && modem !== undefined) {
    throw usage(
      `smpp (${smpp.source}) and sms-modem (${modem.source}): short messages go over one of them; set the other to ${nowhere}`,
    );
  }
  if (modem !== undefined) return { kind: 'modem', path: modem.value, pinFile };
  if (smpp === undefined) return undefined;
  const systemId = find(({ smppSystemId }) => smppSystemId);
  if (systemId === undefined) throw usage('smpp needs smpp-system-id: the name of the account');
  return {
    kind: 'smpp',
    url: smppUrlFrom(smpp),
    systemId: systemId.value,
    passwordFile: find(({ smppPasswordFile }) => smppPasswordFile)?.value,
  };
}

function named(found: Found<string> | undefined): Found<string> | undefined {
  return found?.value === nowhere ? undefined : found;
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
