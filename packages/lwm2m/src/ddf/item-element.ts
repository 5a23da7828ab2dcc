import type { ResourceDefinition, ResourceOperations } from '../object-definition.ts';
import type { DataType } from '../value.ts';
import { childrenOf, textOf, wordOf } from './children.ts';
import { parseValueRange } from './value-range-text.ts';
import type { XmlElement } from './xml-element.ts';

const itemChildren = {
  required: ['Name', 'Operations', 'MultipleInstances', 'Mandatory', 'Type'],
  optional: ['RangeEnumeration', 'Units', 'Description'],
} as const;

const operationWords: Readonly<Record<string, ResourceOperations>> = {
  '': '',
  R: 'R',
  W: 'W',
  RW: 'RW',
  E: 'E',
};

const typeWords: Readonly<Record<string, DataType>> = {
  '': 'none',
  String: 'string',
  Integer: 'integer',
  'Unsigned Integer': 'unsigned-integer',
  Float: 'float',
  Boolean: 'boolean',
  Opaque: 'opaque',
  Time: 'time',
  Objlnk: 'objlnk',
  Corelnk: 'corelnk',
};

/** The definition in an `<Item>` whose id is known. Throws `DdfProblem` when it is not as it should be. */
export function resourceFrom(
  element: XmlElement,
  id: number,
  keepsDescriptions: boolean,
): ResourceDefinition {
  const children = childrenOf(element, itemChildren);
  const operations = wordOf(children.get('Operations'), operationWords);
  const type = typeFor(operations, wordOf(children.get('Type'), typeWords));
  const isMultiple = wordOf(children.get('MultipleInstances'), { Multiple: true, Single: false });
  const range = parseValueRange(type, children.get('RangeEnumeration')?.text ?? '');
  const units = textOf(children.get('Units'));
  const description = keepsDescriptions ? textOf(children.get('Description')) : '';
  return {
    id,
    name: textOf(children.get('Name')),
    operations,
    // An executable Resource is single, also where a published file says otherwise (object 15).
    isMultiple: isMultiple && operations !== 'E',
    isMandatory: wordOf(children.get('Mandatory'), { Mandatory: true, Optional: false }),
    type,
    ...(range === undefined ? {} : { range }),
    ...(units === '' ? {} : { units }),
    ...(description === '' ? {} : { description }),
  };
}

/**
 * An executable Resource has no type, also where a published file gives one (object 10260); of a readable
 * or writable one without a type (object 10482) no more is known than that its value is bytes.
 */
function typeFor(operations: ResourceOperations, type: DataType): DataType {
  if (operations === 'E') return 'none';
  return type === 'none' ? 'opaque' : type;
}
