import type { Content, ResourceContent } from '../content.ts';
import type { ObjectDefinition } from '../object-definition.ts';
import { formatPath, maxId, type Path, pathIds } from '../path.ts';
import type { DataType, Value } from '../value.ts';
import { type FormatFailure, isFormatFailure, malformed } from './format-failure.ts';
import { type JsonEntry, jsonEntryValue } from './json-entry.ts';
import { definitionOfResource } from './resource-definition.ts';
import type { TypedValue } from './single-value.ts';

/** A Resource while its entries come in; `type` may widen from integer to float when it has no definition. */
interface GrowingResource {
  kind: 'single' | 'multiple';
  type: DataType;
  readonly values: Map<number, Value>;
}

/** Stands for the id of an Object Instance that the payload leaves open. */
const openInstance = -1;

/** The content at a path that has no entries; fails when there must be a value. */
export function emptyContent(path: Path, definition: ObjectDefinition | undefined): Content | FormatFailure {
  if (path.kind === 'object') return { kind: 'object', instances: new Map() };
  if (path.kind === 'object-instance') return { kind: 'object-instance', resources: new Map() };
  if (path.kind !== 'resource') return malformed(`there is no value for ${formatPath(path)}`);
  const known = definitionOfResource(definition, path.objectId, path.resourceId);
  if (known?.isMultiple === false) return malformed(`there is no value for ${formatPath(path)}`);
  return {
    kind: 'resource',
    resource: { kind: 'multiple', type: known?.type ?? 'string', values: new Map() },
  };
}

/** The content at a path that entries, all below that path, amount to. */
export function contentOfEntries(
  path: Path,
  entries: readonly JsonEntry[],
  definition: ObjectDefinition | undefined,
): Content | FormatFailure {
  const isOpen = path.kind === 'object' && entries.some((entry) => entry.path.kind === 'object-instance');
  const instances = new Map<number, Map<number, GrowingResource>>();
  for (const entry of entries) {
    const failure = add(instances, entry, definition, isOpen);
    if (failure !== undefined) return failure;
  }
  return contentFrom(path, instances);
}

function add(
  instances: Map<number, Map<number, GrowingResource>>,
  entry: JsonEntry,
  definition: ObjectDefinition | undefined,
  isOpen: boolean,
): FormatFailure | undefined {
  const [objectId = 0, ...rest] = pathIds(entry.path);
  const [instanceId = 0, resourceId, resourceInstanceId, ...tooMany] = isOpen
    ? [openInstance, ...rest]
    : rest;
  if (resourceId === undefined || tooMany.length > 0) {
    return malformed(`${formatPath(entry.path)} is neither a Resource nor a Resource Instance`);
  }
  if (instanceId === maxId) return malformed('65535 is not the id of an Object Instance');
  const known = definitionOfResource(definition, objectId, resourceId);
  const kind = resourceInstanceId === undefined ? 'single' : 'multiple';
  if (known !== undefined && known.isMultiple !== (kind === 'multiple')) {
    return malformed(
      `Resource ${resourceId} is ${known.isMultiple ? 'Multiple' : 'Single'}, its entry is not`,
    );
  }
  const typed = jsonEntryValue(entry, known?.type);
  if (isFormatFailure(typed)) return typed;
  const resources = instances.get(instanceId) ?? new Map<number, GrowingResource>();
  instances.set(instanceId, resources);
  const resource = resources.get(resourceId) ?? { kind, type: typed.type, values: new Map() };
  resources.set(resourceId, resource);
  if (resource.kind !== kind) return malformed(`Resource ${resourceId} is both Single and Multiple`);
  return addValue(resource, resourceInstanceId ?? 0, typed, entry.path);
}

function addValue(
  resource: GrowingResource,
  id: number,
  typed: TypedValue,
  path: Path,
): FormatFailure | undefined {
  if (resource.values.has(id)) return malformed(`${formatPath(path)} comes twice`);
  resource.values.set(id, typed.value);
  if (typed.type === resource.type) return undefined;
  if (!isNumeric(typed.type) || !isNumeric(resource.type)) {
    return malformed(`the values of the Resource of ${formatPath(path)} are of different types`);
  }
  resource.type = 'float';
  for (const [instanceId, value] of resource.values) resource.values.set(instanceId, Number(value));
  return undefined;
}

function contentFrom(
  path: Path,
  instances: ReadonlyMap<number, ReadonlyMap<number, GrowingResource>>,
): Content | FormatFailure {
  const open = instances.get(openInstance);
  if (open !== undefined) return { kind: 'object-instance', resources: finished(open) };
  switch (path.kind) {
    case 'root':
    case 'object':
      return {
        kind: 'object',
        instances: new Map(Array.from(instances, ([id, resources]) => [id, finished(resources)])),
      };
    case 'object-instance':
      return {
        kind: 'object-instance',
        resources: finished(instances.get(path.objectInstanceId) ?? new Map()),
      };
    case 'resource':
    case 'resource-instance': {
      const growing = instances.get(path.objectInstanceId)?.get(path.resourceId);
      const resource = growing && finishedResource(growing);
      if (resource === undefined) return malformed(`there is no value for ${formatPath(path)}`);
      if (path.kind === 'resource') return { kind: 'resource', resource };
      const value = resource.kind === 'multiple' ? resource.values.get(path.resourceInstanceId) : undefined;
      return value === undefined
        ? malformed(`there is no value for ${formatPath(path)}`)
        : { kind: 'resource-instance', type: resource.type, value };
    }
  }
}

function finished(resources: ReadonlyMap<number, GrowingResource>): ReadonlyMap<number, ResourceContent> {
  const contents = new Map<number, ResourceContent>();
  for (const [id, growing] of resources) {
    const resource = finishedResource(growing);
    if (resource !== undefined) contents.set(id, resource);
  }
  return contents;
}

function finishedResource(growing: GrowingResource): ResourceContent | undefined {
  const { kind, type, values } = growing;
  if (kind === 'multiple') return { kind, type, values };
  const value = values.get(0);
  return value === undefined ? undefined : { kind, type, value };
}

function isNumeric(type: DataType): boolean {
  return type === 'integer' || type === 'unsigned-integer' || type === 'float';
}
