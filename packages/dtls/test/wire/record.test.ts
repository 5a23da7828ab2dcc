import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { concatBytes, hexDecode, noBytes } from '@dunlin/base';
import fc from 'fast-check';

import { decodeAlert, encodeAlert } from '../../src/wire/alert.ts';
import { changeCipherSpec, checkChangeCipherSpec } from '../../src/wire/change-cipher-spec.ts';
import { ContentType } from '../../src/wire/content-type.ts';
import { decodeHandshakeFragments, encodeHandshakeFragment } from '../../src/wire/handshake-header.ts';
import { HandshakeType } from '../../src/wire/handshake-type.ts';
import { isMalformed } from '../../src/wire/malformed.ts';
import {
  decodeRecords,
  type DtlsRecord,
  encodeRecord,
  maxFragmentBytes,
  recordReadingDefaults,
} from '../../src/wire/record.ts';
import { byteStrings, plain, uint16, uint48 } from '../support/arbitraries.ts';
import { assertHardened, wellFormed } from '../support/codec.ts';

const hex = (text: string): Uint8Array => hexDecode(text) ?? noBytes;
const reading = { ...recordReadingDefaults, connectionIdLength: 4 };
const record: fc.Arbitrary<DtlsRecord> = fc
  .record(
    {
      type: fc.constantFrom(...Object.values(ContentType)),
      version: fc.constantFrom(0xfeff, 0xfefd, 0xfefc),
      epoch: uint16,
      sequenceNumber: uint48,
      connectionId: byteStrings(4, 4),
      fragment: byteStrings(0, 80),
    },
    plain,
  )
  .map(({ connectionId, ...rest }) =>
    Object.assign(rest, { connectionId: rest.type === ContentType.tls12Cid ? connectionId : noBytes }),
  );

describe('records (RFC 6347 §4.1, RFC 9146 §4)', () => {
  it('are read back as they were written, several in one datagram', () => {
    fc.assert(
      fc.property(fc.array(record, { maxLength: 10 }), (records) => {
        const datagram = concatBytes(records.map((each) => encodeRecord(each)));
        assert.deepEqual(decodeRecords(datagram, reading), { records, discarded: [] });
      }),
    );
  });

  it('keep sequence numbers of 48 bits exactly (checklist 9)', () => {
    const bytes = hex('17 fefd 0001 ffffffffffff 0000');
    const [first] = decodeRecords(bytes, reading).records;
    assert.equal(first?.sequenceNumber, 2 ** 48 - 1);
    assert.deepEqual(first && encodeRecord(first), bytes);
  });

  it('never make the reader throw, whatever the bytes (checklist 7, checklist 28)', () => {
    fc.assert(
      fc.property(byteStrings(0, 400), fc.integer({ min: 0, max: 20 }), (datagram, connectionIdLength) => {
        const { records } = decodeRecords(datagram, { connectionIdLength, maxRecords: 8 });
        assert.ok(records.length <= 8);
      }),
    );
  });

  it('that are cut short end the datagram; the ones in front are read (checklist 7)', () => {
    const whole = hex('16 fefd 0000 000000000000 0002 aabb');
    for (let length = 0; length < whole.length; length += 1) {
      const { records, discarded } = decodeRecords(concatBytes([whole, whole.subarray(0, length)]), reading);
      assert.equal(records.length, 1);
      assert.equal(discarded.length, length === 0 ? 0 : 1);
    }
  });

  it('of unknown type, foreign version or excessive length are passed over, the ones behind are read (checklist 4, checklist 7)', () => {
    const good = hex('17 fefd 0001 000000000005 0001 aa');
    const excessive = encodeRecord({
      type: ContentType.handshake,
      version: 0xfefd,
      epoch: 0,
      sequenceNumber: 0,
      connectionId: noBytes,
      fragment: new Uint8Array(maxFragmentBytes + 1),
    });
    for (const bad of [
      hex('18 fefd 0001 000000000004 0001 aa'),
      hex('80 fefd 0001 000000000004 0001 aa'),
      hex('17 0303 0001 000000000004 0001 aa'),
      excessive,
    ]) {
      const { records, discarded } = decodeRecords(concatBytes([bad, good]), reading);
      assert.deepEqual(
        records.map((each) => each.sequenceNumber),
        [5],
      );
      assert.equal(discarded.length, 1);
    }
  });

  it('with a connection id are passed over where none was given out (checklist 12)', () => {
    const { records, discarded } = decodeRecords(
      hex('19 fefd 0001 000000000000 0000'),
      recordReadingDefaults,
    );
    assert.deepEqual([records.length, discarded.length], [0, 1]);
  });

  it('are read up to a limit per datagram (checklist 7)', () => {
    const flood = concatBytes(Array.from({ length: 1000 }, () => hex('17 fefd 0000 000000000000 0000')));
    assert.equal(decodeRecords(flood, reading).records.length, recordReadingDefaults.maxRecords);
  });
});

describe('handshake fragments (RFC 6347 §4.2.2)', () => {
  const fragment = fc
    .record(
      {
        type: fc.constantFrom(...Object.values(HandshakeType)),
        before: fc.nat(1000),
        after: fc.nat(1000),
        messageSeq: uint16,
        fragment: byteStrings(0, 60),
      },
      plain,
    )
    .map(({ before, after, ...rest }) =>
      Object.assign(rest, {
        fragmentOffset: before,
        length: before + rest.fragment.length + after,
      }),
    );

  it('are read back as they were written, several in one record', () => {
    fc.assert(
      fc.property(fc.array(fragment, { minLength: 1, maxLength: 6 }), (fragments) => {
        const content = concatBytes(fragments.map((each) => encodeHandshakeFragment(each)));
        assert.deepEqual(decodeHandshakeFragments(content), fragments);
      }),
    );
  });

  it('survive hostile bytes (checklist 20, checklist 28)', () => {
    assertHardened(fragment, encodeHandshakeFragment, decodeHandshakeFragments);
  });

  it('that reach past their message are refused (checklist 15)', () => {
    assert.ok(isMalformed(decodeHandshakeFragments(hex('01 000003 0000 000002 000002 aabb'))));
    assert.ok(isMalformed(decodeHandshakeFragments(hex('01 000000 0000 ffffff 000000'))));
  });

  it('of length zero are read once and make no loop (checklist 15)', () => {
    const done = hex('0e 000000 0003 000000 000000');
    assert.equal(wellFormed(decodeHandshakeFragments(done)).length, 1);
    assert.ok(isMalformed(decodeHandshakeFragments(noBytes)));
  });
});

describe('alerts and ChangeCipherSpec (RFC 5246 §7.1, §7.2)', () => {
  it('an alert is two bytes, unknown levels and descriptions included (checklist 24)', () => {
    fc.assert(
      fc.property(fc.nat(255), fc.nat(255), (level, description) => {
        assert.deepEqual(decodeAlert(encodeAlert({ level, description })), { level, description });
      }),
    );
    for (const bytes of ['', '01', '010000']) assert.ok(isMalformed(decodeAlert(hex(bytes))));
  });

  it('ChangeCipherSpec is the one byte 1 (checklist 10)', () => {
    assert.equal(checkChangeCipherSpec(changeCipherSpec), undefined);
    for (const bytes of ['', '00', '02', '0101']) assert.ok(isMalformed(checkChangeCipherSpec(hex(bytes))));
  });
});
