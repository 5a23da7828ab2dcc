import type { Content, ResourceContent, ResourceContents } from '../content.ts';
import type { ObjectDefinition } from '../object-definition.ts';
import {
  formatPath,
  maxId,
  type ObjectInstancePath,
  type ObjectPath,
  type Path,
  type ResourceInstancePath,
  type ResourcePath,
} from '../path.ts';
import type { DataType, Value } from '../value.ts';
import { type FormatFailure, malformed, notExpressible } from './format-failure.ts';
import type { FormatLimits } from './format-limits.ts';
import { definitionOfResource } from './resource-definition.ts';
import { TlvKind, TlvReader } from './tlv-reader.ts';
import { tlvValueFrom } from './tlv-value.ts';

/** Reads one TLV payload into content; made for one call of `decode`. */
export class TlvDecoder {
  readonly #payload: Uint8Array;
  readonly #definition: ObjectDefinition | undefined;
  readonly #limits: FormatLimits;
  #count = 0;
  #failure: FormatFailure | undefined;

  constructor(payload: Uint8Array, definition: ObjectDefinition | undefined, limits: FormatLimits) {
    this.#payload = payload;
    this.#definition = definition;
    this.#limits = limits;
  }

  decode(path: Path): Content | FormatFailure {
    if (this.#payload.length > this.#limits.maxPayloadLength) return malformed('the payload is too long');
    const content = this.#contentOf(path);
    return this.#failure ?? content ?? malformed('the payload cannot be read');
  }

  #contentOf(path: Path): Content | undefined {
    switch (path.kind) {
      case 'root':
        this.#failure = notExpressible('TLV has no form for the root');
        return undefined;
      case 'object':
        return this.#object(path);
      case 'object-instance': {
        const resources = this.#objectInstance(path);
        return resources && { kind: 'object-instance', resources };
      }
      case 'resource': {
        const resource = this.#resource(path);
        return resource && { kind: 'resource', resource };
      }
      case 'resource-instance':
        return this.#resourceInstance(path);
    }
  }

  #object(path: ObjectPath): Content | undefined {
    const reader = this.#reader(0, this.#payload.length);
    if (!this.#next(reader)) return this.#failure ? undefined : { kind: 'object', instances: new Map() };
    if (reader.kind !== TlvKind.objectInstance) {
      const resources = this.#resources(path.objectId, 0, this.#payload.length);
      return resources && { kind: 'object-instance', resources };
    }
    const instances = new Map<number, ResourceContents>();
    do {
      if (reader.kind !== TlvKind.objectInstance)
        return this.#fail(`a ${nameOf(reader.kind)} beside Object Instances`);
      if (reader.id === maxId) return this.#fail('65535 is not the id of an Object Instance');
      if (instances.has(reader.id)) return this.#fail(`Object Instance ${reader.id} comes twice`);
      const resources = this.#resources(path.objectId, reader.start, reader.end);
      if (resources === undefined) return undefined;
      instances.set(reader.id, resources);
    } while (this.#next(reader));
    return { kind: 'object', instances };
  }

  /** The Resources of an Object Instance: bare, or in the one wrapper that names it (R-447, R-1112). */
  #objectInstance(path: ObjectInstancePath | ResourcePath): ResourceContents | undefined {
    const reader = this.#reader(0, this.#payload.length);
    const hasFirst = this.#next(reader);
    if (this.#failure) return undefined;
    if (!hasFirst || reader.kind !== TlvKind.objectInstance) {
      return this.#resources(path.objectId, 0, this.#payload.length);
    }
    if (reader.id !== path.objectInstanceId) {
      return this.#fail(`Object Instance ${reader.id} is not the one addressed by ${formatPath(path)}`);
    }
    const resources = this.#resources(path.objectId, reader.start, reader.end);
    if (this.#next(reader)) return this.#fail('something follows the Object Instance');
    return resources;
  }

  #resources(objectId: number, start: number, end: number): ResourceContents | undefined {
    const resources = new Map<number, ResourceContent>();
    const reader = this.#reader(start, end);
    while (this.#next(reader)) {
      if (reader.kind !== TlvKind.resource && reader.kind !== TlvKind.multipleResource) {
        return this.#fail(`a ${nameOf(reader.kind)} where Resources belong`);
      }
      const { id } = reader;
      if (resources.has(id)) return this.#fail(`Resource ${id} comes twice`);
      const resource = this.#resourceFrom(reader, objectId);
      if (resource === undefined) return undefined;
      resources.set(id, resource);
    }
    return resources;
  }

  /** The Resource in one TLV of kind Resource or Multiple Resource. */
  #resourceFrom(reader: TlvReader, objectId: number): ResourceContent | undefined {
    const { id } = reader;
    const known = definitionOfResource(this.#definition, objectId, id);
    const type = known?.type ?? 'opaque';
    const isMultiple = reader.kind === TlvKind.multipleResource;
    if (known !== undefined && known.isMultiple !== isMultiple) {
      return this.#fail(`Resource ${id} is ${known.isMultiple ? 'Multiple' : 'Single'}, its TLV is not`);
    }
    if (isMultiple) {
      const values = this.#values(type, reader.start, reader.end);
      return values && { kind: 'multiple', type, values };
    }
    const value = this.#value(type, reader);
    return value === undefined ? undefined : { kind: 'single', type, value };
  }

  #values(type: DataType, start: number, end: number): ReadonlyMap<number, Value> | undefined {
    const values = new Map<number, Value>();
    const reader = this.#reader(start, end);
    while (this.#next(reader)) {
      if (reader.kind !== TlvKind.resourceInstance) {
        return this.#fail(`a ${nameOf(reader.kind)} where Resource Instances belong`);
      }
      if (values.has(reader.id)) return this.#fail(`Resource Instance ${reader.id} comes twice`);
      const value = this.#value(type, reader);
      if (value === undefined) return undefined;
      values.set(reader.id, value);
    }
    return values;
  }

