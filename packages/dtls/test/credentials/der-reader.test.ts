import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { hexDecode, noBytes } from '@dunlin/base';
import fc from 'fast-check';

import { DerReader, DerTag } from '../../src/credentials/der-reader.ts';
import { byteStrings } from '../support/arbitraries.ts';
import {
  element,
  integer,
  namedBits,
  objectIdentifier,
  octetString,
  sequence,
} from '../support/der-writer.ts';

const hex = (text: string): Uint8Array => hexDecode(text) ?? noBytes;

/** What a reading function gives, or why the bytes are refused. */
function read<T>(bytes: Uint8Array, readWith: (reader: DerReader) => T): T | string {
  const reader = new DerReader(bytes);
  const value = readWith(reader);
  return reader.problem('it')?.reason ?? value;
}

function assertRefused(bytes: Uint8Array, readWith: (reader: DerReader) => unknown, reason: RegExp): void {
  const reader = new DerReader(bytes);
  readWith(reader);
  assert.match(reader.problem('it')?.reason ?? 'accepted', reason);
}

const any = (reader: DerReader): unknown => reader.any();

describe('DerReader (X.690, checklist 26)', () => {
  it('reads elements in order and says what is there', () => {
    const reader = new DerReader(sequence(integer(5), octetString(hex('0102'))));
    const body = reader.nested(DerTag.sequence);
    assert.equal(body.smallInteger(), 5);
    assert.equal(body.nextTag, DerTag.octetString);
    assert.equal(body.optional(DerTag.null), undefined);
    assert.deepEqual(body.optional(DerTag.octetString), hex('0102'));
    assert.equal(body.hasMore, false);
    assert.equal(reader.problem('it'), undefined);
  });

  it('refuses lengths that are indefinite, too large or not in their shortest form (§10.1)', () => {
    assertRefused(hex('3080 0000'), any, /indefinite/);
    assertRefused(hex('0481 05 0102030405'), any, /shortest form/);
    assertRefused(hex('0482 0080'), any, /shortest form/);
    assertRefused(hex('0484 00000001 00'), any, /too large/);
    assertRefused(hex('04ff 01'), any, /too large/);
    assertRefused(hex('0405 01020304'), any, /bytes are announced/);
    assertRefused(hex('0483 ffffff 00'), any, /bytes are announced/);
    assertRefused(hex('0482 01'), any, /end within|shortest/);
    assertRefused(hex('04'), any, /end within/);
    assertRefused(noBytes, any, /end within/);
  });

  it('refuses tags of several bytes and others than are expected', () => {
    assertRefused(hex('1f8101 00'), any, /more than one byte/);
    assertRefused(integer(1), (reader) => reader.element(DerTag.sequence), /tag 48 was expected and tag 2/);
    assertRefused(noBytes, (reader) => reader.element(DerTag.sequence), /tag 48 was expected and the end/);
  });

  it('refuses what is left over, nested or not', () => {
    assertRefused(hex('0500 00'), any, /more than there should be/);
    assertRefused(
      sequence(integer(1), integer(2)),
      (reader) => reader.nested(DerTag.sequence).integer(),
      /more than there should be/,
    );
  });

  it('bounds how deep things are nested', () => {
    let bytes = integer(1);
    for (let depth = 0; depth < 20; depth += 1) bytes = sequence(bytes);
    const descend = (reader: DerReader): void => {
      if (reader.nextTag === DerTag.sequence) descend(reader.nested(DerTag.sequence));
    };
    assertRefused(bytes, descend, /too deeply/);
  });

  it('passes the failure of what is nested on to all around, which can then read nothing more', () => {
    const reader = new DerReader(hex('3006 3002 0205 0500'));
    const outer = reader.nested(DerTag.sequence);
    const inner = outer.nested(DerTag.sequence);
    inner.integer();
    assert.equal(outer.hasMore, false);
    assert.match(reader.problem('it')?.reason ?? '', /bytes are announced/);
  });

  it('takes BOOLEAN, INTEGER and BIT STRING in the form of DER only (§11.1, §8.3.2, §11.2)', () => {
    assert.equal(
      read(hex('0101ff'), (reader) => reader.boolean()),
      true,
    );
    assert.equal(
      read(hex('010100'), (reader) => reader.boolean()),
      false,
    );
    assertRefused(hex('010101'), (reader) => reader.boolean(), /BOOLEAN/);
    assertRefused(hex('0100'), (reader) => reader.boolean(), /BOOLEAN/);
    assert.equal(
      read(hex('02020100'), (reader) => reader.smallInteger()),
      256,
    );
    for (const wrong of ['0200', '02020001', '0202ff80']) {
      assertRefused(hex(wrong), (reader) => reader.integer(), /INTEGER is not DER/);
    }
    for (const wrong of ['0201ff', '0203010000', '02028000']) {
      assertRefused(hex(wrong), (reader) => reader.smallInteger(), /out of its range/);
    }
    assert.deepEqual(
      read(namedBits(0, 5, 8), (reader) => [...reader.namedBits()]),
      [0, 5, 8],
    );
    for (const wrong of ['0300', '030108', '030101', '030208ff', '030201ff']) {
      assertRefused(hex(wrong), (reader) => reader.namedBits(), /BIT STRING/);
    }
    assertRefused(hex('030201fe'), (reader) => reader.wholeBits(), /whole bytes/);
  });

  it('takes object identifiers in the form of DER only (§8.19)', () => {
    for (const oid of ['1.2.840.10045.2.1', '2.5.29.15', '2.999.3', '0.9.2342.19200300.100.1.25']) {
      const bytes = oid === '2.999.3' ? hex('0603883703') : objectIdentifier(oid);
      assert.equal(
        read(bytes, (reader) => reader.objectIdentifier()),
        oid,
      );
    }
    for (const wrong of ['0600', '060180', '06022a80', '06032a8001', '06022a86']) {
      assertRefused(hex(wrong), (reader) => reader.objectIdentifier(), /OBJECT IDENTIFIER/);
    }
    const long = element(DerTag.objectIdentifier, new Uint8Array(65).fill(1));
    assertRefused(long, (reader) => reader.objectIdentifier(), /OBJECT IDENTIFIER/);
  });

  it('never throws, whatever is read out of whatever bytes', () => {
    const readings: readonly ((reader: DerReader) => unknown)[] = [
      (reader) => reader.any(),
      (reader) => reader.boolean(),
      (reader) => reader.integer(),
      (reader) => reader.smallInteger(),
      (reader) => reader.wholeBits(),
      (reader) => reader.namedBits(),
      (reader) => reader.objectIdentifier(),
      (reader) => reader.optional(DerTag.null),
      (reader) => reader.nested(DerTag.sequence),
    ];
    const steps = fc.array(fc.nat(readings.length - 1), { maxLength: 12 });
    const bytes = fc.oneof(
      byteStrings(0, 60),
      fc.array(byteStrings(0, 12).map((content) => octetString(content))).map((parts) => sequence(...parts)),
      fc.tuple(fc.nat(255), byteStrings(0, 12)).map(([tag, content]) => element(tag, content)),
    );
    fc.assert(
      fc.property(bytes, steps, (input, order) => {
        let reader = new DerReader(input);
        const root = reader;
        for (const step of order) {
          const value = readings[step]?.(reader);
          if (value instanceof DerReader) reader = value;
        }
        root.problem('it');
      }),
    );
  });
});
