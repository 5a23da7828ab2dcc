import { AccessControl, maxId, pathOf } from '@dunlin/lwm2m';

import { type InstanceView, storedNumber } from '../object-tree/stored-value.ts';

/** What one Access Control instance says. */
export interface AccessControlRecord {
  /** Its own id, the x of `/2/x`. */
  readonly id: number;
  readonly owner: number;
  /** Bits of rights by short server id; 0 is for those without an entry. */
  readonly acl: ReadonlyMap<number, number>;
}

/** The Access Control instance for an Object Instance, or for the creation of instances; `undefined` when there is none. */
export function findAccessControl(
  view: InstanceView,
  objectId: number,
  objectInstanceId: number = maxId,
): AccessControlRecord | undefined {
  for (const id of view.instanceIds(AccessControl.definition.id)) {
    const { objectId: object, objectInstanceId: instance } = AccessControl(id);
    if (storedNumber(view, object.path) !== objectId) continue;
    if (storedNumber(view, instance.path) === objectInstanceId) return accessControlAt(view, id);
  }
  return undefined;
}

/** What the instance `/2/{id}` says; without an owner it is the Bootstrap-Server's. */
export function accessControlAt(view: InstanceView, id: number): AccessControlRecord {
  const { accessControlOwner } = AccessControl(id);
  const resource = view
    .instance(pathOf(AccessControl.definition.id, id))
    ?.get(AccessControl.resources.acl.id);
  const entries =
    resource?.kind === 'stored' && resource.content.kind === 'multiple' ? resource.content.values : [];
  return {
    id,
    owner: storedNumber(view, accessControlOwner.path) ?? maxId,
    acl: new Map([...entries].map(([server, bits]) => [server, Number(bits)])),
  };
}
