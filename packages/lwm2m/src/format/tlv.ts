import type { Content, ResourceContent, ResourceContents } from '../content.ts';
import type { ObjectDefinition } from '../object-definition.ts';
import { formatPath, maxId, type Path } from '../path.ts';
import { checkValue } from '../value-check.ts';
import type { DataType, Value } from '../value.ts';
import { type FormatFailure, notExpressible } from './format-failure.ts';
import type { FormatLimits } from './format-limits.ts';
import { TlvDecoder } from './tlv-decoder.ts';
import { TlvKind } from './tlv-reader.ts';
import { writeTlvValue } from './tlv-value.ts';
import { TlvWriter } from './tlv-writer.ts';

/**
 * Content from TLV (Content-Format 11542, 1.0 §6.4.3). Resources without definition, and executable ones,
 * are kept as opaque bytes, single or multiple as their TLV says. A path of an Object gives content of kind
 * `object-instance` when the payload holds bare Resources; an empty payload is an empty Object,
 * Object Instance or Multiple Resource.
 */
export function decodeTlv(
  path: Path,
  payload: Uint8Array,
  definition: ObjectDefinition | undefined,
  limits: FormatLimits,
): Content | FormatFailure {
  return new TlvDecoder(payload, definition, limits).decode(path);
}

/** One buffer serves all encodings, for none of them yields before it is done. */
const writer = new TlvWriter();

/**
 * TLV from content: every Object Instance of an Object wrapped, and none of an Object Instance (R-1112); a
 * Multiple Resource always as such (R-1113).
 */
export function encodeTlv(path: Path, content: Content): Uint8Array | FormatFailure {
  writer.reset();
  const failure = writeContent(path, content);
  if (failure !== undefined) return failure;
  return writer.isTooLong ? notExpressible('a value is longer than 2^24-1 bytes') : writer.toBytes();
}

function writeContent(path: Path, content: Content): FormatFailure | undefined {
  switch (content.kind) {
    case 'object':
      return path.kind === 'object' ? writeObject(content.instances) : mismatch(path, content);
    case 'object-instance':
      return path.kind === 'object' || path.kind === 'object-instance'
        ? writeResources(content.resources)
        : mismatch(path, content);
    case 'resource':
      return path.kind === 'resource'
        ? writeResource(path.resourceId, content.resource)
        : mismatch(path, content);
    case 'resource-instance':
      return path.kind === 'resource-instance'
        ? writeValue(TlvKind.resourceInstance, path.resourceInstanceId, content.type, content.value)
        : mismatch(path, content);
  }
}

function writeObject(instances: ReadonlyMap<number, ResourceContents>): FormatFailure | undefined {
  for (const [id, resources] of instances) {
    if (id === maxId) return notExpressible('65535 is not the id of an Object Instance');
    const begun = writer.begin();
    const failure = writeResources(resources);
    if (failure !== undefined) return failure;
    writer.end(TlvKind.objectInstance, id, begun);
  }
  return undefined;
}

function writeResources(resources: ResourceContents): FormatFailure | undefined {
  for (const [id, resource] of resources) {
    const failure = writeResource(id, resource);
    if (failure !== undefined) return failure;
  }
  return undefined;
}

function writeResource(id: number, resource: ResourceContent): FormatFailure | undefined {
  if (resource.kind === 'single') return writeValue(TlvKind.resource, id, resource.type, resource.value);
  const begun = writer.begin();
  for (const [instanceId, value] of resource.values) {
    const failure = writeValue(TlvKind.resourceInstance, instanceId, resource.type, value);
    if (failure !== undefined) return failure;
  }
  writer.end(TlvKind.multipleResource, id, begun);
  return undefined;
}

function writeValue(kind: TlvKind, id: number, type: DataType, value: Value): FormatFailure | undefined {
  const problem = checkValue(type, value);
  if (problem === undefined && writeTlvValue(writer, kind, id, type, value)) return undefined;
  return notExpressible(
    `the value of ${kind === TlvKind.resource ? 'Resource' : 'Resource Instance'} ${id} does not fit: ${problem}`,
  );
}

function mismatch(path: Path, content: Content): FormatFailure {
  return notExpressible(`content of kind ${content.kind} is not what ${formatPath(path)} holds`);
}
