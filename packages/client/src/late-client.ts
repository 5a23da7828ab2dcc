import { UsageError } from '@dunlin/base';

import type { ClientCoreOptions } from './client-core-options.ts';
import type { ClientCore } from './client-core.ts';
import {
  bootstrapCredential,
  credentialAt,
  type CredentialFor,
  type SecureCredential,
} from './security/secure-credential.ts';
import { type SmsNeeds, type SmsPolicy, smsPolicyDefaults } from './sms/client-sms.ts';
import { smsCredentialAt } from './sms/sms-credential.ts';

/** Stands in for a client that needs its bindings to come into being. */
export class LateClient implements SmsNeeds {
  core: ClientCore | undefined;
  readonly #policy: SmsPolicy;

  constructor(policy: Partial<SmsPolicy> | undefined) {
    this.#policy = { ...smsPolicyDefaults, ...policy };
  }

  readonly credentialAt: CredentialFor = (host, port) => credentialAt(this.#present.tree, host, port);

  readonly bootstrapCredential = (): SecureCredential | undefined =>
    this.core === undefined ? undefined : bootstrapCredential(this.core.tree);

  readonly credentialFor: SmsNeeds['credentialFor'] = (number) => smsCredentialAt(this.#present.tree, number);

  readonly isServerNumber: SmsNeeds['isServerNumber'] = (number) =>
    this.core?.smsChannel(number) !== undefined;

  readonly unprotectedFrom: SmsNeeds['unprotectedFrom'] = (number) => {
    const channel = this.core?.smsChannel(number);
    if (channel === undefined || channel.isSecure) return 'none';
    return this.#policy.unprotected === 'everything' ? 'all' : 'triggers';
  };

  /** Before the client is open there is nothing to go on with. */
  resume: ClientCoreOptions['resume'] = () => undefined;

  get #present(): ClientCore {
    if (this.core === undefined) throw new UsageError('The client is not open yet.');
    return this.core;
  }
}
