import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { base64Decode, base64Encode, utf8Encode } from '@dunlin/base';
import fc from 'fast-check';

describe('base64', () => {
  test('gives the test vectors of RFC 4648 §10', () => {
    const vectors = {
      '': '',
      f: 'Zg==',
      fo: 'Zm8=',
      foo: 'Zm9v',
      foob: 'Zm9vYg==',
      fooba: 'Zm9vYmE=',
      foobar: 'Zm9vYmFy',
    };
    for (const [plain, text] of Object.entries(vectors)) {
      assert.equal(base64Encode(utf8Encode(plain)), text);
      assert.deepEqual(base64Decode(text), utf8Encode(plain));
    }
  });

  test('refuses every text that is not canonical (RFC 4648 §3.5)', () => {
    for (const text of [
      'Zg',
      'Zg=',
      'Zg===',
      'Zh==',
      'Zm9=',
      'Z===',
      '====',
      '=',
      'Zm 9',
      'Zm9\n',
      '-_-_',
      'Zm9v=AAA',
      'é+++',
    ]) {
      assert.equal(base64Decode(text), undefined, JSON.stringify(text));
    }
  });

  test('gives back any byte string', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        assert.deepEqual(base64Decode(base64Encode(bytes)), bytes);
      }),
    );
  });

  test('never throws on an arbitrary text, and what it accepts is what it would write', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.base64String()), (text) => {
        const bytes = base64Decode(text);
        if (bytes !== undefined) assert.equal(base64Encode(bytes), text);
      }),
    );
  });
});
