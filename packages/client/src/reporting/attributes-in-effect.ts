import { type Seconds, seconds } from '@dunlin/base';
import type { Response } from '@dunlin/coap';
import {
  type ConditionsAt,
  effectiveAttributes,
  type NotificationAttributes,
  type Path,
  pathOf,
  reportingPeriods,
  type ResourcePath,
  Server,
} from '@dunlin/lwm2m';

import type { OperationContext } from '../device-management/operation-context.ts';
import type { ObjectTree } from '../object-tree/object-tree.ts';
import { storedNumber } from '../object-tree/stored-value.ts';

/** The attributes in effect at an observed path, the defaults of the Server included. */
export function attributesInEffect(path: Path, context: OperationContext): NotificationAttributes {
  return effectiveAttributes([defaultPeriods(context), ...context.attributes.levels(path)]);
}

/** The gt, lt and st that filter changes of Resources below an observed Object or Object Instance. */
export function conditionsBelow(path: Path, { attributes }: OperationContext): ConditionsAt | undefined {
  if (path.kind !== 'object' && path.kind !== 'object-instance') return undefined;
  return ({ objectInstanceId, resourceId }) =>
    attributes.at(pathOf(path.objectId, objectInstanceId, resourceId));
}

/** How long a content of an observation is to be taken as current: until pmax brings the next (CR-8.15). */
export function freshness(attributes: NotificationAttributes): Pick<Response, 'maxAge'> {
  const { pmax } = reportingPeriods(attributes);
  return pmax === undefined ? {} : { maxAge: pmax };
}

/** `/1/x/2` and `/1/x/3` of the observing Server. */
function defaultPeriods({ tree, shortServerId }: OperationContext): NotificationAttributes {
  for (const id of tree.instanceIds(Server.definition.id)) {
    const server = Server(id);
    if (storedNumber(tree, server.shortServerId.path) !== shortServerId) continue;
    return {
      pmin: period(tree, server.defaultMinimumPeriod.path),
      pmax: period(tree, server.defaultMaximumPeriod.path),
    };
  }
  return {};
}

function period(tree: ObjectTree, path: ResourcePath): Seconds | undefined {
  const value = storedNumber(tree, path);
  return value === undefined ? undefined : seconds(value);
}
