import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { concatBytes, hexDecode, hexEncode, noBytes } from '@dunlin/base';
import { decodeUserData, encodeUserDataHeader, type UserDataHeader } from '@dunlin/sms';
import fc from 'fast-check';

function bytes(hex: string): Uint8Array {
  const decoded = hexDecode(hex);
  assert.ok(decoded !== undefined);
  return decoded;
}

function read(hex: string): { header: UserDataHeader; data: string } {
  const taken = decodeUserData(bytes(hex), true);
  assert.equal(taken.kind, 'user-data', taken.kind === 'malformed' ? taken.reason : '');
  assert.ok(taken.kind === 'user-data');
  return { header: taken.header, data: hexEncode(taken.data) };
}

const narrow = { reference: 0x77, isWide: false, total: 2, number: 1 };
const ports = { destination: 0x1633, source: 0x1633 };

describe('R-920: user data headers (3GPP TS 23.040 §9.2.3.24)', () => {
  const known: readonly (readonly [name: string, hex: string, header: UserDataHeader])[] = [
    ['a concatenation of 8 bits', '0500 0377 0201', { concatenation: narrow }],
    [
      'a concatenation of 16 bits',
      '0608 04 a1b2 ff ff',
      { concatenation: { reference: 0xa1b2, isWide: true, total: 255, number: 255 } },
    ],
    ['application ports of 16 bits', '0605 04 1633 1633', { ports }],
    ['both', '0b 0003 770201 0504 16331633', { concatenation: narrow, ports }],
  ];
  for (const [name, hex, header] of known) {
    it(`reads and writes ${name}`, () => {
      assert.deepEqual(read(`${hex} c0ffee`), { header, data: 'c0ffee' });
      assert.equal(hexEncode(encodeUserDataHeader(header)), hex.replaceAll(' ', ''));
    });
  }

  it('writes no bytes for a header that says nothing', () => {
    assert.deepEqual(encodeUserDataHeader({}), noBytes);
  });

  it('takes user data without a header as it is', () => {
    const taken = decodeUserData(bytes('0500037702'), false);
    assert.deepEqual(taken, { kind: 'user-data', header: {}, data: bytes('0500037702') });
  });

  it('passes over unknown information elements', () => {
    assert.deepEqual(read('08 240105 0003770201 bb'), { header: { concatenation: narrow }, data: 'bb' });
    assert.deepEqual(read('07 0003770201 7f00 bb'), { header: { concatenation: narrow }, data: 'bb' });
    assert.deepEqual(read('04 0402 f0f0 01'), { header: {}, data: '01' });
  });

  it('heeds the last of an information element that comes twice', () => {
    assert.deepEqual(read('0a 0003 010201 0003 770201 aa').header, { concatenation: narrow });
  });

  it('reads an empty header and empty data', () => {
    assert.deepEqual(read('00'), { header: {}, data: '' });
    assert.deepEqual(read('05 0003770201'), { header: { concatenation: narrow }, data: '' });
  });

  const malformed: readonly (readonly [name: string, hex: string])[] = [
    ['no bytes at all', ''],
    ['a header longer than the user data', '06 0003770201'],
    ['a header length of 255', 'ff 00'],
    ['an information element longer than the header', '03 000377 0201'],
    ['an information element without its length', '01 00 aa'],
    ['a part 0', '05 0003 77 02 00'],
    ['part 3 of 2', '05 0003 77 02 03'],
    ['part 0 of 0', '05 0003 77 00 00'],
    ['a concatenation of two bytes', '04 0002 77 02 aa'],
    ['a wide concatenation of three bytes', '05 0803 77 02 01'],
    ['application ports of two bytes', '04 0502 1633 aa'],
  ];
  for (const [name, hex] of malformed) {
    it(`takes ${name} for malformed`, () => {
      assert.equal(decodeUserData(bytes(hex), true).kind, 'malformed');
    });
  }

  it('never fails on arbitrary bytes, and keeps within them', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (userData) => {
        const taken = decodeUserData(userData, true);
        if (taken.kind === 'malformed') return;
        assert.deepEqual(taken.data, userData.subarray(1 + (userData[0] ?? 0)));
      }),
    );
  });

  it('reads what it writes', () => {
    const byte = fc.integer({ min: 0, max: 255 });
    const port = fc.integer({ min: 0, max: 0xffff });
    const concatenation = fc
      .record({ wide: fc.boolean(), reference: port, total: fc.integer({ min: 1, max: 255 }), part: byte })
      .map(({ wide, reference, total, part }) => ({
        reference: wide ? reference : reference & 0xff,
        isWide: wide,
        total,
        number: 1 + (part % total),
      }));
    const headers = fc.record(
      { concatenation, ports: fc.record({ destination: port, source: port }, { noNullPrototype: true }) },
      { requiredKeys: [], noNullPrototype: true },
    );
    fc.assert(
      fc.property(headers, fc.uint8Array({ maxLength: 100 }), (header, data) => {
        const encoded = encodeUserDataHeader(header);
        const taken = decodeUserData(concatBytes([encoded, data]), encoded.length > 0);
        assert.ok(taken.kind === 'user-data');
        assert.deepEqual(taken.header, header);
        assert.deepEqual(hexEncode(taken.data), hexEncode(data));
      }),
    );
  });
});
