import assert from 'node:assert/strict';
import { createCipheriv, createHmac } from 'node:crypto';
import { describe, it } from 'node:test';

import { concatBytes, noBytes, seededRandom, UsageError } from '@dunlin/base';
import fc from 'fast-check';

import { packBytes } from '../../src/packed-bytes.ts';
import { createRecordCipher } from '../../src/record-layer/create-record-cipher.ts';
import {
  type OpenedContent,
  openRecord,
  type OpeningFailure,
  type ProtectedContentType,
  protectedOverhead,
  type ReadProtection,
  sealRecord,
} from '../../src/record-layer/record-protection.ts';
import { ContentType } from '../../src/wire/content-type.ts';
import { type DtlsRecord, encodeRecord } from '../../src/wire/record.ts';
import { byteStrings, uint48 } from '../support/arbitraries.ts';
import { counting, hex } from '../support/hex.ts';
import { onlyRecord, protectingSuites, testKeys, testProtection } from '../support/protection.ts';

const ccm = protectingSuites[0];
const cbc = protectingSuites[2];
assert.ok(ccm?.recordCipher === 'aes-128-ccm-8' && cbc?.recordCipher === 'aes-128-cbc-sha256');

const position = { epoch: 1, sequenceNumber: 0x0102_0304_0506 };
const types = fc.constantFrom<ProtectedContentType>(21, 22, 23);

/** A record whose inner plaintext is given as it is. */
const recordOfInner = (inner: Uint8Array, connectionId: Uint8Array): DtlsRecord => {
  const { writing } = testProtection(ccm, connectionId);
  const header = { type: ContentType.tls12Cid, version: 0xfefd, ...position, connectionId };
  const fragment = new Uint8Array(writing.cipher.sealedLength(inner.length));
  writing.cipher.seal(header, inner, fragment, 0);
  return { ...header, fragment };
};

const failureOf = (opened: OpenedContent | OpeningFailure): string =>
  typeof opened === 'string' ? opened : 'opened';

for (const suite of protectingSuites) {
  describe(`protected records: ${suite.name}`, () => {
    it('are opened as they were sealed, with and without connection id and padding (RFC 9146 §4)', () => {
      const inputs = fc.tuple(
        byteStrings(0, 90),
        types,
        uint48,
        fc.constantFrom(noBytes, hex('07'), counting(1, 8), counting(1, 255)),
        fc.constantFrom(1, 16, 32),
      );
      fc.assert(
        fc.property(inputs, ([content, type, sequenceNumber, connectionId, paddingMultiple]) => {
          const { writing, reading } = testProtection(suite, connectionId, paddingMultiple);
          const bytes = sealRecord(writing, { epoch: 1, sequenceNumber }, type, content);
          assert.ok(bytes.length <= content.length + protectedOverhead(writing));
          const record = onlyRecord(bytes, connectionId.length);
          assert.equal(record.sequenceNumber, sequenceNumber);
          assert.deepEqual(openRecord(reading, record), { type, content });
        }),
      );
    });

    it('are refused when any bit of header or fragment was changed (checklist 8)', () => {
      for (const connectionId of [noBytes, hex('0a0b0c')]) {
        const { writing, reading } = testProtection(suite, connectionId);
        const bytes = sealRecord(writing, position, ContentType.applicationData, counting(0, 20));
        const record = onlyRecord(bytes, connectionId.length);
        const changed: DtlsRecord[] = [
          { ...record, epoch: 2 },
          { ...record, version: 0xfeff },
          { ...record, sequenceNumber: record.sequenceNumber + 2 ** 40 },
          { ...record, sequenceNumber: record.sequenceNumber - 1 },
        ];
        if (connectionId.length === 0) changed.push({ ...record, type: ContentType.handshake });
        for (let index = 0; index < record.fragment.length; index += 1) {
          const fragment = record.fragment.slice();
          fragment[index] = (fragment[index] ?? 0) ^ (1 << (index % 8));
          changed.push({ ...record, fragment }, { ...record, fragment: fragment.subarray(0, index) });
        }
        for (const each of changed) assert.equal(failureOf(openRecord(reading, each)), 'not-authentic');
        assert.notEqual(typeof openRecord(reading, record), 'string');
      }
    });

    it('without connection id are refused where one was agreed on, and the reverse (checklist 12)', () => {
      const plain = testProtection(suite);
      const withId = testProtection(suite, hex('aabb'));
      const content = hex('01');
      const plainRecord = onlyRecord(sealRecord(plain.writing, position, 23, content));
      const idRecord = onlyRecord(sealRecord(withId.writing, position, 23, content), 2);
      const other: ReadProtection = { ...withId.reading, connectionId: packBytes(hex('aabc')) };
      assert.equal(openRecord(withId.reading, plainRecord), 'connection-id');
      assert.equal(openRecord(plain.reading, idRecord), 'connection-id');
      assert.equal(openRecord(other, idRecord), 'connection-id');
      assert.equal(
        openRecord(plain.reading, { ...plainRecord, type: ContentType.tls12Cid }),
        'connection-id',
      );
      // The type byte alone, rewritten, helps no one.
      assert.equal(
        openRecord(plain.reading, { ...idRecord, type: 23, connectionId: noBytes }),
        'not-authentic',
      );
      assert.equal(
        openRecord(withId.reading, { ...plainRecord, type: 25, connectionId: hex('aabb') }),
        'not-authentic',
      );
    });
  });
}

