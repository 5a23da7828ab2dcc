import { noBytes } from '@dunlin/base';
import { Security } from '@dunlin/lwm2m';

import type { ObjectSetup } from '../object-tree/object-setup.ts';
import { objectInstances } from './object-instances.ts';
import type { ServerAccount } from './server-account.ts';

/** NoSec, the value of `/0/x/2` for a channel without DTLS (1.0 §7.1.10). */
const noSec = 3;

/** The Security Object, `/0`: an instance per account. No Server ever sees it (R-1001). */
export function securityObject(accounts: readonly ServerAccount[]): ObjectSetup {
  return objectInstances(
    Security,
    Object.fromEntries(
      accounts.map((account, objectInstanceId) => [
        objectInstanceId,
        {
          lwm2mServerUri: account.uri,
          bootstrapServer: false,
          securityMode: noSec,
          publicKeyOrIdentity: noBytes,
          serverPublicKey: noBytes,
          secretKey: noBytes,
          shortServerId: account.shortServerId,
        },
      ]),
    ),
  );
}
