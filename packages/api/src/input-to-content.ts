import { utf8Decode } from '@dunlin/base';
import {
  checkValue,
  type Content,
  type DataType,
  dataTypes,
  type FormatFailure,
  isFormatFailure,
  type ObjectDefinition,
  parseValueText,
  type Path,
  type ResourceContent,
  type ResourceDefinition,
  type Value,
} from '@dunlin/lwm2m';

/** What is wrong with the body of a Write or Create, and where: `body.resources.5.value`. */
export interface InputProblem {
  readonly kind: 'problem';
  readonly field: string;
  readonly reason: string;
}

/** The content of a Create, and the id the new Object Instance shall have, if one was given. */
export interface CreateContent {
  readonly kind: 'create';
  readonly content: Content & { readonly kind: 'object-instance' };
  readonly instanceId: number | undefined;
}

/**
 * What the JSON body of a Write says, typed by the definition: `{ value }` or `{ values }` for a Resource,
 * `{ resources }` for an Object Instance (see `WriteInput`).
 */
export function inputToContent(
  path: Path,
  body: unknown,
  definition: ObjectDefinition | undefined,
): Content | InputProblem {
  switch (path.kind) {
    case 'root':
    case 'object':
      return problem('path', 'a Write goes to an Object Instance or a Resource, such as 3/0 or 3/0/14');
    case 'object-instance':
      return instanceContent(body, definition);
    case 'resource': {
      if (!isRecord(body)) return problem('body', 'must be an object such as {"value": 5}');
      const resource = resourceContent(body, definition?.resources.get(path.resourceId), 'body');
      return resource.kind === 'problem' ? resource : { kind: 'resource', resource };
    }
    case 'resource-instance': {
      if (!isRecord(body)) return problem('body', 'must be an object such as {"value": 5}');
      const resource = resourceContent(body, definition?.resources.get(path.resourceId), 'body');
      if (resource.kind === 'problem') return resource;
      if (resource.kind === 'multiple') return problem('body.values', 'a Resource Instance has one value');
      return { kind: 'resource-instance', type: resource.type, value: resource.value };
    }
  }
}

/** What the JSON body of a Create says (see `CreateInput`). */
export function inputToCreate(
  body: unknown,
  definition: ObjectDefinition | undefined,
): CreateContent | InputProblem {
  if (!isRecord(body)) return problem('body', 'must be an object such as {"resources": {"5700": 21.5}}');
  const { instanceId, ...rest } = body;
  if (instanceId !== undefined && !isInstanceId(instanceId)) {
    return problem('body.instanceId', 'must be a whole number from 0 to 65534');
  }
  const content = instanceContent(rest, definition);
  return content.kind === 'problem' ? content : { kind: 'create', content, instanceId };
}

/** What a raw body says of one Resource: the bytes of an opaque value, else the text of a value. */
export function rawToContent(
  path: Path,
  bytes: Uint8Array,
  options: { readonly definition: ObjectDefinition | undefined; readonly type?: DataType | undefined },
): Content | InputProblem {
  if (path.kind !== 'resource' && path.kind !== 'resource-instance') {
    return problem(
      'path',
      'a text or bytes can only be written to a Resource; send JSON for an Object Instance',
    );
  }
  const definition = options.definition?.resources.get(path.resourceId);
  const type = options.type ?? typeOf(definition) ?? 'string';
  if (type === 'opaque') return valueContent(path, type, bytes, definition);
  const text = utf8Decode(bytes);
  if (text === undefined)
    return problem('body', `is no UTF-8 text, which a value of type ${type} is read from`);
  const value = textValue(type, text, definition, 'body');
  return isProblem(value) ? value : valueContent(path, type, value, definition);
}

function valueContent(
  path: Path & { kind: 'resource' | 'resource-instance' },
  type: DataType,
  value: Value,
  definition: ResourceDefinition | undefined,
): Content | InputProblem {
  if (path.kind === 'resource-instance') return { kind: 'resource-instance', type, value };
  if (definition?.isMultiple === true) {
    return problem('body', `${named(definition)} has several values: send {"values": {"0": …}}`);
  }
  return { kind: 'resource', resource: { kind: 'single', type, value } };
}

function instanceContent(
  body: unknown,
  definition: ObjectDefinition | undefined,
): (Content & { readonly kind: 'object-instance' }) | InputProblem {
  if (!isRecord(body) || !isRecord(body['resources'])) {
    return problem(
      'body.resources',
      'must be an object of Resources by id, such as {"resources": {"14": "+01:00"}}',
    );
  }
  const unknown = Object.keys(body).find((key) => key !== 'resources');
  if (unknown !== undefined) return problem(`body.${unknown}`, 'is not known here');
  const resources = new Map<number, ResourceContent>();
  for (const [key, entry] of Object.entries(body['resources'])) {
    const field = `body.resources.${key}`;
    const id = idFrom(key);
    if (id === undefined) return problem(field, 'is not a Resource id from 0 to 65535');
    const input = isRecord(entry) ? entry : { value: entry };
    const resource = resourceContent(input, definition?.resources.get(id), field);
    if (resource.kind === 'problem') return resource;
    resources.set(id, resource);
  }
  return { kind: 'object-instance', resources };
}

