import { type Instant, instantFrom } from '@dunlin/base';

import { AccessControl } from '../../src/access/access-control.ts';
import type { AccessLimits } from '../../src/access/access-store.ts';
import { environmentToken, localToken } from '../../src/access/fixed-token.ts';
import { LiveRequests } from '../../src/access/live-requests.ts';
import { PasswordHash } from '../../src/access/password-hash.ts';
import { SignInLimits } from '../../src/access/sign-in-limits.ts';
import { sqliteAccessStore } from '../../src/access/sqlite-access-store.ts';
import { sqliteAuditLog } from '../../src/audit/sqlite-audit-log.ts';
import type { AccessParts } from '../../src/http/access-guard.ts';
import type { AuditParts } from '../../src/http/audit-hook.ts';
import { noon } from './fake-server.ts';

/** A token of an administrator that every test application takes. */
export const administratorToken = 'test-token-of-an-administrator';

/** What shows it in a request. */
export const administratorHeader = { authorization: `Bearer ${administratorToken}` } as const;

/** One that it takes from this machine only. */
export const localTestToken = 'test-token-of-this-machine-only';

/** Cheap: what passwords cost is not what most tests are about. */
export const cheapPasswords = { memory: 8, passes: 1, parallelism: 1 };

const hour = 60 * 60 * 1000;

export interface TestAccess extends AccessParts {
  /** Lets time pass. */
  readonly pass: (milliseconds: number) => void;
  readonly now: () => Instant;
  readonly audit: AuditParts;
}

/** Who may do what, in memory, on a clock that stands at noon. */
export async function testAccess(
  options: { readonly limits?: Partial<AccessLimits> } = {},
): Promise<TestAccess> {
  let time = noon as number;
  const now = (): Instant => instantFrom(time);
  const control = new AccessControl({
    store: await sqliteAccessStore({ path: ':memory:', limits: options.limits ?? {} }),
    passwords: new PasswordHash(cheapPasswords),
    limits: new SignInLimits(now),
    now,
    fixedTokens: [environmentToken(administratorToken, 'DUNLIN_API_TOKEN'), localToken(localTestToken)],
    times: { idle: 8 * hour, lifetime: 7 * 24 * hour },
  });
  return {
    control,
    live: new LiveRequests(control),
    now,
    audit: { log: await sqliteAuditLog({ path: ':memory:' }), now },
    pass: (milliseconds) => {
      time += milliseconds;
    },
  };
}
