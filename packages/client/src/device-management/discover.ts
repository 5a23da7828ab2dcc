import { utf8Encode } from '@dunlin/base';
import { ContentFormat, type Response, ResponseCode } from '@dunlin/coap';
import {
  type DiscoverAnswer,
  type DiscoveredInstance,
  type DiscoveredResource,
  effectiveAttributes,
  formatDiscoverLinks,
  type NotificationAttributes,
  type ObjectInstancePath,
  type ObjectPath,
  pathOf,
  type ResourcePath,
} from '@dunlin/lwm2m';

import type { OperationContext } from './operation-context.ts';

/** Objects up to this id are defined by the enabler, whose version is known from the registration. */
const lastEnablerObjectId = 7;

/**
 * Discover (1.0 §5.4.2): the target and what is instantiated below it, with the attributes that the asking
 * Server set there; on a Resource those in effect. It takes no right.
 */
export function discover(
  path: ObjectPath | ObjectInstancePath | ResourcePath,
  context: OperationContext,
): Response {
  const payload = utf8Encode(formatDiscoverLinks(answerFor(path, context)));
  return { code: ResponseCode.content, contentFormat: ContentFormat.linkFormat, payload };
}

function answerFor(
  path: ObjectPath | ObjectInstancePath | ResourcePath,
  context: OperationContext,
): DiscoverAnswer {
  switch (path.kind) {
    case 'object':
      return {
        kind: 'object',
        objectId: path.objectId,
        version: versionToSay(path.objectId, context),
        attributes: context.attributes.at(path),
        instances: context.tree
          .instanceIds(path.objectId)
          .map((id) => discoveredInstance(pathOf(path.objectId, id), context)),
      };
    case 'object-instance':
      return { kind: 'object-instance', objectId: path.objectId, ...discoveredInstance(path, context) };
    case 'resource': {
      const { objectId, objectInstanceId } = path;
      // The defaults of the Server instance are not attributes, so that they are not among those in effect here.
      const inEffect = effectiveAttributes(context.attributes.levels(path));
      const resource = discoveredResource(path, inEffect, context);
      return { kind: 'resource', objectId, objectInstanceId, ...resource, attributes: inEffect };
    }
  }
}

function discoveredInstance(path: ObjectInstancePath, context: OperationContext): DiscoveredInstance {
  const resources = [...(context.tree.instance(path)?.keys() ?? [])].map((id) => {
    const resourcePath = pathOf(path.objectId, path.objectInstanceId, id);
    return discoveredResource(resourcePath, context.attributes.at(resourcePath), context);
  });
  return {
    objectInstanceId: path.objectInstanceId,
    attributes: context.attributes.at(path),
    resources,
  };
}

/** `dim` is on every Multiple Resource; executable and write-only ones are listed too. */
function discoveredResource(
  path: ResourcePath,
  attributes: NotificationAttributes,
  { tree, now }: OperationContext,
): DiscoveredResource {
  const isMultiple = tree.definition(path.objectId)?.resources.get(path.resourceId)?.isMultiple === true;
  const content = isMultiple ? tree.content(path, now) : undefined;
  const dimension = content?.kind === 'multiple' ? content.values.size : undefined;
  return { resourceId: path.resourceId, dimension, attributes };
}

function versionToSay(objectId: number, { tree }: OperationContext): string | undefined {
  const version = tree.definition(objectId)?.version;
  return objectId > lastEnablerObjectId && version !== '1.0' ? version : undefined;
}
