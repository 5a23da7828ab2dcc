import { type Seconds, UsageError } from '@dunlin/base';

import { checkServerSecurity, type ServerSecurity } from '../security/server-security.ts';

/** The Bootstrap-Server of a device: a Security instance without a Server instance. */
export interface BootstrapServerAccount {
  /** `coap://host[:port][/path][?query]` or `coaps://`; path and query prefix those of Bootstrap-Request. */
  readonly uri: string;
  /** What protects the channel; needed with `coaps://`, default none. Keys of its own, unlike those of any Server. */
  readonly security?: ServerSecurity;
  /** How long to wait for the Bootstrap-Server to begin by itself, `/0/x/11`; default 0. */
  readonly clientHoldOffTime?: Seconds;
  /** How long after a bootstrap the account is forgotten, `/0/x/12`, at least 1 s; default never. */
  readonly accountTimeout?: Seconds;
}

/** Throws `UsageError` on an account that cannot be. */
export function checkBootstrapServerAccount(account: BootstrapServerAccount): void {
  const { uri, security = { mode: 'none' }, clientHoldOffTime, accountTimeout } = account;
  checkServerSecurity(security, uri);
  for (const [name, value, minimum] of [
    ['clientHoldOffTime', clientHoldOffTime, 0],
    ['accountTimeout', accountTimeout, 1],
  ] as const) {
    if (value !== undefined && !(Number.isInteger(value) && value >= minimum)) {
      throw new UsageError(
        `The ${name} of the Bootstrap-Server is a whole number of seconds from ${minimum} on.`,
      );
    }
  }
}