  #value(type: DataType, reader: TlvReader): Value | undefined {
    const value = tlvValueFrom(type, this.#payload, reader.start, reader.end);
    if (value !== undefined) return value;
    const length = reader.end - reader.start;
    return this.#fail(`the ${length} bytes of ${nameOf(reader.kind)} ${reader.id} are not of type ${type}`);
  }

  /**
   * One Resource: as its own TLV, as bare Resource Instances when it is Multiple, or wrapped in its
   * Object Instance; nothing at all is a Multiple Resource without instances.
   */
  #resource(path: ResourcePath): ResourceContent | undefined {
    const known = definitionOfResource(this.#definition, path.objectId, path.resourceId);
    const reader = this.#reader(0, this.#payload.length);
    const hasFirst = this.#next(reader);
    if (this.#failure) return undefined;
    if (!hasFirst || reader.kind === TlvKind.resourceInstance) {
      if (known?.isMultiple === false)
        return this.#fail(`${formatPath(path)} is Single, and the payload gives no single value`);
      const type = known?.type ?? 'opaque';
      const values = this.#values(type, 0, this.#payload.length);
      return values && { kind: 'multiple', type, values };
    }
    const resources = this.#objectInstance(path);
    if (resources === undefined) return undefined;
    const resource = resources.get(path.resourceId);
    if (resource === undefined || resources.size !== 1) {
      return this.#fail(`the payload holds other Resources than ${formatPath(path)}`);
    }
    return resource;
  }

  #resourceInstance(path: ResourceInstancePath): Content | undefined {
    const { objectId, objectInstanceId, resourceId, resourceInstanceId } = path;
    const known = definitionOfResource(this.#definition, objectId, resourceId);
    if (known?.isMultiple === false) return this.#fail(`Resource ${resourceId} is Single`);
    const resource = this.#resource({ kind: 'resource', objectId, objectInstanceId, resourceId });
    if (resource === undefined) return undefined;
    const value = resource.kind === 'multiple' ? resource.values.get(resourceInstanceId) : undefined;
    if (resource.kind !== 'multiple' || value === undefined || resource.values.size !== 1) {
      return this.#fail(`the payload does not hold ${formatPath(path)} alone`);
    }
    return { kind: 'resource-instance', type: resource.type, value };
  }

  #reader(start: number, end: number): TlvReader {
    return new TlvReader(this.#payload, start, end);
  }

  /** Steps to the next TLV of a level; false at its end, and when the payload is refused. */
  #next(reader: TlvReader): boolean {
    if (reader.next()) {
      this.#count += 1;
      if (this.#count <= this.#limits.maxValues) return true;
      this.#fail(`the payload holds more than ${this.#limits.maxValues} TLVs`);
    } else if (reader.isTruncated) {
      this.#fail('the payload is truncated');
    }
    return false;
  }

  #fail(reason: string): undefined {
    this.#failure ??= malformed(reason);
  }
}

function nameOf(kind: TlvKind): string {
  switch (kind) {
    case TlvKind.objectInstance:
      return 'Object Instance';
    case TlvKind.resourceInstance:
      return 'Resource Instance';
    case TlvKind.multipleResource:
      return 'Multiple Resource';
    case TlvKind.resource:
      return 'Resource';
  }
}
