import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { noBytes, UsageError } from '@dunlin/base';

import {
  type OpenedRecord,
  type RecordDiscardReason,
  RecordLayer,
} from '../../src/record-layer/record-layer.ts';
import { recordLayerLimitsDefaults } from '../../src/record-layer/record-layer-options.ts';
import { ContentType } from '../../src/wire/content-type.ts';
import { type DtlsRecord, maxSequenceNumber } from '../../src/wire/record.ts';
import { counting, hex } from '../support/hex.ts';
import {
  onlyRecord,
  protectingSuites,
  sealed,
  testDirection,
  testProtection,
} from '../support/protection.ts';

const [suite] = protectingSuites;
assert.ok(suite);

const data = ContentType.applicationData;

const reasonOf = (opened: OpenedRecord): RecordDiscardReason | 'none' =>
  opened.kind === 'discarded' ? opened.reason : 'none';

const plaintextRecord = (type: ContentType, fragment: Uint8Array = hex('01')): DtlsRecord => ({
  type,
  version: 0xfefd,
  epoch: 0,
  sequenceNumber: 7,
  connectionId: noBytes,
  fragment,
});

const tampered = (record: DtlsRecord): DtlsRecord => {
  const fragment = record.fragment.slice();
  fragment[fragment.length - 1] = (fragment.at(-1) ?? 0) ^ 1;
  return { ...record, fragment };
};

describe('reading records', () => {
  it('delivers each once, in any order (RFC 6347 §4.1.2.6, checklist 9)', () => {
    const { writer, reader } = testDirection(suite);
    const records = [0, 1, 2, 3].map((n) => onlyRecord(sealed(writer.seal(1, data, Uint8Array.of(n)))));
    const [first, second, third, fourth] = records;
    assert.ok(first && second && third && fourth);
    const order = [third, first, third, fourth, second, second, first];
    const outcomes = order.map((record) => {
      const opened = reader.open(record);
      return opened.kind === 'content' ? [opened.sequenceNumber, opened.isNewest] : reasonOf(opened);
    });
    assert.deepEqual(outcomes, [
      [2, true],
      [0, false],
      'replayed',
      [3, true],
      [1, false],
      'replayed',
      'replayed',
    ]);
  });

  it('updates the replay window only after authentication (checklist 9)', () => {
    const { writer, reader } = testDirection(suite);
    const record = onlyRecord(sealed(writer.seal(1, data, hex('01'))));
    const ahead = { ...tampered(record), sequenceNumber: 2 ** 47 };
    assert.equal(reasonOf(reader.open(ahead)), 'not-authentic');
    assert.equal(reasonOf(reader.open(tampered(record))), 'not-authentic');
    assert.equal(reader.open(record).kind, 'content');
    assert.equal(reader.macErrors, 2);
  });

  it('does not ask the cipher about replays (checklist 9)', () => {
    const { writer, reader } = testDirection(suite);
    const record = onlyRecord(sealed(writer.seal(1, data, hex('01'))));
    reader.open(record);
    assert.equal(reasonOf(reader.open(tampered(record))), 'replayed');
    assert.equal(reader.macErrors, 0);
  });

  it('never delivers application data of epoch 0 (checklist 10)', () => {
    assert.equal(reasonOf(new RecordLayer().open(plaintextRecord(data))), 'plaintext-application-data');
  });

  it('knows no epoch above 1 (checklist 10)', () => {
    const { writer, reader } = testDirection(suite);
    const record = onlyRecord(sealed(writer.seal(1, data, hex('01'))));
    for (const epoch of [2, 3, 0xffff]) {
      assert.equal(reasonOf(reader.open({ ...record, epoch })), 'epoch');
    }
  });

  it('discards all plaintext, alerts too, once the handshake is complete (checklist 10, checklist 24)', () => {
    const { reader } = testDirection(suite);
    assert.equal(reader.open(plaintextRecord(ContentType.alert)).kind, 'content');
    reader.endPlaintext();
    for (const type of [ContentType.alert, ContentType.handshake, ContentType.changeCipherSpec] as const) {
      assert.equal(reasonOf(reader.open(plaintextRecord(type))), 'epoch');
    }
  });

  it('is not moved to epoch 1 by a ChangeCipherSpec: only keys do that (checklist 10)', () => {
    const reader = new RecordLayer();
    const { writer } = testDirection(suite);
    const record = onlyRecord(sealed(writer.seal(1, data, hex('01'))));
    assert.equal(reader.open(plaintextRecord(ContentType.changeCipherSpec)).kind, 'content');
    assert.equal(reader.open(record).kind, 'early');
    assert.equal(reader.open(plaintextRecord(ContentType.handshake)).kind, 'content');
  });

  it('discards records in plaintext with a connection id (checklist 12)', () => {
    const record = { ...plaintextRecord(ContentType.tls12Cid), connectionId: hex('01') };
    assert.equal(reasonOf(new RecordLayer().open(record)), 'connection-id');
  });

  it('discards protected records of another version (RFC 6347 §4.1)', () => {
    const { writer, reader } = testDirection(suite);
    const record = onlyRecord(sealed(writer.seal(1, data, hex('01'))));
    assert.equal(reasonOf(reader.open({ ...record, version: 0xfeff })), 'version');
    assert.equal(reader.open(record).kind, 'content');
  });

  it('discards more content than was agreed on (RFC 8449 §4, checklist 7)', () => {
    const { writer, reader } = testDirection(suite);
    reader.limitReading(64);
    for (const [length, kind] of [
      [64, 'content'],
      [65, 'discarded'],
    ] as const) {
      assert.equal(reader.open(onlyRecord(sealed(writer.seal(1, data, counting(0, length))))).kind, kind);
    }
    const tooLong = plaintextRecord(ContentType.handshake, new Uint8Array(2 ** 14 + 1));
    assert.equal(reasonOf(reader.open(tooLong)), 'too-long');
  });

  it('delivers records without content, for the layer above to pass over (checklist 7)', () => {
    const { writer, reader } = testDirection(suite);
    const opened = reader.open(onlyRecord(sealed(writer.seal(1, data, noBytes))));
    assert.ok(opened.kind === 'content' && opened.content.length === 0);
  });
});

