import type { Content } from '../content.ts';
import type { ObjectDefinition } from '../object-definition.ts';
import { formatPath, type Path } from '../path.ts';
import { checkValue } from '../value-check.ts';
import type { DataType, Value } from '../value.ts';
import { type FormatFailure, notExpressible } from './format-failure.ts';
import { definitionOfResource } from './resource-definition.ts';

/** One value with its type: all that the formats for single values can hold. */
export interface TypedValue {
  readonly type: DataType;
  readonly value: Value;
}

/**
 * The type that a payload of one value has at a path: that of the definition, else `otherwise`. Fails for a
 * path that holds more than one value.
 */
export function typeForSingle(
  path: Path,
  definition: ObjectDefinition | undefined,
  otherwise: DataType,
): DataType | FormatFailure {
  if (path.kind !== 'resource' && path.kind !== 'resource-instance') {
    return notExpressible(`the format holds one value, and ${formatPath(path)} is not a Resource`);
  }
  const resource = definitionOfResource(definition, path.objectId, path.resourceId);
  if (resource === undefined) return otherwise;
  if (path.kind === 'resource' && resource.isMultiple) {
    return notExpressible(`the format holds one value, and ${formatPath(path)} is a Multiple Resource`);
  }
  return resource.type;
}

/** Content of one value at the path of a Resource or Resource Instance. */
export function singleContent(path: Path, type: DataType, value: Value): Content {
  return path.kind === 'resource-instance'
    ? { kind: 'resource-instance', type, value }
    : { kind: 'resource', resource: { kind: 'single', type, value } };
}

/** The one value of content, checked against its type; fails when content is not of one value, or not that of the path. */
export function singleValueOf(path: Path, content: Content): TypedValue | FormatFailure {
  if (content.kind !== path.kind) {
    return notExpressible(`content of kind ${content.kind} is not what ${formatPath(path)} holds`);
  }
  const single = content.kind === 'resource' ? content.resource : content;
  if (single.kind !== 'single' && single.kind !== 'resource-instance') {
    return notExpressible(
      `the format holds one value, and ${formatPath(path)} is not a Resource with one value`,
    );
  }
  const problem = checkValue(single.type, single.value);
  return problem === undefined
    ? single
    : notExpressible(`the value of ${formatPath(path)} does not fit: ${problem}`);
}
