import type {
  ObjectDefinition,
  ResourceDefinition,
  ResourceOperations,
  ValueRange,
} from '../object-definition.ts';
import type { DataType } from '../value.ts';

/*
 * The facts of one Object in one line:
 *   id:version:name:{M if Multiple, else S}{M if Mandatory, else O} and for each Resource
 *   ;id:name:operations:{M|S}{M|O}:type:range:units       with empty fields left out at the end.
 * A type is its letter below. A range is `0..7` for values, `#0..255` for lengths, `=0,1,2` for an enumeration.
 * In names, units and texts of enumerations `~` stands before what would otherwise separate: `~c` is a colon, `~s` a
 * semicolon, `~k` a comma and `~t` a tilde.
 */

/** The line for a definition. */
export function encodeCompactDefinition(definition: ObjectDefinition): string {
  const head = [definition.id, definition.version, escape(definition.name), flagsOf(definition)].join(':');
  return [head, ...Array.from(definition.resources.values(), encodeResource)].join(';');
}

/** What can be known of a line without decoding its Resources. */
export function compactSummary(line: string): { id: number; version: string; name: string } {
  const [id = '', version = '', name = ''] = headOf(line);
  return { id: Number(id), version, name: unescape(name) };
}

/** The definition in a line that `encodeCompactDefinition` wrote, with Resources that the function gives for their texts. */
export function decodeCompactDefinition(
  line: string,
  resourceOf: (text: string) => ResourceDefinition = decodeCompactResource,
): ObjectDefinition {
  const flags = headOf(line)[3] ?? '';
  const resources = new Map<number, ResourceDefinition>();
  for (const text of line.split(';').slice(1)) {
    const resource = resourceOf(text);
    resources.set(resource.id, resource);
  }
  return { ...compactSummary(line), isMultiple: flags[0] === 'M', isMandatory: flags[1] === 'M', resources };
}

/** The definition in the text of one Resource. */
export function decodeCompactResource(text: string): ResourceDefinition {
  const [id = '', name = '', operations = '', flags = '', letter = '', range = '', units = ''] =
    text.split(':');
  const type = types[letter] ?? 'none';
  return {
    id: Number(id),
    name: unescape(name),
    operations: operationsFrom[operations] ?? '',
    isMultiple: flags[0] === 'M',
    isMandatory: flags[1] === 'M',
    type,
    ...(range === '' ? {} : { range: decodeRange(type, range) }),
    ...(units === '' ? {} : { units: unescape(units) }),
  };
}

const types: Readonly<Record<string, DataType>> = {
  S: 'string',
  I: 'integer',
  U: 'unsigned-integer',
  F: 'float',
  B: 'boolean',
  O: 'opaque',
  T: 'time',
  L: 'objlnk',
  C: 'corelnk',
  N: 'none',
};

const operationsFrom: Readonly<Record<string, ResourceOperations>> = { R: 'R', W: 'W', RW: 'RW', E: 'E' };

function headOf(line: string): readonly string[] {
  const end = line.indexOf(';');
  return line.slice(0, end < 0 ? line.length : end).split(':');
}

function flagsOf(defined: { readonly isMultiple: boolean; readonly isMandatory: boolean }): string {
  return `${defined.isMultiple ? 'M' : 'S'}${defined.isMandatory ? 'M' : 'O'}`;
}

function encodeResource(resource: ResourceDefinition): string {
  const letter = Object.entries(types).find(([, type]) => type === resource.type)?.[0] ?? '';
  const range = resource.range === undefined ? '' : encodeRange(resource.range);
  const fields = [
    resource.id,
    escape(resource.name),
    resource.operations,
    flagsOf(resource),
    letter,
    range,
    escape(resource.units ?? ''),
  ];
  return fields.join(':').replace(/:+$/, '');
}

function encodeRange(range: ValueRange): string {
  switch (range.kind) {
    case 'interval':
      return `${range.minimum}..${range.maximum}`;
    case 'length':
      return `#${range.minimum}..${range.maximum}`;
    case 'enumeration':
      return `=${range.values.map((value) => escape(String(value))).join(',')}`;
  }
}

function decodeRange(type: DataType, text: string): ValueRange {
  if (text.startsWith('=')) {
    const values = text.slice(1).split(',').map(unescape);
    const isText = type === 'string' || type === 'corelnk';
    return { kind: 'enumeration', values: isText ? values : values.map(Number) };
  }
  const kind = text.startsWith('#') ? 'length' : 'interval';
  const [minimum = '', maximum = ''] = text.slice(kind === 'length' ? 1 : 0).split('..');
  return { kind, minimum: Number(minimum), maximum: Number(maximum) };
}

const escapes: Readonly<Record<string, string>> = { '~': '~t', ':': '~c', ';': '~s', ',': '~k' };
const escaped: Readonly<Record<string, string>> = { '~t': '~', '~c': ':', '~s': ';', '~k': ',' };

function escape(text: string): string {
  return text.replaceAll(/[~:;,]/g, (character) => escapes[character] ?? character);
}

function unescape(text: string): string {
  return text.includes('~') ? text.replaceAll(/~[tcsk]/g, (code) => escaped[code] ?? code) : text;
}
