import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { senderNumber, TypeOfNumber } from '@dunlin/sms';

describe('the number of a sender', () => {
  for (const [title, typeOfNumber, digits, number] of [
    ['an international number is taken as it is', TypeOfNumber.international, '491700000001', '491700000001'],
    [
      'a "+" that some centres leave in is dropped',
      TypeOfNumber.international,
      '+491700000001',
      '491700000001',
    ],
    ['a national number gets the country code', TypeOfNumber.national, '1700000001', '491700000001'],
    ['an international prefix is dropped', TypeOfNumber.unknown, '00491700000001', '491700000001'],
    [
      'a national number with "+" is an international one',
      TypeOfNumber.national,
      '+491700000001',
      '491700000001',
    ],
    ['an unknown type is taken as it is', TypeOfNumber.unknown, '10690', '10690'],
    [
      'a network-specific one is taken as it is',
      TypeOfNumber.networkSpecific,
      '491700000001',
      '491700000001',
    ],
    [
      'a name is no number, even when it looks like one',
      TypeOfNumber.alphanumeric,
      '491700000001',
      undefined,
    ],
    ['stars and letters are no number', TypeOfNumber.unknown, '*100#', undefined],
    ['a "+" alone is no number', TypeOfNumber.international, '+', undefined],
    ['nothing is no number', TypeOfNumber.unknown, '', undefined],
  ] as const) {
    it(title, () => assert.equal(senderNumber({ typeOfNumber, digits }, '49'), number));
  }

  it('leaves a national number alone when no country code is known', () => {
    assert.equal(senderNumber({ typeOfNumber: TypeOfNumber.national, digits: '1700' }, undefined), '1700');
  });
});
