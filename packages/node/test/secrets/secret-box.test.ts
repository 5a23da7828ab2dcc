import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { Secret, UsageError, utf8Encode } from '@dunlin/base';

import { SecretBox } from '../../src/secrets/secret-box.ts';

const master = (fill: number, length = 32): Secret => new Secret(new Uint8Array(length).fill(fill));
const salt = new Uint8Array(32).fill(9);
const secret = utf8Encode('a pre-shared key');

describe('a secret box', () => {
  it('opens what it sealed, of every length from nothing on', () => {
    const box = new SecretBox(master(1), salt, 'test');
    for (const length of [0, 1, 15, 16, 17, 64, 1000]) {
      const plaintext = new Uint8Array(length).fill(length);
      assert.deepEqual(box.open(box.seal(plaintext, 'here'), 'here'), plaintext);
    }
  });

  it('never seals the same bytes alike: each nonce is drawn anew (SP 800-38D §8)', () => {
    const box = new SecretBox(master(1), salt, 'test');
    const nonces = Array.from({ length: 1000 }, () => box.seal(secret, 'here').subarray(1, 13).join());
    assert.equal(new Set(nonces).size, 1000);
  });

  it('opens nothing that was sealed for another place, purpose, salt or master key', () => {
    const sealed = new SecretBox(master(1), salt, 'test').seal(secret, 'here');
    assert.equal(new SecretBox(master(1), salt, 'test').open(sealed, 'there'), undefined);
    assert.equal(new SecretBox(master(1), salt, 'other').open(sealed, 'here'), undefined);
    assert.equal(new SecretBox(master(1), salt.subarray(1), 'test').open(sealed, 'here'), undefined);
    assert.equal(new SecretBox(master(2), salt, 'test').open(sealed, 'here'), undefined);
    assert.deepEqual(new SecretBox(master(1), salt, 'test').open(sealed, 'here'), secret);
  });

  it('opens nothing that was changed in any bit or cut anywhere, and never throws', () => {
    const box = new SecretBox(master(1), salt, 'test');
    const sealed = box.seal(secret, 'here');
    for (let bit = 0; bit < sealed.length * 8; bit += 1) {
      const changed = sealed.map((byte, index) => (index === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
      assert.equal(box.open(changed, 'here'), undefined, `bit ${bit}`);
    }
    for (let length = 0; length < sealed.length; length += 1) {
      assert.equal(box.open(sealed.subarray(0, length), 'here'), undefined, `${length} bytes`);
    }
  });

  it('takes no master key of less than 32 bytes', () => {
    assert.throws(() => new SecretBox(master(1, 31), salt, 'test'), UsageError);
  });
});
