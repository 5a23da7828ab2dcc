import { Secret, utf8Encode } from '@dunlin/base';
import {
  type CarrierShell,
  modem,
  type ModemOptions,
  smpp,
  type SmppCarrier,
  type SmppOptions,
} from '@dunlin/node';

import type { ModemAccess, SmppAccess } from '../config/sms-carrier-settings.ts';

/** Gives the text of a file that a setting names, without the line break at its end; rejects with a `ProgramError`. */
export type SettingFileReader = (path: string, setting: string) => Promise<string>;

/** What else a modem is used with. */
type ModemUse = Omit<ModemOptions, 'path' | 'pin'>;

/** What else an account is used with; `password` counts where no file of it is named. */
interface AccountUse extends Omit<SmppOptions, 'url' | 'systemId' | 'password'> {
  readonly password: string;
}

/** The modem that was set. Throws a `UsageError` for a PIN that is none. */
export async function openModem(
  { path, pinFile }: ModemAccess,
  read: SettingFileReader,
  use: Readonly<ModemUse> = {},
): Promise<CarrierShell> {
  const pin = pinFile === undefined ? {} : { pin: secretOf(await read(pinFile, 'sms-pin-file')) };
  return modem({ path, ...pin, ...use });
}

/** The account that was set. Throws a `UsageError` for a URL or a name that cannot be. */
export async function openAccount(
  { url, systemId, passwordFile }: SmppAccess,
  read: SettingFileReader,
  { password, ...use }: Readonly<AccountUse>,
): Promise<SmppCarrier> {
  const text = passwordFile === undefined ? password : await read(passwordFile, 'smpp-password-file');
  return smpp({ url, systemId, password: secretOf(text), ...use });
}

function secretOf(text: string): Secret {
  return new Secret(utf8Encode(text));
}
