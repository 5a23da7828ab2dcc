import { type IncomingRequest, type Response, ResponseCode } from '@dunlin/coap';
import {
  applyAttributesChange,
  isRefusal,
  parseAttributeQuery,
  type Path,
  type Refusal,
  refusal,
} from '@dunlin/lwm2m';

import type { OperationContext } from './operation-context.ts';

/** Write-Attributes (1.0 §5.4.4): all the attributes of the query or none. */
export function writeAttributes(
  path: Path,
  request: IncomingRequest,
  context: OperationContext,
): Response | Refusal {
  const change = parseAttributeQuery(request.uriQuery);
  if (isRefusal(change)) return change;
  const definition =
    path.kind === 'resource'
      ? context.tree.definition(path.objectId)?.resources.get(path.resourceId)
      : undefined;
  const attributes = applyAttributesChange(path.kind, context.attributes.at(path), change, definition);
  if (isRefusal(attributes)) return attributes;
  if (!context.attributes.set(path, attributes)) {
    return refusal(ResponseCode.internalServerError, 'no room for the attributes of more paths');
  }
  return { code: ResponseCode.changed };
}
