import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { type DataType, isDefinitionFailure, parseObjectDefinitionXml, type ValueRange } from '@dunlin/lwm2m';

const typeNames: Readonly<Record<Exclude<DataType, 'none'>, string>> = {
  string: 'String',
  integer: 'Integer',
  'unsigned-integer': 'Unsigned Integer',
  float: 'Float',
  boolean: 'Boolean',
  opaque: 'Opaque',
  time: 'Time',
  objlnk: 'Objlnk',
  corelnk: 'Corelnk',
};

async function rangeOf(type: Exclude<DataType, 'none'>, text: string): Promise<ValueRange | undefined> {
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  const result = await parseObjectDefinitionXml(`<LWM2M><Object><Name>A</Name><ObjectID>26241</ObjectID>
    <MultipleInstances>Single</MultipleInstances><Mandatory>Optional</Mandatory><Resources><Item ID="0">
      <Name>B</Name><Operations>R</Operations><MultipleInstances>Single</MultipleInstances>
      <Mandatory>Optional</Mandatory><Type>${typeNames[type]}</Type>
      <RangeEnumeration>${escaped}</RangeEnumeration>
    </Item></Resources></Object></LWM2M>`);
  assert.ok(!isDefinitionFailure(result), JSON.stringify(result));
  return result[0]?.resources.get(0)?.range;
}

const numbers: readonly (readonly [text: string, minimum: number, maximum: number])[] = [
  ['0-255', 0, 255],
  ['0..7', 0, 7],
  ['1-65534', 1, 65_534],
  ['0-50', 0, 50],
  ['-20..60', -20, 60],
  ['-20-60', -20, 60],
  ['-140..-44', -140, -44],
  ['-30..-120', -120, -30],
  ['1...15', 1, 15],
  [' 0 .. 100 ', 0, 100],
  ['0 to 100', 0, 100],
  ['[1:4]', 1, 4],
  ['0..247, 255', 0, 255],
  ['0..9223372036854775807', 0, 2 ** 63],
];

const lengths: readonly (readonly [text: string, minimum: number, maximum: number])[] = [
  ['0-255 bytes', 0, 255],
  ['0 bytes-255 bytes', 0, 255],
  ['0..255', 0, 255],
  ['1..32 Bytes', 1, 32],
  ['10 or 26 Bytes', 10, 26],
  ['10,26', 10, 26],
];

describe('the bounds that a DDF file states (R-135)', () => {
  for (const [text, minimum, maximum] of numbers) {
    test(`'${text}' bounds an integer by ${minimum} and ${maximum}`, async () => {
      assert.deepEqual(await rangeOf('integer', text), { kind: 'interval', minimum, maximum });
    });
  }

  for (const [text, minimum, maximum] of lengths) {
    test(`'${text}' bounds the length of a string by ${minimum} and ${maximum}`, async () => {
      assert.deepEqual(await rangeOf('string', text), { kind: 'length', minimum, maximum });
    });
  }

  test('floats have bounds with fractions, and mixed lists the interval around them', async () => {
    assert.deepEqual(await rangeOf('float', '0.000001..1.0'), {
      kind: 'interval',
      minimum: 0.000_001,
      maximum: 1,
    });
    assert.deepEqual(await rangeOf('float', '0; 3.8..20.5'), { kind: 'interval', minimum: 0, maximum: 20.5 });
  });

  test('unsigned integers and times are bounded as integers are', async () => {
    assert.deepEqual(await rangeOf('unsigned-integer', '0..3'), { kind: 'interval', minimum: 0, maximum: 3 });
    assert.deepEqual(await rangeOf('time', '0..3'), { kind: 'interval', minimum: 0, maximum: 3 });
  });

  test('one length is that of an opaque, and the greatest of a string', async () => {
    assert.deepEqual(await rangeOf('opaque', '6 bytes'), { kind: 'length', minimum: 6, maximum: 6 });
    assert.deepEqual(await rangeOf('opaque', '16-32-48 bytes'), { kind: 'length', minimum: 16, maximum: 48 });
    assert.deepEqual(await rangeOf('string', '64'), { kind: 'length', minimum: 0, maximum: 64 });
  });

  test('lists are enumerations', async () => {
    assert.deepEqual(await rangeOf('integer', '5, 10, 15, 20'), {
      kind: 'enumeration',
      values: [5, 10, 15, 20],
    });
    assert.deepEqual(await rangeOf('integer', '0..3, 99'), { kind: 'enumeration', values: [0, 1, 2, 3, 99] });
    assert.deepEqual(await rangeOf('integer', '0: off\n\t1: on\n\t255: stuck'), {
      kind: 'enumeration',
      values: [0, 1, 255],
    });
    assert.deepEqual(await rangeOf('string', 'U, UQ, "S"'), {
      kind: 'enumeration',
      values: ['U', 'UQ', 'S'],
    });
  });

  test('what is not a bound is left out', async () => {
    const texts = [
      '',
      '255',
      '16-bit',
      '8 bit',
      '2 Instances',
      '<7 to >12.5',
      'ON;OFF',
      'see 5.3.1.1',
      '1 bytes',
      '0..',
    ];
    for (const text of texts) assert.equal(await rangeOf('integer', text), undefined, text);
    assert.equal(await rangeOf('string', 'The possible values of Resource are listed in 5.3.1.1'), undefined);
    assert.equal(await rangeOf('opaque', '8 bit'), undefined);
    assert.equal(await rangeOf('boolean', '0..65535'), undefined);
    assert.equal(await rangeOf('objlnk', '0..65535'), undefined);
    assert.equal(await rangeOf('integer', `${'0,'.repeat(1000)}0`), undefined);
  });
});
