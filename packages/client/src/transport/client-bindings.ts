import { UsageError } from '@dunlin/base';

import type { BootstrapServerAccount } from '../bootstrap/bootstrap-server-account.ts';
import type { ClientOptions } from '../client-options.ts';
import type { CompleteServerAccount } from '../objects/server-account.ts';
import type { CredentialFor, SecureCredential } from '../security/secure-credential.ts';
import type { SmsNeeds } from '../sms/client-sms.ts';
import { registersBySms } from '../sms/sms-channel.ts';
import type { ClientBinding } from './client-transport.ts';

/** What bindings ask their client. */
export interface BindingNeeds extends SmsNeeds {
  readonly credentialAt: CredentialFor;
  readonly bootstrapCredential: () => SecureCredential | undefined;
}

/** The bindings that the accounts need. Throws `UsageError` when one is missing. */
export function bindingsFor(
  accounts: readonly (CompleteServerAccount | BootstrapServerAccount)[],
  options: Readonly<ClientOptions>,
  needs: BindingNeeds,
): readonly ClientBinding[] {
  for (const account of accounts) requireBindings(account, options);
  const { binding, secureBinding, bootstrapListener, sms } = options;
  const ofSms = sms?.open(needs);
  const bindings = [
    { transport: 'udp', isSecure: false, binding },
    { transport: 'udp', isSecure: true, binding: secureBinding?.(needs.credentialAt) },
    {
      transport: 'udp',
      isSecure: true,
      isListener: true,
      binding: bootstrapListener?.(needs.bootstrapCredential),
    },
    { transport: 'sms', isSecure: false, binding: ofSms?.plain },
    { transport: 'sms', isSecure: true, binding: ofSms?.secure },
  ] as const;
  return bindings.flatMap(({ binding: one, ...of }) => (one === undefined ? [] : [{ ...of, binding: one }]));
}

function requireBindings(
  account: CompleteServerAccount | BootstrapServerAccount,
  { binding, secureBinding, sms }: Readonly<ClientOptions>,
): void {
  const { uri, security } = account;
  const mode = 'binding' in account ? account.binding : 'U';
  const need = (isThere: boolean, option: string, example: string): void => {
    if (isThere) return;
    throw new UsageError(`The Server ${uri} cannot be reached without \`${option}\`, such as ${example}.`);
  };
  if (mode.includes('S')) need(sms !== undefined, 'sms', 'clientSms()');
  if (registersBySms(mode)) return;
  const isSecure = security !== undefined && security.mode !== 'none';
  if (isSecure) need(secureBinding !== undefined, 'secureBinding', 'clientDtls()');
  else need(binding !== undefined, 'binding', 'udp()');
}
