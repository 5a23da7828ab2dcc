import { Security } from '@dunlin/lwm2m';

import type { ObjectSetup } from '../object-tree/object-setup.ts';
import { securityValues } from '../security/server-security.ts';
import { objectInstances } from './object-instances.ts';
import type { CompleteServerAccount } from './server-account.ts';

/** The Security Object, `/0`: an instance per account. No Server ever sees it (R-1001). */
export function securityObject(accounts: readonly CompleteServerAccount[]): ObjectSetup {
  return objectInstances(
    Security,
    Object.fromEntries(
      accounts.map(({ uri, security, shortServerId }, objectInstanceId) => [
        objectInstanceId,
        { lwm2mServerUri: uri, bootstrapServer: false, ...securityValues(security), shortServerId },
      ]),
    ),
  );
}
