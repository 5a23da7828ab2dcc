import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import {
  type DataType,
  decodeCompactDefinition,
  Device,
  encodeCompactDefinition,
  type ObjectDefinition,
  type ResourceDefinition,
  type ResourceOperations,
  Server,
  type ValueRange,
} from '@dunlin/lwm2m';
import fc from 'fast-check';

const signs = ['a', 'Ä', '~', ':', ';', ',', '=', '#', '.', ' ', "'", '"', '\\'];
const text = fc.string({ minLength: 1, maxLength: 12, unit: fc.constantFrom(...signs) });
const bound = fc.oneof(
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value || 0),
);
const types: readonly DataType[] = [
  'string',
  'integer',
  'unsigned-integer',
  'float',
  'boolean',
  'opaque',
  'time',
  'objlnk',
  'corelnk',
  'none',
];
const operations: readonly ResourceOperations[] = ['', 'R', 'W', 'RW', 'E'];

const plain = { noNullPrototype: true };

function rangeFor(type: DataType): fc.Arbitrary<ValueRange> {
  const isText = type === 'string' || type === 'corelnk';
  const values = isText ? fc.array(text, { minLength: 1 }) : fc.array(bound, { minLength: 1 });
  return fc.oneof(
    fc.record({ kind: fc.constantFrom('interval', 'length'), minimum: bound, maximum: bound }, plain),
    fc.record({ kind: fc.constant('enumeration'), values }, plain),
  );
}

const resource: fc.Arbitrary<ResourceDefinition> = fc.constantFrom(...types).chain((type) =>
  fc.record(
    {
      id: fc.nat(65_534),
      name: text,
      operations: fc.constantFrom(...operations),
      isMultiple: fc.boolean(),
      isMandatory: fc.boolean(),
      type: fc.constant(type),
      range: rangeFor(type),
      units: text,
    },
    {
      noNullPrototype: true,
      requiredKeys: ['id', 'name', 'operations', 'isMultiple', 'isMandatory', 'type'],
    },
  ),
);

const definition: fc.Arbitrary<ObjectDefinition> = fc.record({
  id: fc.nat(65_534),
  name: text,
  version: fc.tuple(fc.nat(99), fc.nat(99)).map(([major, minor]) => `${major}.${minor}`),
  isMultiple: fc.boolean(),
  isMandatory: fc.boolean(),
  resources: fc
    .uniqueArray(resource, { selector: ({ id }) => id, maxLength: 6 })
    .map((resources) => new Map(resources.map((each) => [each.id, each]))),
});

describe('compact definitions', () => {
  test('give back every definition as it was', () => {
    fc.assert(
      fc.property(definition, (one) => {
        const decoded = decodeCompactDefinition(encodeCompactDefinition(one));
        assert.deepEqual(
          { ...decoded, resources: [...decoded.resources] },
          { ...one, resources: [...one.resources] },
        );
      }),
    );
  });

  test('are one short line', () => {
    const line = encodeCompactDefinition(Device.definition);
    assert.ok(line.startsWith('3:1.0:Device:SM;0:Manufacturer:R:SO:S;1:'));
    assert.match(line, /;4:Reboot:E:SM:N;/);
    assert.match(line, /;9:Battery Level:R:SO:I:0..100:%;/);
    assert.match(encodeCompactDefinition(Server.definition), /;7:Binding:RW:SM:S:=U,UQ,S,SQ,US,UQS;/);
    assert.doesNotMatch(line, /\n/);
  });

  test('are decoded to something, whatever the line', () => {
    fc.assert(
      fc.property(fc.string(), (line) => assert.ok(decodeCompactDefinition(line).resources.size >= 0)),
    );
  });
});
