import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { instantFrom } from '@dunlin/base';
import {
  addressOf,
  decodeReceivedTpdu,
  decodeStatusReport,
  encodeStatusReport,
  receiptStateOf,
} from '@dunlin/sms';
import fc from 'fast-check';

import { bytesOf } from '../support/bytes-of.ts';

const report = '06 07 05810196F0 62116271134500 62116271135500';
const centreTime = instantFrom(Date.UTC(2026, 10, 26, 17, 31, 54));
const dischargeTime = instantFrom(Date.UTC(2026, 10, 26, 17, 31, 55));

describe('SMS-STATUS-REPORT (3GPP TS 23.040 §9.2.2.3)', () => {
  for (const [title, optional] of [
    ['alone', ''],
    ['with an indicator of nothing', '00'],
    ['with a protocol, a coding and user data', '07 00 04 03 AABBCC'],
    ['with 7-bit user data, which is so when no coding is given', '04 08 AABBCCDDEEFF00'],
    ['with an indicator of two octets', '81 00 7F'],
  ] as const) {
    it(`says what became of which message, ${title}`, () => {
      assert.deepEqual(decodeReceivedTpdu(bytesOf(`${report} 00 ${optional}`)), {
        kind: 'status-report',
        messageReference: 7,
        to: addressOf('10690'),
        centreTime,
        dischargeTime,
        status: 0,
      });
    });
  }

  for (const [title, optional] of [
    ['a protocol that is missing', '01'],
    ['user data that is cut short', '06 04 03 AABB'],
    ['octets left over', '00 00'],
    ['an indicator that goes on without end', '80'],
  ] as const) {
    it(`is malformed: ${title}`, () => {
      assert.equal(decodeReceivedTpdu(bytesOf(`${report} 00 ${optional}`)).kind, 'malformed');
    });
  }

  it('is malformed wherever it is cut off', () => {
    const whole = bytesOf(`${report} 00`);
    for (let length = 0; length < whole.length; length += 1)
      assert.equal(decodeStatusReport(whole.subarray(0, length)).kind, 'malformed', `${length} octets`);
  });

  it('reads what it wrote', () => {
    const octet = fc.integer({ min: 0, max: 255 });
    fc.assert(
      fc.property(octet, octet, (messageReference, status) => {
        const sent = { messageReference, to: addressOf('491700000001'), centreTime, dischargeTime, status };
        assert.deepEqual(decodeStatusReport(encodeStatusReport(sent)), { kind: 'status-report', ...sent });
      }),
    );
  });

  it('tells the fate of the message by its status (§9.2.3.15)', () => {
    const states = Array.from({ length: 256 }, (_, status) => receiptStateOf(status));
    assert.ok(states.slice(0, 0x20).every((state) => state === 'delivered'));
    assert.ok(
      states.slice(0x20, 0x40).every((state) => state === undefined),
      'the centre still tries',
    );
    assert.equal(states[0x41], 'failed');
    assert.equal(states[0x42], 'rejected');
    assert.equal(states[0x46], 'expired');
    assert.equal(states[0x62], 'failed');
    assert.equal(states[0x63], 'rejected');
    assert.ok(states.slice(0x80).every((state) => state === 'rejected'));
  });
});
