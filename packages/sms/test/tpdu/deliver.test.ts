import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { hexEncode, type Instant, instantFrom, utf8Encode } from '@dunlin/base';
import {
  addressOf,
  decodeDeliver,
  decodeReceivedTpdu,
  decodeUserData,
  type Deliver,
  encodeDeliver,
  TypeOfNumber,
  userDataCoding,
} from '@dunlin/sms';
import fc from 'fast-check';

import { bytesOf } from '../support/bytes-of.ts';

/** 26 November 2026, 17:31:54 UTC, as a message centre writes it. */
const stamp = '62116271134500';
const centreTime = instantFrom(Date.UTC(2026, 10, 26, 17, 31, 54));

const counting = Uint8Array.from({ length: 140 }, (_, index) => index);

function delivered(hex: string): Deliver {
  const read = decodeReceivedTpdu(bytesOf(hex));
  assert.ok(read.kind === 'deliver', JSON.stringify(read));
  return read;
}

function malformed(hex: string): string {
  const read = decodeReceivedTpdu(bytesOf(hex));
  assert.ok(read.kind === 'malformed', JSON.stringify(read));
  return read.reason;
}

describe('SMS-DELIVER (3GPP TS 23.040 §9.2.2.1)', () => {
  it('is read as osmo-msc sends it: 140 octets of 8-bit data', () => {
    assert.deepEqual(delivered(`20 05810196F0 00 04 ${stamp} 8C ${hexEncode(counting)}`), {
      kind: 'deliver',
      from: addressOf('10690'),
      protocolIdentifier: 0,
      centreTime,
      userData: { dataCodingScheme: 4, hasHeader: false, octets: counting },
    });
  });

  it('says that the user data begins with a header', () => {
    const { userData } = delivered(`40 05810196F0 00 04 ${stamp} 08 060504163316 33 AA`);
    assert.equal(userData.hasHeader, true);
    assert.deepEqual(userData.octets, bytesOf('06050416331633AA'));
  });

  it('brings the Registration Update Trigger that is sent to the port of WAP Push (R-923)', () => {
    const coap = '44 02 B60B 2161FB63 B131 0130 0138';
    const { userData } = delivered(`44 05810196F0 00 F5 ${stamp} 15 06 05040B840B84 ${coap}`);
    assert.equal(userDataCoding(userData.dataCodingScheme), 'eight-bit');
    const taken = decodeUserData(userData.octets, userData.hasHeader);
    assert.ok(taken.kind === 'user-data');
    assert.deepEqual(taken.header, { ports: { destination: 2948, source: 2948 } });
    assert.deepEqual(taken.data, bytesOf(coap));
  });

  it('has an international sender', () => {
    const { from } = delivered(`04 0C91947100000010 00 04 ${stamp} 01 AA`);
    assert.deepEqual(from, {
      typeOfNumber: TypeOfNumber.international,
      numberingPlan: 1,
      digits: '491700000001',
    });
  });

  it('has no digits when the sender is a name', () => {
    const { from } = delivered(`04 0AD0C8329BFD06 00 04 ${stamp} 01 AA`);
    assert.deepEqual(from, { typeOfNumber: TypeOfNumber.alphanumeric, numberingPlan: 0, digits: '' });
  });

  it('tells the time of the centre with its zone, or that it is none (§9.2.3.11)', () => {
    for (const [hex, time] of [
      [stamp, centreTime],
      ['62116281134540', centreTime],
      ['62116241134504', instantFrom(Date.UTC(2026, 10, 26, 14, 31, 54) - 10 * 3_600_000)],
      ['6211624113450C', instantFrom(Date.UTC(2026, 10, 26, 14, 31, 54) + 10 * 3_600_000)],
      ['42209200000000', instantFrom(Date.UTC(2024, 1, 29))],
      ['52209200000000', undefined],
      ['00000000000000', undefined],
      ['62316271134500', undefined],
      ['62116242134500', undefined],
      ['621162711345F0', undefined],
      ['FFFFFFFFFFFFFF', undefined],
    ] as const satisfies readonly (readonly [string, Instant | undefined])[]) {
      assert.equal(delivered(`04 05810196F0 00 04 ${hex} 01 AA`).centreTime, time, hex);
    }
  });

  it('counts septets of 7-bit text and octets of everything else (§9.2.3.16)', () => {
    assert.equal(delivered(`04 05810196F0 00 00 ${stamp} 08 AABBCCDDEEFF00`).userData.octets.length, 7);
    assert.equal(
      delivered(`04 05810196F0 00 00 ${stamp} A0 ${'AA'.repeat(140)}`).userData.octets.length,
      140,
    );
    assert.equal(delivered(`04 05810196F0 00 08 ${stamp} 04 00410042`).userData.octets.length, 4);
    assert.equal(delivered(`04 05810196F0 00 20 ${stamp} 03 AABBCC`).userData.octets.length, 3);
  });

  for (const [title, hex, reason] of [
    ['nothing at all', '', /empty/],
    ['a type that does not come by itself', '01 00', /type 1/],
    ['the reserved type', '03', /type 3/],
    ['an address that announces more digits than there are', '04 14810196F0', /10 bytes are announced/],
    ['an address that is too long', `04 1581 ${'11'.repeat(11)} 00 04 ${stamp} 00`, /21 digits/],
    ['an address with a digit missing', `04 0581F196F0 00 04 ${stamp} 00`, /ends before its last digit/],
    ['a type of address that goes on', `04 05010196F0 00 04 ${stamp} 00`, /goes on/],
    ['user data that is cut short', `04 05810196F0 00 04 ${stamp} 06 AABBCCDDEE`, /6 bytes are announced/],
    ['user data that goes on', `04 05810196F0 00 04 ${stamp} 06 AABBCCDDEEFF00`, /1 bytes are left over/],
    ['more user data than a short message has', `04 05810196F0 00 04 ${stamp} 8D ${'AA'.repeat(141)}`, /141/],
    [
      'a header that is longer than the user data',
      `44 05810196F0 00 04 ${stamp} 03 03AABB`,
      /within its header/,
    ],
    ['a header where there is no user data', `44 05810196F0 00 04 ${stamp} 00`, /within its header/],
  ] as const) {
    it(`is malformed: ${title}`, () => assert.match(malformed(hex), reason));
  }

  it('is malformed wherever it is cut off', () => {
    const whole = encodeDeliver({
      from: addressOf('10690'),
      protocolIdentifier: 0,
      centreTime,
      userData: { dataCodingScheme: 4, hasHeader: false, octets: utf8Encode('hello') },
    });
    for (let length = 0; length < whole.length; length += 1)
      assert.equal(decodeReceivedTpdu(whole.subarray(0, length)).kind, 'malformed', `${length} octets`);
  });

  it('reads what it wrote', () => {
    const time = fc.integer({ min: Date.UTC(2000, 0, 1) / 1000, max: Date.UTC(2099, 11, 31) / 1000 });
    fc.assert(
      fc.property(time, fc.uint8Array({ maxLength: 140 }), fc.boolean(), (second, octets, hasHeader) => {
        const header = Uint8Array.of(2, 0x70, 0);
        const sent = {
          from: addressOf('491700000001'),
          protocolIdentifier: 0,
          centreTime: instantFrom(second * 1000),
          userData: {
            dataCodingScheme: 4,
            hasHeader,
            octets: hasHeader ? Uint8Array.of(...header, ...octets.subarray(0, 137)) : octets,
          },
        };
        assert.deepEqual(decodeDeliver(encodeDeliver(sent)), { kind: 'deliver', ...sent });
      }),
    );
  });

  it('gives a result for arbitrary bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 180 }), (bytes) => {
        assert.ok(['deliver', 'status-report', 'malformed'].includes(decodeReceivedTpdu(bytes).kind));
      }),
    );
  });
});

describe('the data coding scheme (3GPP TS 23.038 §4)', () => {
  it('is of 8-bit data in exactly these values', () => {
    const eightBit = Array.from({ length: 256 }, (_, scheme) => scheme).filter(
      (scheme) => userDataCoding(scheme) === 'eight-bit',
    );
    const general = [0x00, 0x10, 0x40, 0x50].flatMap((group) => [4, 5, 6, 7].map((low) => group + low));
    const messageClass = [0xf4, 0xf5, 0xf6, 0xf7, 0xfc, 0xfd, 0xfe, 0xff];
    assert.deepEqual(eightBit, [...general, ...messageClass]);
  });

  it('is of text for reserved values, and of UCS-2 or compressed text where it says so', () => {
    for (const scheme of [0x00, 0x0c, 0x80, 0xb4, 0xc0, 0xd4, 0xf0])
      assert.equal(userDataCoding(scheme), 'seven-bit');
    for (const scheme of [0x08, 0x48, 0xe0]) assert.equal(userDataCoding(scheme), 'sixteen-bit');
    for (const scheme of [0x20, 0x24, 0x64]) assert.equal(userDataCoding(scheme), 'compressed');
  });
});
