import type { ResourceDefinitionDocument, ValueDocument } from '@dunlin/api';
import { base64Encode, hexDecode } from '@dunlin/base';

/** What an input field says: a value, or why it is none. */
export type ParsedValue =
  | { readonly kind: 'value'; readonly value: ValueDocument }
  | { readonly kind: 'problem'; readonly reason: string };

/** What has to be known of a Resource to read a value of it. */
export type ValueTerms = Pick<ResourceDefinitionDocument, 'type' | 'range'>;

const smallestInteger = -(2n ** 63n);
const largestInteger = 2n ** 63n - 1n;
const largestUnsigned = 2n ** 64n - 1n;

/** Reads what was typed for a Resource of a type, within its range. The server checks it again. */
export function parseValue(input: string, { type, range }: ValueTerms): ParsedValue {
  const parsed = parseTyped(input, type);
  if (parsed.kind === 'problem' || range === undefined) return parsed;
  const reason = outOfRange(parsed.value, input, range);
  return reason === undefined ? parsed : problem(reason);
}

function parseTyped(input: string, type: ValueTerms['type']): ParsedValue {
  switch (type) {
    case 'string':
    case 'corelnk':
      return value(input);
    case 'integer':
    case 'time':
      return parseInteger(input, smallestInteger, largestInteger);
    case 'unsigned-integer':
      return parseInteger(input, 0n, largestUnsigned);
    case 'float':
      return parseFloating(input);
    case 'boolean':
      if (input === 'true' || input === 'false') return value(input === 'true');
      return problem('true or false');
    case 'opaque':
      return parseHex(input);
    case 'objlnk':
      return parseObjectLink(input);
    case 'none':
      return problem('it has no value');
  }
}

function parseInteger(input: string, minimum: bigint, maximum: bigint): ParsedValue {
  const trimmed = input.trim();
  if (!/^[+-]?\d{1,20}$/.test(trimmed)) return problem('a whole number');
  const integer = BigInt(trimmed.replace(/^\+/, ''));
  if (integer < minimum || integer > maximum) return problem(`from ${minimum} to ${maximum}`);
  const number = Number(integer);
  return value(Number.isSafeInteger(number) ? number : integer);
}

function parseFloating(input: string): ParsedValue {
  const trimmed = input.trim();
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(trimmed)) return problem('a number');
  const number = Number(trimmed);
  return Number.isFinite(number) ? value(number) : problem('a number that is not so large');
}

function parseHex(input: string): ParsedValue {
  const digits = input.replaceAll(/[\s:]/g, '');
  const bytes = hexDecode(digits);
  return bytes === undefined ? problem('an even number of hexadecimal digits') : value(base64Encode(bytes));
}

function parseObjectLink(input: string): ParsedValue {
  const ids = /^(\d{1,5}):(\d{1,5})$/.exec(input.trim());
  const isWithin = ids?.slice(1).every((id) => Number(id) <= 65_535) ?? false;
  return isWithin ? value(input.trim()) : problem('two numbers up to 65535, such as 3303:0');
}

function outOfRange(
  parsed: ValueDocument,
  input: string,
  range: NonNullable<ValueTerms['range']>,
): string | undefined {
  switch (range.kind) {
    case 'interval': {
      const number = Number(parsed);
      return number >= range.minimum && number <= range.maximum
        ? undefined
        : `from ${range.minimum} to ${range.maximum}`;
    }
    case 'length': {
      const length = new TextEncoder().encode(input).length;
      const isWithin = length >= range.minimum && length <= range.maximum;
      return isWithin ? undefined : `${range.minimum} to ${range.maximum} bytes long`;
    }
    case 'enumeration':
      return range.values.some((allowed) => String(allowed) === String(parsed))
        ? undefined
        : `one of ${range.values.join(', ')}`;
  }
}

function value(of: ValueDocument): ParsedValue {
  return { kind: 'value', value: of };
}

function problem(reason: string): ParsedValue {
  return { kind: 'problem', reason };
}
