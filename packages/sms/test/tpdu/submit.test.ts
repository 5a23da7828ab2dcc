import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { hexEncode, milliseconds, noBytes, UsageError } from '@dunlin/base';
import { addressOf, decodeSubmit, eightBitData, encodeSubmit, maxUserData, type Submit } from '@dunlin/sms';
import fc from 'fast-check';

import { bytesOf } from '../support/bytes-of.ts';

const hour = 3_600_000;

function submit(changes: Partial<Submit> = {}): Submit {
  return {
    kind: 'submit',
    messageReference: 0,
    to: addressOf('10690'),
    protocolIdentifier: 0,
    validity: milliseconds(24 * hour),
    wantsStatusReport: false,
    userData: { dataCodingScheme: eightBitData, hasHeader: false, octets: bytesOf('4402123400FF') },
    ...changes,
  };
}

const withHeader = {
  dataCodingScheme: eightBitData,
  hasHeader: true,
  octets: bytesOf('05 0003 77 02 01 DEADBEEF'),
};

describe('SMS-SUBMIT (3GPP TS 23.040 §9.2.2.2)', () => {
  for (const [title, changes, hex] of [
    ['is what Kannel sends for a CoAP message', {}, '1100 05810196F0 00 04 A7 06 4402123400FF'],
    [
      'addresses an international number, whose odd digit is filled up',
      { to: addressOf('491700000') },
      '1100 0991947100 00F0 00 04 A7 06 4402123400FF',
    ],
    [
      'says nothing of the validity when there is none',
      { validity: undefined },
      '0100 05810196F0 00 04 06 4402123400FF',
    ],
    ['asks for a status report', { wantsStatusReport: true }, '3100 05810196F0 00 04 A7 06 4402123400FF'],
    ['marks a header', { userData: withHeader }, '5100 05810196F0 00 04 A7 0A 0500037702 01DEADBEEF'],
    [
      'carries nothing as well',
      { userData: { ...withHeader, hasHeader: false, octets: noBytes } },
      '1100 05810196F0 00 04 A7 00',
    ],
    [
      'has a reference and a protocol',
      { messageReference: 255, protocolIdentifier: 0x7f },
      '11FF 05810196F0 7F 04 A7 06 4402123400FF',
    ],
  ] as const satisfies readonly (readonly [string, Partial<Submit>, string])[]) {
    it(title, () => {
      assert.equal(hexEncode(encodeSubmit(submit(changes))), hexEncode(bytesOf(hex)));
      assert.deepEqual(decodeSubmit(bytesOf(hex)), submit(changes));
    });
  }

  it('takes 140 octets and not one more (3GPP TS 23.040 §9.2.3.24)', () => {
    const octets = Uint8Array.from({ length: maxUserData }, (_, index) => index);
    const userData = { dataCodingScheme: eightBitData, hasHeader: false, octets };
    assert.equal(encodeSubmit(submit({ userData })).length, 11 + maxUserData);
    const tooMuch = { ...userData, octets: new Uint8Array(maxUserData + 1) };
    assert.throws(() => encodeSubmit(submit({ userData: tooMuch })), UsageError);
  });

  it('refuses to write what it cannot say', () => {
    for (const changes of [
      { messageReference: 256 },
      { messageReference: -1 },
      { messageReference: 0.5 },
      { to: addressOf('') },
      { to: addressOf('+491700000001') },
      { to: addressOf('4'.repeat(21)) },
      { userData: { ...withHeader, dataCodingScheme: 0 } },
      { userData: { ...withHeader, dataCodingScheme: 8 } },
    ]) {
      assert.throws(() => encodeSubmit(submit(changes)), UsageError, JSON.stringify(changes));
    }
  });

  it('says in the relative format how long the centre may try, never shorter than asked (§9.2.3.12.1)', () => {
    for (const [validity, octet, read] of [
      [0, 0, 5 / 60],
      [5 / 60, 0, 5 / 60],
      [5 / 60 + 0.001, 1, 10 / 60],
      [12, 143, 12],
      [12.1, 144, 12.5],
      [24, 167, 24],
      [25, 168, 48],
      [30 * 24, 196, 30 * 24],
      [31 * 24, 197, 5 * 7 * 24],
      [63 * 7 * 24, 255, 63 * 7 * 24],
      [1000 * 24, 255, 63 * 7 * 24],
    ] as const) {
      const written = encodeSubmit(submit({ validity: milliseconds(validity * hour) }));
      assert.equal(written[9], octet, `${validity} hours`);
      const again = decodeSubmit(written);
      assert.equal(again.kind === 'submit' && again.validity, Math.round(read * hour));
    }
  });

  it('is read with a validity of another format, which counts as none', () => {
    for (const first of ['09', '19']) {
      const read = decodeSubmit(bytesOf(`${first}00 05810196F0 00 04 62112671133000 01 AA`));
      assert.equal(read.kind === 'submit' && read.validity, undefined);
      assert.deepEqual(read.kind === 'submit' && read.userData.octets, bytesOf('AA'));
    }
  });

  it('reads what it wrote', () => {
    const digits = fc.stringMatching(/^[0-9*#abc]{1,20}$/);
    const typeOfNumber = fc.constantFrom(0, 1, 2, 3, 4, 6, 7);
    const anySubmit = fc.record(
      {
        kind: fc.constant('submit'),
        messageReference: fc.integer({ min: 0, max: 255 }),
        to: fc.record({ typeOfNumber, numberingPlan: fc.integer({ min: 0, max: 15 }), digits }, plain),
        protocolIdentifier: fc.integer({ min: 0, max: 255 }),
        validity: fc.constantFrom(undefined, milliseconds(5 * 60_000), milliseconds(30 * 24 * hour)),
        wantsStatusReport: fc.boolean(),
        userData: fc.record(
          {
            dataCodingScheme: fc.constantFrom(0x04, 0x14, 0x44, 0xf4, 0xf5, 0xf6, 0xf7),
            hasHeader: fc.constant(false),
            octets: fc.uint8Array({ maxLength: maxUserData }),
          },
          plain,
        ),
      },
      plain,
    );
    fc.assert(
      fc.property(anySubmit, (sent) => assert.deepEqual(decodeSubmit(encodeSubmit(sent as Submit)), sent)),
    );
  });

  it('gives a result for arbitrary bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 180 }), (bytes) => {
        assert.ok(['submit', 'malformed'].includes(decodeSubmit(bytes).kind));
      }),
    );
  });

  it('is malformed when any octet is missing or left over', () => {
    const whole = encodeSubmit(submit());
    for (let length = 0; length < whole.length; length += 1)
      assert.equal(decodeSubmit(whole.subarray(0, length)).kind, 'malformed', `${length} octets`);
    assert.equal(decodeSubmit(Uint8Array.of(...whole, 0)).kind, 'malformed');
  });
});

const plain = { noNullPrototype: true } as const;
