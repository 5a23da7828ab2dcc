import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import * as fc from 'fast-check';

import { editableValue, formatResource, formatValue } from '../../src/values/format-value.ts';
import { parseValue, type ValueTerms } from '../../src/values/parse-value.ts';
import { draftOf, readDraft } from '../../src/values/resource-draft.ts';

describe('what is typed for a value', () => {
  const good: readonly (readonly [ValueTerms['type'], string, unknown])[] = [
    ['string', ' as it is ', ' as it is '],
    ['integer', ' -12 ', -12],
    ['integer', '9223372036854775807', 9_223_372_036_854_775_807n],
    ['unsigned-integer', '18446744073709551615', 18_446_744_073_709_551_615n],
    ['time', '1700000000', 1_700_000_000],
    ['float', '-1.5e3', -1500],
    ['float', '.5', 0.5],
    ['boolean', 'true', true],
    ['opaque', '00 ff:10', 'AP8Q'],
    ['opaque', '', ''],
    ['objlnk', '3303:0', '3303:0'],
    ['corelnk', '</3/0>', '</3/0>'],
  ];
  for (const [type, input, value] of good) {
    it(`is a value of its type: ${type} ${JSON.stringify(input)}`, () => {
      assert.deepEqual(parseValue(input, { type }), { kind: 'value', value });
    });
  }

  const bad: readonly (readonly [ValueTerms['type'], string])[] = [
    ['integer', ''],
    ['integer', '1.5'],
    ['integer', '0x10'],
    ['integer', '9223372036854775808'],
    ['unsigned-integer', '-1'],
    ['float', 'NaN'],
    ['float', '1e999'],
    ['float', ''],
    ['boolean', '1'],
    ['opaque', 'abc'],
    ['opaque', 'zz'],
    ['objlnk', '3303'],
    ['objlnk', '70000:0'],
    ['none', 'x'],
  ];
  for (const [type, input] of bad) {
    it(`is told to be none: ${type} ${JSON.stringify(input)}`, () => {
      assert.equal(parseValue(input, { type }).kind, 'problem');
    });
  }

  it('is within the range of the definition', () => {
    const percent: ValueTerms = { type: 'integer', range: { kind: 'interval', minimum: 0, maximum: 100 } };
    assert.equal(parseValue('100', percent).kind, 'value');
    assert.equal(parseValue('101', percent).kind, 'problem');
    const short: ValueTerms = { type: 'string', range: { kind: 'length', minimum: 1, maximum: 3 } };
    assert.equal(parseValue('äb', short).kind, 'value');
    assert.equal(parseValue('ää', short).kind, 'problem', 'lengths are in bytes of UTF-8');
    const mode: ValueTerms = { type: 'integer', range: { kind: 'enumeration', values: [0, 2] } };
    assert.equal(parseValue('2', mode).kind, 'value');
    assert.equal(parseValue('1', mode).kind, 'problem');
  });

  it('never throws, and what it gives of an integer is what was typed', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (integer) => {
        const parsed = parseValue(String(integer), { type: 'integer' });
        assert.equal(parsed.kind === 'value' ? BigInt(String(parsed.value)) : undefined, integer);
      }),
    );
    const types = ['string', 'integer', 'float', 'boolean', 'opaque', 'time', 'objlnk', 'none'] as const;
    fc.assert(
      fc.property(fc.constantFrom(...types), fc.string(), (type, input) => void parseValue(input, { type })),
    );
  });
});

describe('a value that is shown', () => {
  it('is what one would type to write it again', () => {
    assert.equal(editableValue('AP8Q', 'opaque'), '00ff10');
    assert.equal(editableValue(9_223_372_036_854_775_807n, 'integer'), '9223372036854775807');
  });

  it('is short in a table, with all its instances', () => {
    assert.equal(formatResource({ type: 'integer', values: { 0: 1, 1: 5 } }), '0: 1 · 1: 5');
    assert.equal(formatResource({ type: 'integer', values: {} }), '—');
    assert.ok(formatResource({ type: 'string', value: 'x'.repeat(9999) }).length < 200);
    assert.equal(formatValue('AP8Q', 'opaque'), '00ff10 (3 bytes)');
  });

  it('is a time even if that is out of all reason', () => {
    assert.equal(formatValue(9_223_372_036_854_775_807n, 'time'), '9223372036854775807');
  });
});

describe('the draft of a Resource', () => {
  it('begins with the value that is known', () => {
    assert.deepEqual(draftOf(undefined, { type: 'opaque', value: 'AP8Q' }), {
      kind: 'single',
      input: '00ff10',
    });
    assert.deepEqual(draftOf({ isMultiple: true }, undefined), {
      kind: 'multiple',
      inputs: [{ key: 0, id: '0', input: '' }],
    });
  });

  it('becomes values by instance id', () => {
    const draft = draftOf({ isMultiple: true }, { type: 'integer', values: { 0: 1, 7: 5 } });
    assert.deepEqual(readDraft(draft, { type: 'integer' }), {
      kind: 'input',
      input: { values: { 0: 1, 7: 5 } },
    });
  });

  it('names its type when there is no definition to do so', () => {
    assert.deepEqual(readDraft({ kind: 'single', input: '5' }, { type: 'float' }, true), {
      kind: 'input',
      input: { value: 5, type: 'float' },
    });
  });

  it('tells which of its fields are wrong: a value, and an id that is there twice', () => {
    const inputs = [
      { key: 0, id: '0', input: 'x' },
      { key: 1, id: '1', input: '1' },
      { key: 2, id: '1', input: '2' },
    ];
    const read = readDraft({ kind: 'multiple', inputs }, { type: 'integer' });
    assert.deepEqual(read.kind === 'problems' ? [...read.problems.keys()] : undefined, [0, 2]);
  });
});
