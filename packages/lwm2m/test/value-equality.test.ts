import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Content, equalContents, equalValues, type Value } from '@dunlin/lwm2m';
import { instanceOf, multiple, multipleOf, objectOf, single, singleOf } from './support/contents.ts';

const distinct: readonly Value[] = [
  '',
  'a',
  0,
  1,
  1.5,
  Number.NaN,
  2n ** 60n,
  2n ** 60n + 1n,
  -(2n ** 60n),
  true,
  false,
  new Uint8Array(0),
  Uint8Array.of(1),
  Uint8Array.of(1, 2),
  { objectId: 1, objectInstanceId: 2 },
  { objectId: 2, objectInstanceId: 1 },
];

const distinctContents: readonly Content[] = [
  singleOf('integer', 1),
  singleOf('integer', 2),
  multipleOf('integer', {}),
  multipleOf('integer', { 0: 1 }),
  multipleOf('integer', { 0: 2 }),
  multipleOf('integer', { 1: 1 }),
  multipleOf('integer', { 0: 1, 1: 1 }),
  { kind: 'resource-instance', type: 'integer', value: 1 },
  instanceOf({}),
  instanceOf({ 0: single('integer', 1) }),
  instanceOf({ 0: multiple('integer', { 0: 1 }) }),
  instanceOf({ 1: single('integer', 1) }),
  objectOf({}),
  objectOf({ 0: {} }),
  objectOf({ 0: { 0: single('integer', 1) } }),
  objectOf({ 1: { 0: single('integer', 1) } }),
];

describe('Equality of values and contents', () => {
  test('holds between a value and its copy, and no others', () => {
    for (const [index, value] of distinct.entries()) {
      for (const [other, candidate] of structuredClone(distinct).entries()) {
        assert.equal(equalValues(value, candidate), index === other);
      }
    }
  });

  test('compares integers by number, whether number or bigint', () => {
    assert.ok(equalValues(5, 5n));
    assert.ok(equalValues(5n, 5));
    assert.ok(equalValues(2 ** 60, 2n ** 60n));
    assert.equal(equalValues(2n ** 53n + 1n, 2 ** 53), false);
    assert.equal(equalValues(5n, 5.5), false);
    assert.equal(equalValues(0n, Number.NaN), false);
    assert.ok(equalValues(0, -0));
  });

  test('holds between a content and its copy, and no others', () => {
    for (const [index, content] of distinctContents.entries()) {
      for (const [other, candidate] of structuredClone(distinctContents).entries()) {
        assert.equal(equalContents(content, candidate), index === other, `${index} ${other}`);
      }
    }
  });

  test('does not depend on the order of ids, nor on data types', () => {
    const forward = new Map([
      [0, single('integer', 1)],
      [1, single('integer', 2)],
    ]);
    const backward = new Map([
      [1, single('time', 2)],
      [0, single('float', 1)],
    ]);
    assert.ok(
      equalContents(
        { kind: 'object-instance', resources: forward },
        { kind: 'object-instance', resources: backward },
      ),
    );
  });
});
