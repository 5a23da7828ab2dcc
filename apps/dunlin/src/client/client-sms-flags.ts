import { hexDecode, Secret } from '@dunlin/base';
import type { SmsSecurity } from '@dunlin/client';
import type { BindingMode } from '@dunlin/lwm2m';
import type { RunningCarrier } from '@dunlin/sms';

import {
  smppPasswordVariable,
  smsCarrierAccess,
  type SmsCarrierTexts,
} from '../config/sms-carrier-settings.ts';
import { ExitCode } from '../program/exit-code.ts';
import type { ProgramContext } from '../program/program-context.ts';
import { ProgramError } from '../program/program-error.ts';
import { readNamedText } from '../program/read-named-file.ts';
import { openAccount, openModem } from '../sms/open-carrier.ts';

/** The flags of `dunlin client` for short messages. */
export interface ClientSmsFlags extends SmsCarrierTexts {
  readonly binding?: BindingMode;
  /** The device's own number. */
  readonly sms?: string;
  readonly smsServer?: string;
  readonly smsPskIdentity?: string;
  readonly smsPskKeyFile?: string;
  readonly smsUnprotected?: boolean;
}

/** How a simulated device sends and receives short messages. */
export interface DeviceSms {
  readonly number: string;
  readonly serverNumber: string;
  readonly security: SmsSecurity;
  /** Takes everything without DTLS. */
  readonly isLaboratory: boolean;
  readonly carrier: RunningCarrier;
}

/** The short messages that the flags ask for; `undefined` where there are none. */
export async function clientSmsFrom(
  context: ProgramContext,
  endpoint: string,
  flags: ClientSmsFlags,
): Promise<DeviceSms | undefined> {
  const { sms: number, smsServer, smsUnprotected = false } = flags;
  if (number === undefined) {
    if (flags.binding?.includes('S') === true)
      throw usage(`--binding ${flags.binding} needs --sms, the device's own number`);
    const stray = smsFlags.find((name) => flags[name] !== undefined);
    if (stray !== undefined) throw usage('short messages need --sms, the own number of the device');
    return undefined;
  }
  if (smsServer === undefined) throw usage('--sms needs --sms-server, the number of the server');
  const security = await securityFrom(context, endpoint, flags);
  if (smsUnprotected && security.mode !== 'none') {
    throw usage('--sms-unprotected does not go with --sms-psk-key-file');
  }
  const carrier = await carrierFrom(context, flags);
  return { number, serverNumber: smsServer, security, isLaboratory: smsUnprotected, carrier };
}

const smsFlags = [
  'smsServer',
  'smsModem',
  'smpp',
  'smsPskIdentity',
  'smsPskKeyFile',
  'smsUnprotected',
] as const;

async function securityFrom(
  context: ProgramContext,
  endpoint: string,
  { smsPskIdentity: identity = endpoint, smsPskKeyFile }: ClientSmsFlags,
): Promise<SmsSecurity> {
  if (smsPskKeyFile === undefined) return { mode: 'none' };
  const key = hexDecode(await readNamedText(context, smsPskKeyFile));
  if (key === undefined || ![16, 32, 48].includes(key.length)) {
    throw usage(`${smsPskKeyFile}: the key for short messages is 32, 64 or 96 hexadecimal digits`);
  }
  return { mode: 'psk', identity, key: new Secret(key) };
}

async function carrierFrom(context: ProgramContext, flags: ClientSmsFlags): Promise<RunningCarrier> {
  const access = smsCarrierAccess((choose) => {
    const value = choose(flags);
    return value === undefined ? undefined : { value, source: 'flag' };
  });
  if (access === undefined) throw usage('short messages need either --sms-modem DEVICE or --smpp URL');
  const read = (name: string): Promise<string> => readNamedText(context, name);
  if (access.kind === 'modem') return await openModem(access, read);
  const { [smppPasswordVariable]: password = '' } = context.env;
  if (access.passwordFile === undefined && password === '') {
    throw usage(`--smpp needs the password, in ${smppPasswordVariable} or by --smpp-password-file`);
  }
  return await openAccount(access, read, { password });
}

function usage(message: string): ProgramError {
  return new ProgramError(ExitCode.usage, message);
}
