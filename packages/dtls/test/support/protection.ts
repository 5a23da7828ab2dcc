import assert from 'node:assert/strict';

import { noBytes, seededRandom } from '@dunlin/base';

import { type CipherSuite, cipherSuites, type RecordCipherName } from '../../src/crypto/cipher-suite.ts';
import type { DirectionKeys } from '../../src/crypto/key-schedule.ts';
import { packBytes } from '../../src/packed-bytes.ts';
import { createRecordCipher } from '../../src/record-layer/create-record-cipher.ts';
import type { ReadProtection, WriteProtection } from '../../src/record-layer/record-protection.ts';
import { RecordLayer, type RecordLayerOptions } from '../../src/record-layer/record-layer.ts';
import { decodeRecords, type DtlsRecord } from '../../src/wire/record.ts';
import { counting } from './hex.ts';

/** One suite for each way of protecting records. */
export const protectingSuites: readonly CipherSuite[] = cipherSuites.filter(
  (suite) => suite.keyExchange === 'psk',
);

/** Fixed keys in the form of the cipher, fresh each time. */
export function testKeys(recordCipher: RecordCipherName): DirectionKeys {
  const isCbc = recordCipher === 'aes-128-cbc-sha256';
  return {
    macKey: isCbc ? counting(100, 32) : new Uint8Array(),
    key: counting(1, 16),
    salt: isCbc ? new Uint8Array() : counting(200, 4),
  };
}

/** Both ends of one direction. */
export function testProtection(
  suite: CipherSuite,
  connectionId: Uint8Array = noBytes,
  paddingMultiple = 1,
): { readonly writing: WriteProtection; readonly reading: ReadProtection } {
  const cipher = (): ReturnType<typeof createRecordCipher> =>
    createRecordCipher(suite, testKeys(suite.recordCipher), seededRandom(5));
  return {
    writing: { cipher: cipher(), connectionId, paddingMultiple },
    reading: { cipher: cipher(), connectionId: packBytes(connectionId) },
  };
}

/** The only record of a datagram. */
export function onlyRecord(datagram: Uint8Array, connectionIdLength = 0): DtlsRecord {
  const { records, discarded } = decodeRecords(datagram, { connectionIdLength, maxRecords: 64 });
  const [record] = records;
  assert.ok(record && records.length === 1 && discarded.length === 0);
  return record;
}

/** A record layer that writes and one that reads what it wrote, both with their keys. */
export function testDirection(
  suite: CipherSuite,
  connectionId: Uint8Array = noBytes,
  options: Readonly<{ writer?: RecordLayerOptions; reader?: RecordLayerOptions }> = {},
): { readonly writer: RecordLayer; readonly reader: RecordLayer } {
  const { writing, reading } = testProtection(suite, connectionId);
  const writer = new RecordLayer(options.writer);
  writer.protectWriting(writing);
  const reader = new RecordLayer(options.reader);
  reader.protectReading(reading);
  return { writer, reader };
}

/** The sealed record, which must not have been refused. */
export function sealed(result: ReturnType<RecordLayer['seal']>): Uint8Array {
  assert.ok(!('kind' in result), 'was refused');
  return result;
}
