import { ResponseCode } from '@dunlin/coap';
import {
  type BootstrapDiscovery,
  type BootstrapObject,
  enablerVersion,
  formatEnablerVersion,
  type Path,
  type Refusal,
  refusal,
  Security,
  Server,
} from '@dunlin/lwm2m';

import type { ObjectTree } from '../object-tree/object-tree.ts';
import { type InstanceView, storedNumber } from '../object-tree/stored-value.ts';
import { isOfBootstrapServer, shortServerIdOf } from '../security/account-instances.ts';

/** Discover (1.0 §5.2.7.3): Objects and instances as they are planned, Security among them. */
export function bootstrapDiscovery(
  path: Path,
  view: InstanceView,
  tree: ObjectTree,
): BootstrapDiscovery | Refusal {
  if (path.kind === 'object' && tree.definition(path.objectId) === undefined) {
    return refusal(ResponseCode.notFound, `Object ${path.objectId} is not supported`);
  }
  const objectIds = path.kind === 'object' ? [path.objectId] : tree.objectIds;
  return {
    enablerVersion: formatEnablerVersion(enablerVersion),
    objects: objectIds.map((id) => objectOf(id, view, tree)),
  };
}

function objectOf(objectId: number, view: InstanceView, tree: ObjectTree): BootstrapObject {
  const version = tree.definition(objectId)?.version;
  return {
    objectId,
    ...(version !== undefined && version !== '1.0' && { version }),
    instances: view.instanceIds(objectId).map((objectInstanceId) => ({
      objectInstanceId,
      shortServerId: shortServerIdAt(objectId, objectInstanceId, view),
    })),
  };
}

function shortServerIdAt(objectId: number, objectInstanceId: number, view: InstanceView): number | undefined {
  switch (objectId) {
    case Security.definition.id:
      return isOfBootstrapServer(view, objectInstanceId)
        ? undefined
        : shortServerIdOf(view, objectInstanceId);
    case Server.definition.id:
      return storedNumber(view, Server(objectInstanceId).shortServerId.path);
    default:
      return undefined;
  }
}
