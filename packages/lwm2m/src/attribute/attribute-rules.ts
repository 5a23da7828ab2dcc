import { ResponseCode } from '@dunlin/coap';

import type { NotificationAttributes, NotificationAttributesChange } from '../notification-attributes.ts';
import type { ResourceDefinition } from '../object-definition.ts';
import type { Path } from '../path.ts';
import { type Refusal, refusal } from '../refusal.ts';
import type { DataType } from '../value.ts';
import { attributesFrom } from './attribute-set.ts';

/**
 * The attributes at one level after a Write-Attributes, or why it is refused, in which case those before it
 * stay. The rules are checked on the resulting set:
 * - only Objects, Object Instances and Resources have attributes;
 * - `gt`, `lt` and `st` belong to a numeric Resource only (4.00);
 * - a Resource that cannot be read has none (4.05, R-104);
 * - `lt` is less than `gt`, by more than twice `st` (4.00).
 *
 * A `pmax` below `pmin` is accepted, and has no effect as long as it is. Time counts as
 * numeric. Without a definition nothing is known of the Resource, and its type is not checked.
 */
export function applyAttributesChange(
  level: Path['kind'],
  current: NotificationAttributes,
  change: NotificationAttributesChange,
  definition?: ResourceDefinition,
): NotificationAttributes | Refusal {
  const problem = checkLevel(level, change, definition);
  if (problem !== undefined) return problem;
  const result = merge(current, change);
  return checkThresholds(result) ?? result;
}

function checkLevel(
  level: Path['kind'],
  change: NotificationAttributesChange,
  definition: ResourceDefinition | undefined,
): Refusal | undefined {
  if (level === 'root' || level === 'resource-instance') {
    return refusal(ResponseCode.methodNotAllowed, 'there are no attributes at this level');
  }
  if (definition !== undefined && !definition.operations.includes('R')) {
    return refusal(ResponseCode.methodNotAllowed, 'a Resource that cannot be read has no attributes');
  }
  if (change.gt === undefined && change.lt === undefined && change.st === undefined) return undefined;
  if (level !== 'resource') {
    return refusal(ResponseCode.badRequest, 'gt, lt and st can be set on a Resource only');
  }
  if (definition !== undefined && !isNumeric(definition.type)) {
    return refusal(ResponseCode.badRequest, 'gt, lt and st can be set on a numeric Resource only');
  }
  return undefined;
}

function checkThresholds({ gt, lt, st = 0 }: NotificationAttributes): Refusal | undefined {
  if (st < 0) return refusal(ResponseCode.badRequest, 'st is negative');
  if (gt === undefined || lt === undefined) return undefined;
  if (lt >= gt) return refusal(ResponseCode.badRequest, 'lt is not less than gt');
  if (lt + 2 * st >= gt) return refusal(ResponseCode.badRequest, 'lt + 2 * st is not less than gt');
  return undefined;
}

function merge(
  current: NotificationAttributes,
  change: NotificationAttributesChange,
): NotificationAttributes {
  return attributesFrom((name) => {
    const changed = change[name];
    return changed === undefined ? current[name] : (changed ?? undefined);
  });
}

function isNumeric(type: DataType): boolean {
  return type === 'integer' || type === 'unsigned-integer' || type === 'float' || type === 'time';
}
