import { base64Encode, utf8Encode } from '@dunlin/base';
import type { Content, ResourceContent, ResourceContents, TimestampedContent } from '../content.ts';
import { formatPath, maxId, type Path } from '../path.ts';
import { checkValue } from '../value-check.ts';
import type { DataType, Value } from '../value.ts';
import { formatDecimal } from './decimal.ts';
import { type FormatFailure, isFormatFailure, notExpressible } from './format-failure.ts';
import { sumOfTimes } from './json-entry.ts';
import { formatValueText } from './plain-text.ts';
import type { TypedValue } from './single-value.ts';

/** A value with its name, which is `undefined` when the base name is its whole path. */
interface NamedValue extends TypedValue {
  readonly name: string | undefined;
}

/** The values of a content with the base that all their names share. */
interface NamedValues {
  readonly kind: 'named-values';
  readonly baseName: string;
  readonly values: readonly NamedValue[];
}

/**
 * OMA JSON (Content-Format 11543, 1.0 §6.4.4) from contents with their times. Numbers have no exponent. The
 * format has entries for values only: Object Instances without Resources, and Multiple Resources without
 * instances beside others, are left out. Times are either all Unix time, or all relative to now or absent.
 */
export function encodeJson(path: Path, contents: readonly TimestampedContent[]): Uint8Array | FormatFailure {
  const baseTime = baseTimeOf(contents);
  if (isFormatFailure(baseTime)) return baseTime;
  const entries: string[] = [];
  let baseName: string | undefined;
  for (const { content, time = 0 } of contents) {
    const ofContent = namedValuesOf(path, content);
    if (ofContent.kind === 'failure') return ofContent;
    baseName ??= ofContent.baseName;
    if (baseName !== ofContent.baseName) return notExpressible('the contents differ in kind');
    for (const value of ofContent.values) {
      const entry = entryText(value, sumOfTimes(time, -baseTime));
      if (isFormatFailure(entry)) return entry;
      entries.push(entry);
    }
  }
  const base = baseTime === 0 ? '' : `"bt":${formatDecimal(baseTime)},`;
  return utf8Encode(`{"bn":"${baseName}",${base}"e":[${entries.join(',')}]}`);
}

/** The newest Unix time, or 0 when all times are relative to now. */
function baseTimeOf(contents: readonly TimestampedContent[]): number | FormatFailure {
  const times = contents.map(({ time = 0 }) => time);
  if (times.length === 0) return notExpressible('there is no content');
  if (!times.every(Number.isFinite)) return notExpressible('a time is not a number of seconds');
  if (new Set(times).size < times.length) return notExpressible('two contents have the same time');
  if (times.every((time) => time <= 0)) return 0;
  if (times.some((time) => time <= 0))
    return notExpressible('some contents have a Unix time and some have not');
  return times.reduce((newest, time) => Math.max(newest, time));
}

function namedValuesOf(path: Path, content: Content): NamedValues | FormatFailure {
  const here = formatPath(path);
  switch (content.kind) {
    case 'object':
      return path.kind === 'object' ? namedInstances(here, content.instances) : mismatch(path, content);
    case 'object-instance':
      if (path.kind === 'object') return namedOpenInstance(here, content.resources);
      return path.kind === 'object-instance'
        ? named(`${here}/`, namedResources('', content.resources))
        : mismatch(path, content);
    case 'resource':
      if (path.kind !== 'resource') return mismatch(path, content);
      return content.resource.kind === 'single'
        ? named(here, [{ name: undefined, type: content.resource.type, value: content.resource.value }])
        : named(`${here}/`, namedResourceInstances('', content.resource.type, content.resource.values));
    case 'resource-instance':
      return path.kind === 'resource-instance'
        ? named(here, [{ name: undefined, type: content.type, value: content.value }])
        : mismatch(path, content);
  }
}

function namedInstances(
  here: string,
  instances: ReadonlyMap<number, ResourceContents>,
): NamedValues | FormatFailure {
  if (instances.has(maxId)) return notExpressible('65535 is not the id of an Object Instance');
  return named(
    `${here}/`,
    Array.from(instances, ([id, resources]) => namedResources(`${id}/`, resources)).flat(),
  );
}

/** The Resources of an instance to be created, without its id; a single-value one must tell that it is missing. */
function namedOpenInstance(here: string, resources: ResourceContents): NamedValues | FormatFailure {
  const values = namedResources('', resources);
  if (values.length > 0 && values.every(({ name }) => name?.includes('/'))) {
    return notExpressible(
      'in JSON, Multiple Resources alone do not tell that the id of the instance is left open',
    );
  }
  return named(`${here}/`, values);
}

function namedResources(prefix: string, resources: ResourceContents): readonly NamedValue[] {
  return Array.from(resources, ([id, resource]) => namedResource(`${prefix}${id}`, resource)).flat();
}

function namedResource(name: string, resource: ResourceContent): readonly NamedValue[] {
  return resource.kind === 'single'
    ? [{ name, type: resource.type, value: resource.value }]
    : namedResourceInstances(`${name}/`, resource.type, resource.values);
}

function namedResourceInstances(
  prefix: string,
  type: DataType,
  values: ReadonlyMap<number, Value>,
): readonly NamedValue[] {
  return Array.from(values, ([id, value]) => ({ name: `${prefix}${id}`, type, value }));
}

function named(baseName: string, values: readonly NamedValue[]): NamedValues {
  return { kind: 'named-values', baseName, values };
}

function entryText(entry: NamedValue, offset: number): string | FormatFailure {
  const value = valueText(entry);
  if (isFormatFailure(value)) return value;
  const name = entry.name === undefined ? '' : `"n":"${entry.name}",`;
  return offset === 0 ? `{${name}${value}}` : `{${name}${value},"t":${formatDecimal(offset)}}`;
}

function valueText({ name = 'the Resource', type, value }: NamedValue): string | FormatFailure {
  const problem = checkValue(type, value);
  if (problem !== undefined) return notExpressible(`the value of ${name} does not fit: ${problem}`);
  if (value instanceof Uint8Array) return `"sv":"${base64Encode(value)}"`;
  if (typeof value === 'string') return `"sv":${JSON.stringify(value)}`;
  if (typeof value === 'boolean') return `"bv":${value}`;
  if (typeof value === 'object') return `"ov":"${formatValueText(type, value)}"`;
  if (typeof value === 'number' && !Number.isFinite(value))
    return notExpressible(`JSON has no form for ${value}`);
  return `"v":${formatValueText(type, value)}`;
}

function mismatch(path: Path, content: Content): FormatFailure {
  return notExpressible(`content of kind ${content.kind} is not what ${formatPath(path)} holds`);
}
