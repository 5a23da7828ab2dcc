import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import {
  ContentDocumentSchema,
  contentToDocument,
  inputToContent,
  parseJson,
  rawToContent,
  stringifyJson,
  valueToDocument,
} from '@dunlin/api';
import { coreDefinitions, pathOf, type Content, type DataType, type Value } from '@dunlin/lwm2m';
import fc from 'fast-check';
import * as Schema from 'typebox/value';

const device = coreDefinitions.find(3);
const unknownResource = pathOf(40_000, 0, 1);

const values: readonly (readonly [DataType, fc.Arbitrary<Value>])[] = [
  ['string', fc.string({ unit: 'binary' }).filter((text) => text.isWellFormed())],
  ['integer', fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(canonical)],
  ['unsigned-integer', fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(canonical)],
  ['time', fc.bigInt({ min: 0n, max: 2n ** 40n }).map(canonical)],
  ['float', fc.double({ noNaN: true, noDefaultInfinity: true })],
  ['boolean', fc.boolean()],
  ['opaque', fc.uint8Array()],
  [
    'objlnk',
    fc.record({ objectId: fc.nat(65_535), objectInstanceId: fc.nat(65_535) }, { noNullPrototype: true }),
  ],
];

function canonical(value: bigint): Value {
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

describe('content as JSON', () => {
  for (const [type, arbitrary] of values) {
    it(`brings a ${type} there and back exactly`, () => {
      fc.assert(
        fc.property(arbitrary, (value) => {
          const text = stringifyJson({ value: valueToDocument(type, value), type });
          const parsed = parseJson(text);
          assert.equal(parsed.kind, 'json');
          assert.ok(parsed.kind === 'json');
          const content = inputToContent(unknownResource, parsed.value, undefined);
          assert.deepEqual(content, { kind: 'resource', resource: { kind: 'single', type, value } });
        }),
      );
    });
  }

  it('has the names and units of the definition, and is of its schema', () => {
    const content: Content = {
      kind: 'object',
      instances: new Map([
        [
          0,
          new Map([
            [9, { kind: 'single', type: 'integer', value: 90 }],
            [6, { kind: 'multiple', type: 'integer', values: new Map([[1, 5]]) }],
            [60_000, { kind: 'single', type: 'opaque', value: new Uint8Array([1]) }],
          ]),
        ],
      ]),
    };
    const document = contentToDocument(pathOf(3), content, device);
    assert.deepEqual(document, {
      path: '/3',
      kind: 'object',
      name: 'Device',
      instances: {
        0: {
          resources: {
            6: { name: 'Available Power Sources', type: 'integer', values: { 1: 5 } },
            9: { name: 'Battery Level', type: 'integer', units: '%', value: 90 },
            60000: { type: 'opaque', value: 'AQ==' },
          },
        },
      },
    });
    assert.ok(Schema.Check(ContentDocumentSchema, document));
  });

  it('has a text for a float that JSON has no number for', () => {
    assert.equal(valueToDocument('float', Number.NEGATIVE_INFINITY), '-Infinity');
    assert.equal(valueToDocument('float', Number.NaN), 'NaN');
  });
});

describe('what is written', () => {
  it('is of the type of the definition, given as a value of JSON or as text', () => {
    for (const value of [17, '17']) {
      assert.deepEqual(inputToContent(pathOf(3, 0, 13), { value }, device), {
        kind: 'resource',
        resource: { kind: 'single', type: 'time', value: 17 },
      });
    }
  });

  for (const [value, type] of [
    [true, 'boolean'],
    [5, 'integer'],
    [9_007_199_254_740_993n, 'integer'],
    [1.5, 'float'],
    ['x', 'string'],
  ] as const) {
    it(`is taken for ${type} when there is no definition and it is ${value}`, () => {
      assert.deepEqual(inputToContent(unknownResource, { value }, undefined), {
        kind: 'resource',
        resource: { kind: 'single', type, value },
      });
    });
  }

  it('takes true and false for booleans beside 1 and 0 (R-1140)', () => {
    for (const [text, value] of [
      ['true', true],
      ['0', false],
    ] as const) {
      const content = rawToContent(unknownResource, new TextEncoder().encode(text), {
        definition: undefined,
        type: 'boolean',
      });
      assert.deepEqual(content, { kind: 'resource', resource: { kind: 'single', type: 'boolean', value } });
    }
  });

  it('names the field at fault', () => {
    const problem = inputToContent(pathOf(3, 0), { resources: { 13: { value: 'soon' } } }, device);
    assert.ok(problem.kind === 'problem');
    assert.equal(problem.field, 'body.resources.13.value');
  });

  it('never throws, whatever the JSON', () => {
    fc.assert(
      fc.property(
        fc.jsonValue(),
        fc.constantFrom(pathOf(3), pathOf(3, 0), pathOf(3, 0, 13)),
        (body, path) => {
          inputToContent(path, body, device);
        },
      ),
    );
  });
});

describe('exact JSON', () => {
  it('refuses to write what is no plain data', () => {
    for (const value of [new Date(0), () => 1, new Map(), Symbol('x')]) {
      assert.throws(() => stringifyJson({ value }), { code: 'usage' });
    }
  });
});
