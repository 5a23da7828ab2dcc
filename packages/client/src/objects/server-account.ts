import { type Seconds, seconds, UsageError } from '@dunlin/base';
import type { BindingMode } from '@dunlin/lwm2m';

import { checkServerSms, type ServerSms } from '../sms/sms-account.ts';
import { isTelephoneUri, registersBySms } from '../sms/sms-channel.ts';
import { checkServerSecurity, type ServerSecurity } from '../security/server-security.ts';

/** A Server that the client registers with: one Security instance and one Server instance. */
export interface ServerAccount {
  /**
   * `coap://host[:port][/path][?query]`, or `coaps://` where DTLS protects it; path and query prefix those of
   * Register. Two Servers are told apart by their addresses. `tel:` and `sms:` with a number, where there are
   * only short messages.
   */
  readonly uri: string;
  /** What protects the channel; needed with `coaps://`, default none (`/0/x/2` to `/0/x/5`). */
  readonly security?: ServerSecurity;
  /** How the Server is reached by short messages; needed where `binding` has an S. */
  readonly sms?: ServerSms;
  /** 1 to 65534, unique. */
  readonly shortServerId: number;
  /** Registration lifetime, `/1/x/1`, at least 1 s; default 86,400. */
  readonly lifetime?: Seconds;
  /** `/1/x/7`; default `U`. */
  readonly binding?: BindingMode;
  /** `/1/x/2`: pmin where no attribute says otherwise; default absent, which means 0. */
  readonly defaultMinimumPeriod?: Seconds;
  /** `/1/x/3`: pmax where no attribute says otherwise; default absent, which means none. */
  readonly defaultMaximumPeriod?: Seconds;
  /** `/1/x/5`: how long Disable lasts; default 86,400. */
  readonly disableTimeout?: Seconds;
  /** `/1/x/6`; default true (1.0 E.2). */
  readonly notificationStoring?: boolean;
}

/** An account with its defaults filled in. */
export interface CompleteServerAccount extends ServerAccount {
  readonly lifetime: Seconds;
  readonly binding: BindingMode;
  readonly disableTimeout: Seconds;
  readonly notificationStoring: boolean;
  readonly security: ServerSecurity;
}

/** What holds where an account says nothing (1.0 E.2). */
export const serverAccountDefaults: Pick<
  CompleteServerAccount,
  'lifetime' | 'binding' | 'disableTimeout' | 'notificationStoring' | 'security'
> = {
  lifetime: seconds(86_400),
  binding: 'U',
  disableTimeout: seconds(86_400),
  notificationStoring: true,
  security: { mode: 'none' },
};

/** Fills in the defaults. Throws `UsageError` on an account that cannot be, or a short server id that occurs twice. */
export function completeServerAccounts(accounts: readonly ServerAccount[]): readonly CompleteServerAccount[] {
  const seen = new Set<number>();
  return accounts.map((account) => {
    const { shortServerId } = account;
    if (!Number.isInteger(shortServerId) || shortServerId < 1 || shortServerId > 65_534) {
      throw new UsageError(`A short server id is a whole number from 1 to 65534, not ${shortServerId}.`);
    }
    if (seen.has(shortServerId)) throw new UsageError(`Short server id ${shortServerId} is given twice.`);
    seen.add(shortServerId);
    const complete = { ...serverAccountDefaults, ...account };
    if (!Number.isInteger(complete.lifetime) || complete.lifetime < 1) {
      throw new UsageError(
        `The lifetime for server ${shortServerId} is not a whole number of seconds from 1 on.`,
      );
    }
    checkServerSecurity(complete.security, complete.uri);
    checkSms(complete);
    return complete;
  });
}

/** Short messages where the binding mode says so, and nothing but them where the URI is a number. */
function checkSms({ shortServerId, uri, binding, sms }: CompleteServerAccount): void {
  if (sms !== undefined) checkServerSms(sms);
  else if (binding.includes('S')) {
    throw new UsageError(
      `The binding ${binding} of server ${shortServerId} needs \`sms\`: its number at least.`,
    );
  }
  if (isTelephoneUri(uri) && !registersBySms(binding)) {
    throw new UsageError(
      `The binding ${binding} of server ${shortServerId} needs a URI with coap:// or coaps://.`,
    );
  }
}