describe('records that come before their keys', () => {
  it('are kept and opened when the keys are there (checklist 17)', () => {
    const { writing, reading } = testProtection(suite);
    const writer = new RecordLayer();
    writer.protectWriting(writing);
    const reader = new RecordLayer();
    const datagram = sealed(writer.seal(1, ContentType.handshake, hex('0102')));
    assert.equal(reader.open(onlyRecord(datagram)).kind, 'early');
    datagram.fill(0); // The datagram's memory is used again.
    reader.protectReading(reading);
    const [early, ...others] = reader.takeEarlyRecords();
    assert.ok(early && others.length === 0);
    const opened = reader.open(early);
    assert.ok(opened.kind === 'content');
    assert.deepEqual(opened.content, hex('0102'));
    assert.deepEqual(reader.takeEarlyRecords(), []);
  });

  it('are kept up to a number and a size (checklist 5)', () => {
    const reader = new RecordLayer();
    const { maxEarlyRecords, maxEarlyBytes } = recordLayerLimitsDefaults;
    const record = { ...plaintextRecord(data), epoch: 1 };
    for (let count = 0; count < 100; count += 1) reader.open(record);
    assert.equal(reader.takeEarlyRecords().length, maxEarlyRecords);
    const large = { ...record, fragment: new Uint8Array(maxEarlyBytes / 2) };
    const kinds = [large, large, large].map((each) => reader.open(each).kind);
    assert.deepEqual(kinds, ['early', 'early', 'discarded']);
    reader.endPlaintext();
    assert.deepEqual(reader.takeEarlyRecords(), []);
  });
});

