import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { describe, it } from 'node:test';

import { seededRandom, utf8Encode } from '@dunlin/base';

import { HmacSha256 } from '../../src/crypto/hmac-sha256.ts';
import { hex } from '../support/hex.ts';

describe('HMAC-SHA-256 (RFC 2104)', () => {
  it('gives the published answers (RFC 4231 §4.2, §4.3, §4.7)', () => {
    const cases: readonly (readonly [Uint8Array, string, string])[] = [
      [
        new Uint8Array(20).fill(0x0b),
        'Hi There',
        'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7',
      ],
      [
        utf8Encode('Jefe'),
        'what do ya want for nothing?',
        '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
      ],
      [
        new Uint8Array(131).fill(0xaa),
        'Test Using Larger Than Block-Size Key - Hash Key First',
        '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54',
      ],
    ];
    for (const [key, message, digest] of cases) {
      assert.deepEqual(new HmacSha256(key).digest(utf8Encode(message)), hex(digest));
    }
  });

  it('is that of OpenSSL for keys and messages of any length, in however many parts', () => {
    const random = seededRandom(1);
    for (let length = 0; length <= 1100; length += 7) {
      const key = random.bytes(length % 150);
      const before = key.slice();
      const hmac = new HmacSha256(key);
      const message = random.bytes(length);
      const expected = new Uint8Array(createHmac('sha256', before).update(message).digest());
      const cut = length === 0 ? 0 : random.uint32() % length;
      assert.deepEqual(hmac.digest(message), expected);
      assert.deepEqual(hmac.digest(message.subarray(0, cut), message.subarray(cut)), expected);
      assert.deepEqual(key, before, 'the key is not touched');
    }
  });

  it('gives memory of its own, and none of the key once it is destroyed', () => {
    const hmac = new HmacSha256(hex('0102'));
    const first = hmac.digest(hex('aa'));
    const copy = first.slice();
    const second = hmac.digest(hex('bb'));
    assert.equal(first.constructor, Uint8Array);
    assert.deepEqual(first, copy);
    assert.notDeepEqual(second, first);
    hmac.destroy();
    assert.notDeepEqual(hmac.digest(hex('aa')), first);
  });
});
