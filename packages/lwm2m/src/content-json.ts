import type { Content, ResourceContent, ResourceContents } from './content.ts';
import { type FormatFailure, isFormatFailure, malformed } from './format/format-failure.ts';
import { isJsonObject, type JsonObject, type JsonValue } from './format/json-value.ts';
import { maxId } from './path.ts';
import { valueFromJson, valueToJson } from './value-json.ts';
import { type DataType, dataTypes, type Value } from './value.ts';

/**
 * Content as JSON that says the data type of every value, so that it can be read back without a definition:
 * for stores and programs, never for devices. `contentFromJson` gives the same content back.
 */
export function contentToJson(content: Content): JsonObject {
  switch (content.kind) {
    case 'object':
      return { kind: content.kind, instances: byId(content.instances, resourcesToJson) };
    case 'object-instance':
      return { kind: content.kind, resources: resourcesToJson(content.resources) };
    case 'resource':
      return { kind: content.kind, resource: resourceContentToJson(content.resource) };
    case 'resource-instance':
      return {
        kind: content.kind,
        type: content.type,
        value: valueToJson(content.type, content.value),
      };
  }
}

/** The content that JSON of `contentToJson` stands for, or why it stands for none. */
export function contentFromJson(json: JsonValue): Content | FormatFailure {
  if (!isJsonObject(json)) return malformed('content is an object');
  const { kind } = json;
  if (typeof kind !== 'string') return malformed('content says of which kind it is');
  switch (kind) {
    case 'object': {
      const instances = mapFromJson(json['instances'], resourcesFromJson);
      return isFormatFailure(instances) ? instances : { kind, instances };
    }
    case 'object-instance': {
      const resources = resourcesFromJson(json['resources']);
      return isFormatFailure(resources) ? resources : { kind, resources };
    }
    case 'resource': {
      const resource = resourceContentFromJson(json['resource']);
      return isFormatFailure(resource) ? resource : { kind, resource };
    }
    case 'resource-instance': {
      const single = resourceContentFromJson({ type: json['type'], value: json['value'] });
      if (isFormatFailure(single)) return single;
      return single.kind === 'single'
        ? { kind, type: single.type, value: single.value }
        : malformed('a Resource Instance has one value');
    }
  }
  return malformed('the kind of the content is not known');
}

/** The content of one Resource as JSON: `{type, value}`, or `{type, values}` by Resource Instance id. */
export function resourceContentToJson(resource: ResourceContent): JsonObject {
  const { type } = resource;
  if (resource.kind === 'single') return { type, value: valueToJson(type, resource.value) };
  return { type, values: byId(resource.values, (value) => valueToJson(type, value)) };
}

/** The content that JSON of `resourceContentToJson` stands for, or why it stands for none. */
export function resourceContentFromJson(json: JsonValue | undefined): ResourceContent | FormatFailure {
  if (!isJsonObject(json)) return malformed('the content of a Resource is an object');
  const { type, value, values } = json;
  if (!isDataType(type)) return malformed('the data type of a Resource is not known');
  if (value !== undefined) {
    const single = valueFromJson(type, value);
    return isFormatFailure(single) ? single : { kind: 'single', type, value: single };
  }
  const multiple = mapFromJson<Value>(values, (each) =>
    each === undefined ? malformed('a value is missing') : valueFromJson(type, each),
  );
  return isFormatFailure(multiple) ? multiple : { kind: 'multiple', type, values: multiple };
}

function resourcesToJson(resources: ResourceContents): JsonObject {
  return byId(resources, resourceContentToJson);
}

function resourcesFromJson(json: JsonValue | undefined): ResourceContents | FormatFailure {
  return mapFromJson(json, resourceContentFromJson);
}

function byId<T>(entries: ReadonlyMap<number, T>, convert: (value: T) => JsonValue): JsonObject {
  return Object.fromEntries([...entries].map(([id, value]) => [String(id), convert(value)]));
}

function mapFromJson<T extends object | string | number | bigint | boolean>(
  json: JsonValue | undefined,
  convert: (json: JsonValue | undefined) => T | FormatFailure,
): ReadonlyMap<number, T> | FormatFailure {
  if (!isJsonObject(json)) return malformed('what has ids is an object');
  const entries = new Map<number, T>();
  for (const [name, member] of Object.entries(json)) {
    if (!/^(0|[1-9]\d{0,4})$/.test(name) || Number(name) > maxId) return malformed('an id is not one');
    const entry = convert(member);
    if (isFormatFailure(entry)) return entry;
    entries.set(Number(name), entry);
  }
  return entries;
}

const known: ReadonlySet<JsonValue | undefined> = new Set(dataTypes);

function isDataType(json: JsonValue | undefined): json is DataType {
  return known.has(json);
}
