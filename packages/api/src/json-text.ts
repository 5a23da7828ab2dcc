import { UsageError } from '@dunlin/base';
import { isFormatFailure, type JsonValue, parseJsonExactly, stringifyJsonExactly } from '@dunlin/lwm2m';

/** What a JSON text says. */
export type ParsedJson =
  | { readonly kind: 'json'; readonly value: unknown }
  | { readonly kind: 'failure'; readonly reason: string };

/** Reads a JSON text; integers that a `number` cannot hold exactly become `bigint`. */
export function parseJson(text: string): ParsedJson {
  const value = parseJsonExactly(text);
  return isFormatFailure(value) ? { kind: 'failure', reason: value.reason } : { kind: 'json', value };
}

/**
 * The JSON text of plain data, in which `bigint` is an integer; members that are `undefined` are left out.
 * Throws a `UsageError` for what JSON has no form for.
 */
export function stringifyJson(value: unknown): string {
  if (!isJsonValue(value)) throw new UsageError('the value is not plain data, so JSON has no form for it');
  return stringifyJsonExactly(value);
}

/** The JSON text of plain data as people read and edit it, integers exact: one member a line, two blanks a level. */
export function indentedJson(value: unknown, indent = ''): string {
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value;
    if (items.length === 0) return '[]';
    return `[\n${items.map((item) => inner + indentedJson(item, inner)).join(',\n')}\n${indent}]`;
  }
  if (typeof value !== 'object' || value === null) return stringifyJson(value);
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  if (members.length === 0) return '{}';
  const lines = members.map(
    ([name, member]) => `${inner}${stringifyJson(name)}: ${indentedJson(member, inner)}`,
  );
  return `{\n${lines.join(',\n')}\n${indent}}`;
}

function isJsonValue(value: unknown): value is JsonValue {
  if (value === null || ['string', 'number', 'bigint', 'boolean'].includes(typeof value)) return true;
  if (Array.isArray(value)) return value.every(isJsonValue);
  return (
    typeof value === 'object' &&
    isPlain(value) &&
    Object.values(value).every((member) => member === undefined || isJsonValue(member))
  );
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}
