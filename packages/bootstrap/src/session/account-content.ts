import { noBytes, utf8Encode } from '@dunlin/base';
import {
  AccessControl,
  type DataType,
  type ResourceContent,
  type ResourceContents,
  type ResourceDefinition,
  Security,
  Server,
  type Value,
} from '@dunlin/lwm2m';

import type { AccessControlEntry } from '../configuration/access-control.ts';
import {
  type BootstrapServerAccount,
  type GivenSecurity,
  type ServerAccount,
  serverAccountDefaults,
} from '../configuration/accounts.ts';

/** The instance of Object 0 of a server's account (1.0 E.1). */
export function securityOfServer(account: ServerAccount<GivenSecurity>): ResourceContents {
  const { resources } = Security;
  return contentsOf([
    ...securityValues(account.uri, false, account.security),
    [resources.shortServerId, account.shortServerId],
  ]);
}

/** The instance of Object 0 of the account of a Bootstrap-Server, which has no Short Server ID. */
export function securityOfBootstrapServer(account: BootstrapServerAccount): ResourceContents {
  const { resources } = Security;
  return contentsOf([
    ...securityValues(account.uri, true, account.security),
    [resources.clientHoldOffTime, account.clientHoldOffTime],
    [resources.bootstrapServerAccountTimeout, account.accountTimeout],
  ]);
}

/** The instance of Object 1 of a server's account (1.0 E.2). */
export function serverContents(account: ServerAccount): ResourceContents {
  const { resources } = Server;
  const {
    lifetime = serverAccountDefaults.lifetime,
    bindingMode = serverAccountDefaults.bindingMode,
    notificationStoring = serverAccountDefaults.notificationStoring,
  } = account;
  return contentsOf([
    [resources.shortServerId, account.shortServerId],
    [resources.lifetime, lifetime],
    [resources.defaultMinimumPeriod, account.defaultMinimumPeriod],
    [resources.defaultMaximumPeriod, account.defaultMaximumPeriod],
    [resources.disableTimeout, account.disableTimeout],
    [resources.notificationStoringWhenDisabledOrOffline, notificationStoring],
    [resources.binding, bindingMode],
  ]);
}

/** The instance of Object 2 for an entry (1.0 E.3). */
export function accessControlContents(entry: AccessControlEntry): ResourceContents {
  const { resources } = AccessControl;
  return contentsOf([
    [resources.objectId, entry.objectId],
    [resources.objectInstanceId, entry.objectInstanceId],
    [resources.acl, entry.acl.size === 0 ? undefined : entry.acl],
    [resources.accessControlOwner, entry.owner],
  ]);
}

type Entry = readonly [ResourceDefinition, Value | ReadonlyMap<number, Value> | undefined];

/** Those that a security mode does not use are written as empty: they are mandatory (R-1002). */
function securityValues(uri: string, isBootstrap: boolean, security: GivenSecurity): readonly Entry[] {
  const { resources } = Security;
  const { mode, identity, serverPublicKey, secretKey } = keyMaterial(security);
  return [
    [resources.lwm2mServerUri, uri],
    [resources.bootstrapServer, isBootstrap],
    [resources.securityMode, mode],
    [resources.publicKeyOrIdentity, identity],
    [resources.serverPublicKey, serverPublicKey],
    [resources.secretKey, secretKey],
  ];
}

interface KeyMaterial {
  readonly mode: number;
  readonly identity: Uint8Array;
  readonly serverPublicKey: Uint8Array;
  readonly secretKey: Uint8Array;
}

/** What Resources 2 to 5 of Object 0 hold in each security mode (1.0 §7.1.7 to §7.1.10). */
function keyMaterial(security: GivenSecurity): KeyMaterial {
  switch (security.kind) {
    case 'psk': {
      const { identity, key } = security;
      return { mode: 0, identity: utf8Encode(identity), serverPublicKey: noBytes, secretKey: key.reveal() };
    }
    case 'raw-public-key': {
      const { publicKey, privateKey, serverPublicKey } = security;
      return { mode: 1, identity: publicKey, serverPublicKey, secretKey: privateKey.reveal() };
    }
    case 'certificate': {
      const { certificate, privateKey, serverCertificate } = security;
      const secretKey = privateKey.reveal();
      return { mode: 2, identity: certificate, serverPublicKey: serverCertificate, secretKey };
    }
    case 'none':
      return { mode: 3, identity: noBytes, serverPublicKey: noBytes, secretKey: noBytes };
  }
}

function contentsOf(entries: readonly Entry[]): ResourceContents {
  const contents = new Map<number, ResourceContent>();
  for (const [{ id, type }, value] of entries) {
    if (value !== undefined) contents.set(id, resourceOf(type, value));
  }
  return contents;
}

function resourceOf(type: DataType, value: Value | ReadonlyMap<number, Value>): ResourceContent {
  return isMultiple(value) ? { kind: 'multiple', type, values: value } : { kind: 'single', type, value };
}

function isMultiple(value: Value | ReadonlyMap<number, Value>): value is ReadonlyMap<number, Value> {
  return value instanceof Map;
}
