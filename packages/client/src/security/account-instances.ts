import { Security, Server } from '@dunlin/lwm2m';

import { type InstanceView, storedNumber, storedTruth } from '../object-tree/stored-value.ts';

/** A Server Account: the instances of Objects 0 and 1 that name the same Server. Their ids are unrelated. */
export interface AccountInstances {
  readonly shortServerId: number;
  readonly securityInstanceId: number;
  readonly serverInstanceId: number;
}

/** All complete Server Accounts, in the order of their Security instances; of equal short server ids the first counts. */
export function accountsIn(view: InstanceView): readonly AccountInstances[] {
  const servers = new Map<number, number>();
  for (const id of view.instanceIds(Server.definition.id).toReversed()) {
    const shortServerId = storedNumber(view, Server(id).shortServerId.path);
    if (shortServerId !== undefined) servers.set(shortServerId, id);
  }
  const accounts = new Map<number, AccountInstances>();
  for (const securityInstanceId of view.instanceIds(Security.definition.id)) {
    if (isOfBootstrapServer(view, securityInstanceId)) continue;
    const shortServerId = shortServerIdOf(view, securityInstanceId);
    const serverInstanceId = shortServerId === undefined ? undefined : servers.get(shortServerId);
    if (shortServerId === undefined || serverInstanceId === undefined || accounts.has(shortServerId))
      continue;
    accounts.set(shortServerId, { shortServerId, securityInstanceId, serverInstanceId });
  }
  return [...accounts.values()];
}

/** The Security instance of the Bootstrap-Server. */
export function bootstrapInstanceIn(view: InstanceView): number | undefined {
  return view.instanceIds(Security.definition.id).find((id) => isOfBootstrapServer(view, id));
}

/** True when a Security instance is that of the Bootstrap-Server. */
export function isOfBootstrapServer(view: InstanceView, securityInstanceId: number): boolean {
  return storedTruth(view, Security(securityInstanceId).bootstrapServer.path);
}

/** `/0/x/10`. */
export function shortServerIdOf(view: InstanceView, securityInstanceId: number): number | undefined {
  return storedNumber(view, Security(securityInstanceId).shortServerId.path);
}
