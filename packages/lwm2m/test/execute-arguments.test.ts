import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { UsageError } from '@dunlin/base';
import { ResponseCode } from '@dunlin/coap';
import { formatExecuteArguments, isRefusal, parseExecuteArguments } from '@dunlin/lwm2m';
import fc from 'fast-check';

const forbidden = [' ', '"', "'", '\\', '\u0000', '\u001f', '\u007f', 'é', '\n'];

describe('Execute arguments', () => {
  const valid: readonly (readonly [string, readonly (readonly [number, string | undefined])[]])[] = [
    ['', []],
    ['5', [[5, undefined]]],
    ["2='10.3'", [[2, '10.3']]],
    [
      "7,0='https://www.example.org/'",
      [
        [7, undefined],
        [0, 'https://www.example.org/'],
      ],
    ],
    [
      '0,1,2,3,4',
      [
        [0, undefined],
        [1, undefined],
        [2, undefined],
        [3, undefined],
        [4, undefined],
      ],
    ],
    ["0=''", [[0, '']]],
    ["9='!#$%&()*+,-./:;<=>?@[]^_`{|}~'", [[9, '!#$%&()*+,-./:;<=>?@[]^_`{|}~']]],
  ];
  for (const [text, expected] of valid) {
    it(`reads and writes ${text === '' ? 'no arguments' : text} (R-461, 1.0 §5.4.5)`, () => {
      const parsed = parseExecuteArguments(text);
      assert.ok(!isRefusal(parsed));
      assert.deepEqual([...parsed], expected);
      assert.equal(formatExecuteArguments(parsed), text);
    });
  }

  it('passes over spaces after a comma, as the example of the specification has them (R-461)', () => {
    const parsed = parseExecuteArguments("7, 0='https://www.example.org/',  3");
    assert.ok(!isRefusal(parsed));
    assert.equal(formatExecuteArguments(parsed), "7,0='https://www.example.org/',3");
  });

  const malformed = [
    ' ',
    ',',
    '5,',
    '5, ',
    ',5',
    '5,,6',
    ' 5',
    '5 ',
    '5 ,6',
    'a',
    '10',
    '5=',
    "5='",
    '5=x',
    '5="x"',
    "5='a'b",
    "5 ='a'",
    "0='a b'",
    "0=' https://www.example.org/'",
    "0='a'1",
    '-1',
    "0='a''b'",
    '５',
  ];
  for (const text of malformed) {
    it(`refuses ${JSON.stringify(text)} with 4.00 (R-462)`, () => {
      const parsed = parseExecuteArguments(text);
      assert.ok(isRefusal(parsed));
      assert.equal(parsed.code, ResponseCode.badRequest);
    });
  }

  it('refuses a repeated argument with 4.00 (R-462)', () => {
    const parsed = parseExecuteArguments("1,2='x',1");
    assert.ok(isRefusal(parsed));
    assert.equal(parsed.code, ResponseCode.badRequest);
    assert.match(parsed.reason, /1 appears twice/);
  });

  it('refuses every character that a value may not have (R-461)', () => {
    for (const character of forbidden) {
      assert.ok(isRefusal(parseExecuteArguments(`0='a${character}'`)), JSON.stringify(character));
    }
  });

  it('never writes what the grammar forbids (R-461)', () => {
    for (const character of forbidden) {
      assert.throws(() => formatExecuteArguments(new Map([[0, character]])), UsageError);
    }
    for (const digit of [-1, 10, 1.5, Number.NaN]) {
      assert.throws(() => formatExecuteArguments(new Map([[digit, 'x']])), UsageError);
    }
  });

  it('reads back any arguments that it writes (R-461)', () => {
    const character = fc
      .integer({ min: 0x21, max: 0x7e })
      .map((code) => String.fromCharCode(code))
      .filter((text) => !forbidden.includes(text));
    const value = fc.option(fc.string({ unit: character }), { nil: undefined });
    const argumentsList = fc.uniqueArray(fc.tuple(fc.integer({ min: 0, max: 9 }), value), {
      selector: ([digit]) => digit,
    });
    fc.assert(
      fc.property(argumentsList, (entries) => {
        const parsed = parseExecuteArguments(formatExecuteArguments(new Map(entries)));
        assert.ok(!isRefusal(parsed));
        assert.deepEqual([...parsed], entries);
      }),
    );
  });

  it('never throws on arbitrary text (R-462)', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom('0', '1', '=', "'", ',', ' ', 'a') })),
        (text) => {
          const parsed = parseExecuteArguments(text);
          if (!isRefusal(parsed)) assert.doesNotThrow(() => formatExecuteArguments(parsed));
        },
      ),
    );
  });
});
