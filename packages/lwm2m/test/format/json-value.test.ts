import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DunlinError } from '@dunlin/base';
import {
  formatLimitsDefaults,
  isFormatFailure,
  isJsonArray,
  isJsonObject,
  type JsonValue,
  parseJsonExactly,
  stringifyJsonExactly,
} from '@dunlin/lwm2m';
import fc from 'fast-check';
import { problemOf } from '../support/payloads.ts';

/** The same value with ordinary objects, as literals and `JSON.parse` have them. */
function plain(value: JsonValue): unknown {
  if (isJsonArray(value)) return value.map(plain);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, member === undefined ? member : plain(member)]),
  );
}

function parsed(text: string): unknown {
  const value = parseJsonExactly(text);
  if (isFormatFailure(value)) assert.fail(value.reason);
  return plain(value);
}

function deep(depth: number): string {
  return '['.repeat(depth) + ']'.repeat(depth);
}

/** Any string, also with surrogates that are not paired. */
const codeUnits = fc.array(fc.nat(0xffff), { maxLength: 20 }).map((codes) => String.fromCharCode(...codes));

describe('Exact JSON (RFC 8259, R-1135)', () => {
  test('gives integers exactly: a number up to 2^53-1, a bigint beyond (R-131)', () => {
    const cases: readonly (readonly [string, number | bigint])[] = [
      ['0', 0],
      ['-0', -0],
      ['9007199254740991', 2 ** 53 - 1],
      ['9007199254740992', 2n ** 53n],
      ['-9007199254740993', -(2n ** 53n) - 1n],
      ['18446744073709551615', 2n ** 64n - 1n],
      ['123456789012345678901234567890', 123456789012345678901234567890n],
      ['5.0', 5],
      ['12e2', 1200],
      ['1.25e2', 125],
      ['9007199254740993.0', 2n ** 53n + 1n],
      ['9.223372036854775807e18', 2n ** 63n - 1n],
      ['922337203685477580.7e1', 2n ** 63n - 1n],
      ['1.5', 1.5],
      ['1e300', 1e300],
      ['5e-324', 5e-324],
      ['1e-999', 0],
    ];
    for (const [text, value] of cases) assert.deepEqual(parseJsonExactly(text), value, text);
  });

  test('writes what it reads', () => {
    for (const text of [
      'null',
      'true',
      'false',
      '0',
      '-0',
      '18446744073709551616',
      '"a\\n\\u0001"',
      '[]',
      '{}',
      '[1,[2,{"a":[]}]]',
      '{"a":1,"b":null}',
    ]) {
      const value = parseJsonExactly(text);
      assert.ok(!isFormatFailure(value));
      assert.equal(stringifyJsonExactly(value), text);
    }
  });

  test('passes over blanks, and unescapes texts', () => {
    assert.deepEqual(
      parsed(' \t\n\r{ "a" : [ 1 , 2 ] , "b\\u0041\\/\\"" : "\\ud83e\\udd86\\b\\f\\n\\r\\t\\\\" } '),
      {
        a: [1, 2],
        'bA/"': '🦆\b\f\n\r\t\\',
      },
    );
  });

  test('refuses what is not JSON', () => {
    for (const text of [
      '',
      ' ',
      'nul',
      'True',
      'undefined',
      'NaN',
      'Infinity',
      '+1',
      '01',
      '-',
      '1.',
      '.5',
      '1e',
      '0x1',
      '1n',
      '--1',
      '"',
      '"a',
      '"\\x"',
      '"\\u12"',
      '"\\u12g4"',
      '"\n"',
      "'a'",
      '[',
      '[1',
      '[1,',
      '[1,]',
      '[,]',
      '[1 2]',
      ']',
      '{',
      '{"a"',
      '{"a":',
      '{"a":1',
      '{"a":1,',
      '{"a":1,}',
      '{a:1}',
      '{1:1}',
      '{"a" 1}',
      '{"a":1 "b":2}',
      '1 2',
      '{}{}',
      '//',
      '\ufeff1',
      '1\u00a0',
    ]) {
      assert.equal(problemOf(parseJsonExactly(text)), 'malformed', JSON.stringify(text));
    }
  });

  test('refuses a name that comes twice in one object', () => {
    assert.equal(problemOf(parseJsonExactly('{"a":1,"b":2,"a":1}')), 'malformed');
    assert.equal(problemOf(parseJsonExactly('{"a":1,"\\u0061":1}')), 'malformed');
    assert.deepEqual(parsed('{"a":{"a":1}}'), { a: { a: 1 } });
  });

  test('knows no special names', () => {
    const value = parseJsonExactly('{"__proto__":{"polluted":true},"constructor":1,"toString":2}');
    assert.ok(!isFormatFailure(value) && isJsonObject(value));
    assert.deepEqual(Object.keys(value), ['__proto__', 'constructor', 'toString']);
    assert.equal(value['polluted'], undefined);
    assert.equal(Object.getPrototypeOf(value), null);
    assert.equal('polluted' in {}, false);
    assert.equal(stringifyJsonExactly(value), '{"__proto__":{"polluted":true},"constructor":1,"toString":2}');
  });

  test('gives no document that passes for a failure of ours', () => {
    assert.equal(
      isFormatFailure(parseJsonExactly('{"kind":"failure","problem":"malformed","reason":"x"}')),
      false,
    );
  });

  test('refuses what exceeds a limit: length, depth, number of values, length and range of numbers', () => {
    assert.equal(isFormatFailure(parseJsonExactly(deep(formatLimitsDefaults.maxDepth))), false);
    assert.equal(problemOf(parseJsonExactly(deep(formatLimitsDefaults.maxDepth + 1))), 'malformed');
    assert.equal(problemOf(parseJsonExactly('['.repeat(1_000_000))), 'malformed');
    assert.equal(
      problemOf(parseJsonExactly('[1,2,3]', { ...formatLimitsDefaults, maxValues: 3 })),
      'malformed',
    );
    assert.equal(
      problemOf(parseJsonExactly('[1,2,3]', { ...formatLimitsDefaults, maxPayloadLength: 6 })),
      'malformed',
    );
    for (const number of ['1e309', '-1e309', `1.${'0'.repeat(500_000)}1`, '9'.repeat(500_000)]) {
      assert.equal(problemOf(parseJsonExactly(number)), 'malformed');
    }
  });

  test('does not write what JSON cannot hold', () => {
    const endless: JsonValue[] = [];
    endless.push(endless);
    for (const value of [Number.NaN, Infinity, [-Infinity], endless]) {
      assert.throws(
        () => stringifyJsonExactly(value),
        (error) => DunlinError.is(error),
      );
    }
    assert.equal(stringifyJsonExactly({ a: undefined, b: [1n] }), '{"b":[1]}');
  });

  test('agrees with JSON.parse and JSON.stringify on any value without large integers', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), fc.nat(3), (value, indent) => {
        const text = JSON.stringify(value, undefined, indent);
        const back = parseJsonExactly(text);
        assert.ok(!isFormatFailure(back));
        const again = stringifyJsonExactly(back);
        assert.deepEqual(JSON.parse(again), JSON.parse(text));
      }),
    );
  });

  test('gives back integers of any size', () => {
    fc.assert(
      fc.property(fc.bigInt(), (value) => {
        const back = parseJsonExactly(stringifyJsonExactly([value]));
        assert.ok(!isFormatFailure(back) && isJsonArray(back) && typeof back[0] !== 'object');
        assert.equal(BigInt(back[0] ?? ''), value);
      }),
    );
  });

  test('never throws on an arbitrary text, and accepts none that JSON.parse refuses', () => {
    const fragments = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"',
      '\\',
      'u',
      '0',
      '1',
      '-',
      '.',
      'e',
      'null',
      'true',
      ' ',
      '"a"',
      '\n',
    );
    const text = fc.oneof(
      codeUnits,
      fc.array(fragments, { maxLength: 20 }).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(text, (candidate) => {
        if (!isFormatFailure(parseJsonExactly(candidate)))
          assert.doesNotThrow(() => JSON.parse(candidate) as unknown);
      }),
    );
  });
});