describe('writing records', () => {
  it('counts each epoch by itself, and begins where it is told (RFC 6347 §4.1, §4.2.1)', () => {
    const { writing } = testProtection(suite);
    const writer = new RecordLayer({ firstSequenceNumber: 5 });
    writer.protectWriting(writing);
    const numbers = ([0, 1, 0, 1, 1] as const).map((epoch) => {
      const record = onlyRecord(sealed(writer.seal(epoch, ContentType.handshake, hex('01'))));
      return [record.epoch, record.sequenceNumber];
    });
    assert.deepEqual(numbers, [
      [0, 5],
      [1, 0],
      [0, 6],
      [1, 1],
      [1, 2],
    ]);
  });

  it('is refused at sequence number 2^48 − 1, for good (RFC 6347 §4.1, checklist 10)', () => {
    const { state } = new RecordLayer();
    const restored = { ...state, writeSequenceNumber: maxSequenceNumber - 2 };
    const { writer } = testDirection(suite, noBytes, { writer: { restored } });
    const outcomes = [1, 2, 3, 4].map(() => {
      const result = writer.seal(1, data, hex('01'));
      return 'kind' in result ? result.reason : onlyRecord(result).sequenceNumber;
    });
    const exhausted = 'sequence-exhausted';
    assert.deepEqual(outcomes, [maxSequenceNumber - 2, maxSequenceNumber - 1, exhausted, exhausted]);
  });

  it('takes keys once in each direction: there is no second change of keys (checklist 11)', () => {
    const { writer, reader } = testDirection(suite);
    const { writing, reading } = testProtection(suite);
    assert.throws(() => writer.protectWriting(writing), UsageError);
    assert.throws(() => reader.protectReading(reading), UsageError);
  });

  it('is refused in epoch 1 without keys', () => {
    assert.deepEqual(new RecordLayer().seal(1, data, hex('01')), { kind: 'refused', reason: 'no-keys' });
  });

  it('keeps to the limit the peer set, type and padding of the inner plaintext included (RFC 8449 §4)', () => {
    for (const [connectionId, longest] of [
      [noBytes, 64],
      [hex('0102'), 63],
    ] as const) {
      const { writer } = testDirection(suite, connectionId);
      writer.limitWriting(64);
      assert.equal(writer.maxContent(1, 1000), longest);
      assert.ok(writer.seal(1, data, new Uint8Array(longest)) instanceof Uint8Array);
      assert.deepEqual(writer.seal(1, data, new Uint8Array(longest + 1)), {
        kind: 'refused',
        reason: 'too-long',
      });
    }
  });

  it('knows how much content a record of so many bytes can have', () => {
    for (const each of protectingSuites) {
      for (const connectionId of [noBytes, counting(0, 8)]) {
        const { writer } = testDirection(each, connectionId);
        for (let available = 120; available < 160; available += 1) {
          const content = new Uint8Array(writer.maxContent(1, available));
          assert.ok(sealed(writer.seal(1, data, content)).length <= available);
        }
      }
    }
  });
});

describe('a record layer that was saved', () => {
  it('goes on with the next sequence number and the same window, and without plaintext (checklist 30)', () => {
    const connectionId = counting(1, 6);
    const { writer, reader } = testDirection(suite, connectionId);
    const records = [0, 1, 2].map((n) => onlyRecord(sealed(writer.seal(1, data, Uint8Array.of(n))), 6));
    for (const record of [records[0], records[2]]) {
      assert.ok(record);
      reader.open(record);
    }
    const next = testDirection(suite, connectionId, {
      writer: { restored: writer.state },
      reader: { restored: structuredClone(reader.state) },
    });
    const outcomes = records.map((record) => reasonOf(next.reader.open(record)));
    assert.deepEqual(outcomes, ['replayed', 'none', 'replayed']);
    assert.equal(onlyRecord(sealed(next.writer.seal(1, data, hex('01'))), 6).sequenceNumber, 3);
    assert.equal(reasonOf(next.reader.open(plaintextRecord(ContentType.handshake))), 'epoch');
  });
});
