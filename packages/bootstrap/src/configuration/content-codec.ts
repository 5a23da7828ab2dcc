import {
  type Content,
  type DataType,
  isFormatFailure,
  type JsonObject,
  type JsonValue,
  type ResourceContent,
  type ResourceContents,
  type Value,
  valueFromJson,
  valueToJson,
} from '@dunlin/lwm2m';

import { JsonReader, mapFrom, UnreadableError } from './json-reader.ts';

/** Content as a JSON document that says the type of every value. */
export function encodeContentDocument(content: Content): JsonObject {
  const { kind } = content;
  switch (kind) {
    case 'object':
      return {
        kind,
        instances: [...content.instances].map(([id, resources]) => [id, contentsDocument(resources)]),
      };
    case 'object-instance':
      return { kind, resources: contentsDocument(content.resources) };
    case 'resource':
      return { kind, resource: resourceDocument(content.resource) };
    case 'resource-instance':
      return { kind, type: content.type, value: valueToJson(content.type, content.value) };
  }
}

/** The content in a document of `encodeContentDocument`. Throws an `UnreadableError`. */
export function decodeContentDocument(document: JsonValue): Content {
  const reader = new JsonReader(document);
  const kind = reader.text('kind');
  switch (kind) {
    case 'object':
      return { kind, instances: mapFrom(reader.value('instances'), contentsFrom) };
    case 'object-instance':
      return { kind, resources: contentsFrom(reader.value('resources')) };
    case 'resource':
      return { kind, resource: resourceFrom(reader.value('resource')) };
    case 'resource-instance': {
      const type = typeIn(reader);
      return { kind, type, value: valueFrom(type, reader.value('value')) };
    }
  }
  throw new UnreadableError('the kind of content is not known');
}

function contentsDocument(resources: ResourceContents): JsonValue {
  return [...resources].map(([id, resource]) => [id, resourceDocument(resource)]);
}

function resourceDocument(resource: ResourceContent): JsonObject {
  const { type } = resource;
  return resource.kind === 'single'
    ? { type, value: valueToJson(type, resource.value) }
    : { type, values: [...resource.values].map(([id, value]) => [id, valueToJson(type, value)]) };
}

function contentsFrom(document: JsonValue): ResourceContents {
  return mapFrom(document, resourceFrom);
}

function resourceFrom(document: JsonValue): ResourceContent {
  const reader = new JsonReader(document);
  const type = typeIn(reader);
  return reader.has('values')
    ? { kind: 'multiple', type, values: mapFrom(reader.value('values'), (value) => valueFrom(type, value)) }
    : { kind: 'single', type, value: valueFrom(type, reader.value('value')) };
}

function valueFrom(type: DataType, document: JsonValue): Value {
  const value = valueFromJson(type, document);
  if (isFormatFailure(value)) throw new UnreadableError(value.reason);
  return value;
}

function typeIn(reader: JsonReader): DataType {
  const text = reader.text('type');
  const type = dataTypes.find((candidate) => candidate === text);
  if (type === undefined) throw new UnreadableError('a data type is not known');
  return type;
}

/** Those that have values. */
const dataTypes = [
  'string',
  'integer',
  'unsigned-integer',
  'float',
  'boolean',
  'opaque',
  'time',
  'objlnk',
  'corelnk',
] as const satisfies readonly DataType[];
