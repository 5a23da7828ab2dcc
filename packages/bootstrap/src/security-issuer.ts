import type { AccountSecurity, GivenSecurity, ServerAccount } from './configuration/accounts.ts';
import type { BootstrapConfiguration, GivenConfiguration } from './configuration/bootstrap-configuration.ts';
import type { MaybePromise } from './maybe-promise.ts';

/** What is to be made for an account of an endpoint. */
export interface IssueRequest {
  readonly endpointName: string;
  readonly account: ServerAccount;
  readonly proof: Extract<AccountSecurity, { kind: 'issued' }>['proof'];
}

/**
 * Whether the device has what was made for it: `given`, so that what it had before is of no use any more; `not-given`,
 * so that it is this that is of none; or `unknown`, when Finish was sent and not answered: then the device may prove
 * itself with either.
 */
export type IssueOutcome = 'given' | 'not-given' | 'unknown';

/** Security that was made for an account in one session. */
export interface IssuedSecurity {
  readonly security: GivenSecurity;
  /** Called once, when the session is over or was not begun. */
  settle(outcome: IssueOutcome): void;
}

/** Port: makes keys for accounts, and tells the server that the accounts are of. */
export interface SecurityIssuer {
  issue(request: IssueRequest): MaybePromise<IssuedSecurity>;
}

/** A configuration that a session can give to a device. */
export interface ReadyConfiguration {
  readonly configuration: GivenConfiguration;
  settle(outcome: IssueOutcome): void;
}

/** Has everything made that a configuration leaves to be made. Rejects when something cannot be; then nothing was. */
export async function issueAccounts(
  configuration: BootstrapConfiguration,
  endpointName: string,
  issuer: SecurityIssuer | undefined,
): Promise<ReadyConfiguration> {
  const issued: IssuedSecurity[] = [];
  const settle = (outcome: IssueOutcome): void => {
    for (const each of issued.splice(0)) each.settle(outcome);
  };
  const servers: ServerAccount<GivenSecurity>[] = [];
  try {
    for (const account of configuration.servers) {
      const { security } = account;
      if (security.kind !== 'issued') {
        servers.push({ ...account, security });
        continue;
      }
      if (issuer === undefined) throw new Error('this server makes no keys for accounts');
      const made = await issuer.issue({ endpointName, account, proof: security.proof });
      issued.push(made);
      servers.push({ ...account, security: made.security });
    }
  } catch (error) {
    settle('not-given');
    throw error;
  }
  return { configuration: { ...configuration, servers }, settle };
}