function resourceContent(
  input: Readonly<Record<string, unknown>>,
  definition: ResourceDefinition | undefined,
  field: string,
): ResourceContent | InputProblem {
  const unknown = Object.keys(input).find((key) => !['value', 'values', 'type'].includes(key));
  if (unknown !== undefined) return problem(`${field}.${unknown}`, 'is not known here: send value or values');
  const override = input['type'];
  if (override !== undefined && !isDataType(override)) {
    return problem(`${field}.type`, `must be one of ${dataTypes.join(', ')}`);
  }
  const { value, values } = input;
  if ((value === undefined) === (values === undefined)) {
    return problem(`${field}.value`, 'must be given, or values for a Resource with several');
  }
  if (values !== undefined) return multipleContent(values, { override, definition, field });
  if (definition?.isMultiple === true) {
    return problem(`${field}.value`, `${named(definition)} has several values: send {"values": {"0": …}}`);
  }
  const type = override ?? typeOf(definition) ?? inferredType(value);
  const checked = jsonValue(type, value, definition, `${field}.value`);
  return isProblem(checked) ? checked : { kind: 'single', type, value: checked };
}

function multipleContent(
  values: unknown,
  context: {
    readonly override: DataType | undefined;
    readonly definition: ResourceDefinition | undefined;
    readonly field: string;
  },
): ResourceContent | InputProblem {
  const { override, definition } = context;
  const field = `${context.field}.values`;
  if (!isRecord(values)) return problem(field, 'must be an object of values by Resource Instance id');
  if (definition?.isMultiple === false) {
    return problem(field, `${named(definition)} has one value: send {"value": …}`);
  }
  const type = override ?? typeOf(definition) ?? inferredType(Object.values(values)[0]);
  const checkedValues = new Map<number, Value>();
  for (const [key, value] of Object.entries(values)) {
    const id = idFrom(key);
    if (id === undefined) return problem(`${field}.${key}`, 'is not a Resource Instance id from 0 to 65535');
    const checked = jsonValue(type, value, definition, `${field}.${key}`);
    if (isProblem(checked)) return checked;
    checkedValues.set(id, checked);
  }
  return { kind: 'multiple', type, values: checkedValues };
}

/** A text is read by the plain-text rules of the type; anything else must be of it already. */
function jsonValue(
  type: DataType,
  value: unknown,
  definition: ResourceDefinition | undefined,
  field: string,
): Value | InputProblem {
  if (typeof value === 'string' && type !== 'string' && type !== 'corelnk') {
    return textValue(type, value, definition, field);
  }
  if (!isScalar(value)) return problem(field, 'must be a string, a number or a boolean');
  // In JSON a number is a number: 5 is a float's value as good as 5.5.
  if (type === 'float' && typeof value === 'bigint') return Number(value);
  const reason = checkValue(type, value, definition?.range);
  return reason === undefined ? value : problem(field, reason);
}

function textValue(
  type: DataType,
  text: string,
  definition: ResourceDefinition | undefined,
  field: string,
): Value | InputProblem {
  const value = type === 'boolean' ? booleanValue(text) : parseValueText(type, text);
  if (isFormatFailure(value)) return problem(field, value.reason);
  const reason = checkValue(type, value, definition?.range);
  return reason === undefined ? value : problem(field, reason);
}

/** People write `true` where the plain-text rules have `1` (R-1140). */
function booleanValue(text: string): Value | FormatFailure {
  if (text === 'true') return true;
  return text === 'false' ? false : parseValueText('boolean', text);
}

/** An executable Resource has no type to write: the device is left to say so. */
function typeOf(definition: ResourceDefinition | undefined): DataType | undefined {
  return definition === undefined || definition.type === 'none' ? undefined : definition.type;
}

/** Without a definition the JSON type is all there is to go by. */
function inferredType(value: unknown): DataType {
  if (typeof value === 'boolean') return 'boolean';
  if (typeof value === 'bigint' || Number.isInteger(value)) return 'integer';
  return typeof value === 'number' ? 'float' : 'string';
}

function named(definition: ResourceDefinition): string {
  return `${definition.name} (${definition.id})`;
}

function problem(field: string, reason: string): InputProblem {
  return { kind: 'problem', field, reason };
}

function isProblem(value: Value | InputProblem): value is InputProblem {
  return typeof value === 'object' && 'kind' in value && value.kind === 'problem';
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isScalar(value: unknown): value is string | number | bigint | boolean {
  return ['string', 'number', 'bigint', 'boolean'].includes(typeof value);
}

function isDataType(value: unknown): value is DataType {
  return dataTypes.some((type) => type === value);
}

function isInstanceId(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 65_534;
}

function idFrom(key: string): number | undefined {
  return /^(0|[1-9]\d{0,4})$/.test(key) && Number(key) <= 65_535 ? Number(key) : undefined;
}
