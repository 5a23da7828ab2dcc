import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hexEncode, utf8Encode } from '@dunlin/base';
import {
  canonicalFormat,
  decodeContent,
  decodeTimestampedContent,
  encodeContent,
  encodeTimestampedContent,
  Server,
} from '@dunlin/lwm2m';
import { singleOf } from '../support/contents.ts';
import { at, bytesOf, problemOf, succeeded } from '../support/payloads.ts';

const path = at('/1/0/1');
const five = singleOf('integer', 5);

describe('Content-Format numbers (1.0 §6.4)', () => {
  test('gives the registered number of our formats and of the legacy ones 1541 to 1544 (R-1101)', () => {
    const numbers = [0, 42, 11542, 11543, 1541, 1544, 1542, 1543];
    assert.deepEqual(numbers.map(canonicalFormat), [0, 42, 11542, 11543, 0, 42, 11542, 11543]);
    for (const other of [-1, 1, 40, 41, 50, 60, 110, 112, 1540, 1545, 11541, 11544, 65535, Number.NaN]) {
      assert.equal(canonicalFormat(other), undefined, `${other}`);
    }
  });

  test('reads the legacy numbers as the formats they stand for (R-1101)', () => {
    assert.deepEqual(decodeContent(1541, path, utf8Encode('5'), Server.definition), five);
    assert.deepEqual(decodeContent(1542, path, bytesOf('C1 01 05'), Server.definition), five);
    assert.deepEqual(
      decodeContent(1543, path, utf8Encode('{"bn":"/1/0/1","e":[{"v":5}]}'), Server.definition),
      five,
    );
    assert.deepEqual(
      decodeContent(1544, at('/5/0/0'), bytesOf('05'), undefined),
      singleOf('opaque', Uint8Array.of(5)),
    );
    assert.equal(hexEncode(succeeded(encodeContent(1542, path, five))), 'c10105');
  });

  test('reads OMA JSON that is labelled as application/json, but does not offer it', () => {
    assert.deepEqual(
      decodeContent(50, path, utf8Encode('{"bn":"/1/0/1","e":[{"v":5}]}'), Server.definition),
      five,
    );
    assert.equal(problemOf(encodeContent(50, path, five)), 'unsupported-format');
  });

  test('refuses every other number as unsupported (R-404)', () => {
    for (const format of [40, 60, 110, 112, 11544, 65535]) {
      const payload = bytesOf('C1 01 05');
      assert.equal(problemOf(decodeContent(format, path, payload, Server.definition)), 'unsupported-format');
      assert.equal(
        problemOf(decodeTimestampedContent(format, path, payload, Server.definition)),
        'unsupported-format',
      );
      assert.equal(problemOf(encodeContent(format, path, five)), 'unsupported-format');
      assert.equal(
        problemOf(encodeTimestampedContent(format, path, [{ content: five }])),
        'unsupported-format',
      );
    }
  });
});
