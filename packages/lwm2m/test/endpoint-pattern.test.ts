import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { matchesEndpointPattern } from '@dunlin/lwm2m';
import fc from 'fast-check';

describe('A pattern of endpoint names', () => {
  const cases: readonly (readonly [string, readonly string[], readonly string[]])[] = [
    ['*', ['', 'a', 'urn:imei:1'], []],
    ['urn:imei:*', ['urn:imei:', 'urn:imei:123'], ['urn:imei', 'Urn:imei:1', 'xurn:imei:1']],
    ['*-lamp', ['-lamp', 'a-lamp'], ['a-lamps', 'lamp']],
    ['a*a', ['aa', 'aba'], ['a', 'ab']],
    ['a*b*c', ['abc', 'axxbyyc', 'abcbc'], ['acb', 'ab', 'abcd']],
    ['**', ['', 'x'], []],
    ['a.c*', ['a.c', 'a.cd'], ['abc']],
    ['[a]*', ['[a]', '[a]b'], ['a']],
  ];
  for (const [pattern, fitting, others] of cases) {
    test(`${pattern} has * for any text, and nothing else that is special`, () => {
      for (const name of fitting) assert.ok(matchesEndpointPattern(pattern, name), name);
      for (const name of others) assert.ok(!matchesEndpointPattern(pattern, name), name);
    });
  }

  test('fits as its regular expression does', () => {
    const piece = fc.stringMatching(/^[ab*]{0,12}$/);
    fc.assert(
      fc.property(piece, fc.stringMatching(/^[ab]{0,12}$/), (pattern, name) => {
        const expression = new RegExp(`^${pattern.replaceAll('*', '.*')}$`);
        assert.equal(matchesEndpointPattern(pattern, name), expression.test(name));
      }),
    );
  });

  test('costs no more for being built to cost much', () => {
    const pattern = `${'*a'.repeat(100)}*b`;
    const name = 'a'.repeat(20_000);
    const started = performance.now();
    assert.ok(!matchesEndpointPattern(pattern, name));
    assert.ok(performance.now() - started < 10_000);
  });

  test('is quick on a name that almost fits', () => {
    assert.equal(matchesEndpointPattern('*a'.repeat(100), 'a'.repeat(500) + 'b'), false);
  });
});