describe('the inner plaintext (RFC 9146 §4)', () => {
  const connectionId = hex('0102');
  const { reading } = testProtection(ccm, connectionId);

  it('of nothing or of zeros alone is discarded (checklist 12)', () => {
    for (const length of [0, 1, 7, 40]) {
      const record = recordOfInner(new Uint8Array(length), connectionId);
      assert.equal(openRecord(reading, record), 'inner-plaintext');
    }
  });

  it('may only be an alert, a handshake message or application data (checklist 12)', () => {
    for (let type = 1; type < 256; type += 1) {
      const opened = openRecord(reading, recordOfInner(Uint8Array.of(9, type, 0, 0), connectionId));
      if (type >= 21 && type <= 23) assert.deepEqual(opened, { type, content: hex('09') });
      else assert.equal(opened, 'inner-plaintext');
    }
  });

  it('keeps zeros that are content', () => {
    const opened = openRecord(reading, recordOfInner(hex('00 00 17 00'), connectionId));
    assert.deepEqual(opened, { type: 23, content: hex('0000') });
  });
});

describe('the bytes of a record, put together once more by hand', () => {
  const content = counting(0x30, 21);

  it('of CCM_8: nonce of salt, epoch and sequence number, never random (RFC 6655 §3, checklist 11)', () => {
    const { writing } = testProtection(ccm);
    const bytes = sealRecord(writing, position, 23, content);
    const cipher = createCipheriv(
      'aes-128-ccm',
      counting(1, 16),
      concatBytes([counting(200, 4), hex('0001010203040506')]),
      {
        authTagLength: 8,
      },
    );
    cipher.setAAD(hex('0001 010203040506 17 fefd 0015'), { plaintextLength: 21 });
    const ciphertext = concatBytes([cipher.update(content), cipher.final()]);
    const expected = [
      hex('17 fefd 0001 010203040506 0025 0001010203040506'),
      ciphertext,
      cipher.getAuthTag(),
    ];
    assert.deepEqual(bytes, concatBytes(expected));
    assert.deepEqual(sealRecord(testProtection(ccm).writing, position, 23, content), bytes);
  });

  it('of CCM_8 with a connection id (RFC 9146 §5.3)', () => {
    const { writing } = testProtection(ccm, hex('c1c2c3'), 4);
    const bytes = sealRecord(writing, position, 22, content);
    const cipher = createCipheriv(
      'aes-128-ccm',
      counting(1, 16),
      concatBytes([counting(200, 4), hex('0001010203040506')]),
      {
        authTagLength: 8,
      },
    );
    const inner = concatBytes([content, hex('16 00 00')]);
    cipher.setAAD(hex('ffffffffffffffff 19 03 19 fefd 0001 010203040506 c1c2c3 0018'), {
      plaintextLength: 24,
    });
    const ciphertext = concatBytes([cipher.update(inner), cipher.final()]);
    const expected = [
      hex('19 fefd 0001 010203040506 c1c2c3 0028 0001010203040506'),
      ciphertext,
      cipher.getAuthTag(),
    ];
    assert.deepEqual(bytes, concatBytes(expected));
  });

  for (const connectionId of [noBytes, hex('c1c2c3')]) {
    const form = connectionId.length === 0 ? 'RFC 7366 §3' : 'with a connection id, RFC 9146 §5.2';
    it(`of CBC: encrypted, then MACed (${form}, checklist 14)`, () => {
      const { writing } = testProtection(cbc, connectionId);
      const bytes = sealRecord(writing, position, 23, content);
      const vector = seededRandom(5).bytes(16);
      const padded =
        connectionId.length === 0
          ? concatBytes([content, new Uint8Array(11).fill(10)])
          : concatBytes([content, hex('17'), new Uint8Array(10).fill(9)]);
      const cipher = createCipheriv('aes-128-cbc', counting(1, 16), vector).setAutoPadding(false);
      const encrypted = concatBytes([vector, cipher.update(padded), cipher.final()]);
      const authenticated =
        connectionId.length === 0
          ? hex('0001 010203040506 17 fefd 0030')
          : hex('ffffffffffffffff 19 03 19 fefd 0001 010203040506 c1c2c3 0030');
      const mac = createHmac('sha256', counting(100, 32)).update(authenticated).update(encrypted).digest();
      const header =
        connectionId.length === 0
          ? hex('17 fefd 0001 010203040506 0050')
          : hex('19 fefd 0001 010203040506 c1c2c3 0050');
      assert.deepEqual(bytes, concatBytes([header, encrypted, mac]));
    });
  }

  it('of CBC never decrypts what is not authentic: padding plays no part (checklist 14)', () => {
    const { writing, reading } = testProtection(cbc);
    const record = onlyRecord(sealRecord(writing, position, 23, content));
    const failures = new Set<string>();
    for (let guess = 0; guess < 256; guess += 1) {
      const fragment = record.fragment.slice();
      fragment[31] = guess; // the byte a padding oracle would play with
      failures.add(failureOf(openRecord(reading, { ...record, fragment })));
    }
    assert.deepEqual([...failures].sort(), ['not-authentic', 'opened']);
  });
});

