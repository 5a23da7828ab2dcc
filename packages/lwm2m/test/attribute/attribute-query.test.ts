import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { seconds } from '@dunlin/base';
import { formatCode } from '@dunlin/coap';
import {
  formatAttributeQuery,
  isRefusal,
  maxPeriod,
  type NotificationAttributesChange,
  parseAttributeQuery,
} from '@dunlin/lwm2m';
import fc from 'fast-check';

describe('The query of a Write-Attributes', () => {
  const valid: readonly (readonly [string, NotificationAttributesChange, string?])[] = [
    ['pmin=10', { pmin: seconds(10) }],
    ['pmin=0&pmax=0', { pmin: seconds(0), pmax: seconds(0) }],
    ['pmin=10&pmax=200', { pmin: seconds(10), pmax: seconds(200) }],
    ['lt=1&gt=6&st=1', { gt: 6, lt: 1, st: 1 }, 'gt=6&lt=1&st=1'],
    ['gt=-5.25', { gt: -5.25 }],
    ['gt=50&lt=42.2', { gt: 50, lt: 42.2 }],
    ['st=20.0', { st: 20 }, 'st=20'],
    ['gt=1e-7&lt=-1.5E+3', { gt: 1e-7, lt: -1500 }, 'gt=0.0000001&lt=-1500'],
    ['gt=-0', { gt: -0 }, 'gt=0'],
    ['pmin=010', { pmin: seconds(10) }, 'pmin=10'],
  ];
  for (const [query, change, written = query] of valid) {
    it(`sets what ${query} says, and writes it as ${written} (R-451, R-435)`, () => {
      const parsed = parseAttributeQuery(query.split('&'));
      assert.deepEqual(parsed, change);
      assert.ok(!isRefusal(parsed));
      assert.equal(formatAttributeQuery(parsed).join('&'), written);
    });
  }

  it('unsets an attribute that stands without a value, and leaves those not mentioned (R-451)', () => {
    assert.deepEqual(parseAttributeQuery(['pmin']), { pmin: null });
    assert.deepEqual(parseAttributeQuery(['pmax', 'gt=1', 'st']), { pmax: null, gt: 1, st: null });
    assert.deepEqual(formatAttributeQuery({ gt: 1, pmax: null, pmin: undefined }), ['pmax', 'gt=1']);
    assert.deepEqual(parseAttributeQuery([]), {});
  });

  it('is refused with 4.00 for an unknown, read-only, repeated, empty, negative or non-numeric attribute (R-452)', () => {
    const malformed = [
      'pmin=',
      'gt=',
      'st=',
      'pmin=-1',
      'pmax=1.5',
      'pmin=1e3',
      'pmin=abc',
      'pmin=+1',
      'pmin= 1',
      'pmin=1 ',
      'pmin=0x10',
      'gt=abc',
      'gt=.',
      'gt=1e999',
      'gt=Infinity',
      'gt=NaN',
      'gt=+5',
      'gt=--5',
      'gt=1,5',
      'st=-1',
      'st=-0.5',
      'dim=3',
      'ver=1.0',
      'ssid=1',
      'epmin=1',
      'con=1',
      'PMIN=1',
      '',
      '=',
      '=5',
      'pmin=1&pmin=1',
      'pmin&pmin=1',
      'pmin=1=2',
      'pmin=4294967296',
      'pmax=99999999999999999999',
      'toString',
      '__proto__',
      '__proto__=1',
      'gt=1&unknown',
    ];
    for (const query of malformed) {
      const parsed = parseAttributeQuery(query.split('&'));
      assert.ok(isRefusal(parsed), query);
      assert.equal(formatCode(parsed.code), '4.00', query);
      assert.notEqual(parsed.reason, '');
    }
  });

  it('takes periods up to the limit (R-454)', () => {
    assert.deepEqual(parseAttributeQuery([`pmax=${maxPeriod}`]), { pmax: seconds(maxPeriod) });
  });

  it('never has scientific notation, and is read back as the same change (R-435, R-450)', () => {
    const period = fc.option(fc.integer({ min: 0, max: maxPeriod }).map(seconds));
    const decimal = fc.option(fc.double({ noNaN: true, noDefaultInfinity: true }));
    const step = fc.option(fc.double({ noNaN: true, noDefaultInfinity: true, min: 0 }));
    const change = fc.record(
      { pmin: period, pmax: period, gt: decimal, lt: decimal, st: step },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(change, (anyChange) => {
        const query = formatAttributeQuery(anyChange);
        for (const argument of query) assert.match(argument, /^[a-z]+(=-?\d+(\.\d*[1-9])?)?$/);
        const parsed = parseAttributeQuery(query);
        assert.ok(!isRefusal(parsed));
        for (const name of ['pmin', 'pmax', 'gt', 'lt', 'st'] as const) {
          const expected = anyChange[name];
          assert.ok(parsed[name] === expected || (parsed[name] === 0 && expected === 0), name);
        }
      }),
    );
  });

  it('never throws on arbitrary text (R-452)', () => {
    const argument = fc.oneof(
      fc.string(),
      fc
        .tuple(fc.constantFrom('pmin', 'pmax', 'gt', 'lt', 'st'), fc.string())
        .map((parts) => parts.join('=')),
    );
    fc.assert(
      fc.property(fc.array(argument, { maxLength: 6 }), (query) => {
        const parsed = parseAttributeQuery(query);
        if (isRefusal(parsed)) assert.equal(formatCode(parsed.code), '4.00');
      }),
    );
  });
});
