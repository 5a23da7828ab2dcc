import type { BootstrapDiscovery, BootstrapInstance } from '@dunlin/lwm2m';

import type { DeletePath } from '../configuration/bootstrap-configuration.ts';

/** What a device has: the instances of each Object that it knows, by the Object's id. */
export type DeviceInstances = ReadonlyMap<number, readonly BootstrapInstance[]>;

/** What a device said that it has. */
export function instancesOf({ objects }: BootstrapDiscovery): DeviceInstances {
  return new Map(objects.map(({ objectId, instances }) => [objectId, instances]));
}

/** The instances of Object 0 that are accounts of a Bootstrap-Server: they have no Short Server ID. */
export function bootstrapServerIds(instances: DeviceInstances): readonly number[] {
  return (instances.get(0) ?? [])
    .filter(({ shortServerId }) => shortServerId === undefined)
    .map(({ objectInstanceId }) => objectInstanceId);
}

/** What is deleted with a path: a device keeps its Bootstrap-Server's account and the Device Object. */
export function deletedBy(path: DeletePath, objectId: number, instance: BootstrapInstance): boolean {
  if (objectId === 3 || (objectId === 0 && instance.shortServerId === undefined)) return false;
  switch (path.kind) {
    case 'root':
      return true;
    case 'object':
      return path.objectId === objectId;
    case 'object-instance':
      return path.objectId === objectId && path.objectInstanceId === instance.objectInstanceId;
  }
}

/** What is left after a Delete. */
export function withoutDeleted(instances: DeviceInstances, path: DeletePath): DeviceInstances {
  return new Map(
    [...instances].map(([objectId, present]) => [
      objectId,
      present.filter((instance) => !deletedBy(path, objectId, instance)),
    ]),
  );
}
