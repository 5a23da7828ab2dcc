import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { parsePhoneNumber } from '@dunlin/lwm2m';
import fc from 'fast-check';

describe('R-921: telephone numbers', () => {
  const numbers: readonly (readonly [text: string, number: string | undefined])[] = [
    ['491700000001', '491700000001'],
    ['+491700000001', '491700000001'],
    ['+49 (170) 000-0001', '491700000001'],
    ['tel:+12125550178', '12125550178'],
    ['tel:+1-212-555-0178;phone-context=example', '12125550178'],
    ['sms:10690', '10690'],
    ['sms://10690', '10690'],
    ['sms:+491700000001?body=x', '491700000001'],
    ['coap+sms://491700000001/', '491700000001'],
    ['coaps+sms://491700000001', '491700000001'],
    ['112', '112'],
    ['11', undefined],
    ['1234567890123456', undefined],
    ['', undefined],
    ['null', undefined],
    ['Bank', undefined],
    ['++49170', undefined],
    ['coap://192.0.2.1', undefined],
    ['4917000000o1', undefined],
  ];
  for (const [text, number] of numbers) {
    it(`are ${number ?? 'none'} in ${JSON.stringify(text)}`, () => {
      assert.equal(parsePhoneNumber(text), number);
    });
  }

  it('are found in no time, or not, in arbitrary text', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), (text) => {
        const number = parsePhoneNumber(text);
        assert.ok(number === undefined || parsePhoneNumber(number) === number);
      }),
    );
  });
});
