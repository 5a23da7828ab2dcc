import { Security } from '@dunlin/lwm2m';

import type { ObjectSetup } from '../object-tree/object-setup.ts';
import { securityValues } from '../security/server-security.ts';
import { smsValues } from '../sms/sms-account.ts';
import { objectInstances } from './object-instances.ts';
import type { InstanceInput } from './resource-input.ts';
import type { BootstrapServerAccount } from '../bootstrap/bootstrap-server-account.ts';
import type { CompleteServerAccount } from './server-account.ts';

/**
 * The Security Object, `/0`: an instance per account, that of the Bootstrap-Server last. No Server ever sees it
 * (R-1001).
 */
export function securityObject(
  accounts: readonly CompleteServerAccount[],
  bootstrapServer: BootstrapServerAccount | undefined,
): ObjectSetup {
  const instances: SecurityInput[] = accounts.map(({ uri, security, sms, shortServerId }) => ({
    lwm2mServerUri: uri,
    bootstrapServer: false,
    ...securityValues(security),
    ...smsValues(sms),
    shortServerId,
  }));
  if (bootstrapServer !== undefined) instances.push(instanceOf(bootstrapServer));
  return objectInstances(Security, Object.fromEntries(instances.entries()));
}

type SecurityInput = InstanceInput<typeof Security.resources>;

function instanceOf(account: BootstrapServerAccount): SecurityInput {
  const { uri, security = { mode: 'none' }, clientHoldOffTime, accountTimeout } = account;
  return {
    lwm2mServerUri: uri,
    bootstrapServer: true,
    ...securityValues(security),
    clientHoldOffTime,
    bootstrapServerAccountTimeout: accountTimeout,
  };
}