describe('key material (checklist 29)', () => {
  it('is taken out of the bytes it came in, and no cipher has it any more once it is destroyed', () => {
    for (const suite of protectingSuites) {
      const keys = testKeys(suite.recordCipher);
      const cipher = createRecordCipher(suite, keys, seededRandom(1));
      for (const bytes of [keys.macKey, keys.key, keys.salt]) assert.ok(bytes.every((byte) => byte === 0));
      const reading = { cipher, connectionId: '' };
      const { writing } = testProtection(suite);
      const record = onlyRecord(sealRecord(writing, position, 23, hex('0102')));
      assert.notEqual(openRecord(reading, record), 'not-authentic', 'until then it is in use');
      cipher.destroy();
      assert.throws(() => openRecord(reading, record), UsageError);
    }
  });
});

describe('hostile fragments', () => {
  it('of any bytes and length are refused without an exception (checklist 28)', () => {
    for (const suite of protectingSuites) {
      const { reading } = testProtection(suite);
      fc.assert(
        fc.property(byteStrings(0, 120), (fragment) => {
          const bytes = encodeRecord({
            type: 23,
            version: 0xfefd,
            ...position,
            connectionId: noBytes,
            fragment,
          });
          assert.equal(openRecord(reading, onlyRecord(bytes)), 'not-authentic');
        }),
      );
    }
  });
});
