import assert from 'node:assert/strict';
import { createCipheriv, createSecretKey } from 'node:crypto';
import { describe, it } from 'node:test';

import { seededRandom } from '@dunlin/base';

import type { Aead } from '../../src/crypto/aead.ts';
import { AesCcm8 } from '../../src/crypto/aes-ccm-8.ts';
import { AesGcm } from '../../src/crypto/aes-gcm.ts';
import { CcmStreams } from '../../src/crypto/ccm-streams.ts';
import { RestableKey } from '../../src/crypto/restable-key.ts';
import { counting, hex } from '../support/hex.ts';

const random = seededRandom(1);

const seal = (aead: Aead, nonce: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): Uint8Array => {
  const target = new Uint8Array(3 + plaintext.length + aead.tagLength + 2).fill(0xee);
  aead.seal(nonce, aad, plaintext, target, 3);
  assert.deepEqual([...target.subarray(0, 3), ...target.subarray(-2)], [0xee, 0xee, 0xee, 0xee, 0xee]);
  return target.slice(3, -2);
};

/** A cipher that has turned to its long-lived objects. */
const heated = (key: Uint8Array): AesCcm8 => {
  const aead = new AesCcm8(new RestableKey(key.slice()));
  for (let count = 0; count < 10; count += 1) seal(aead, counting(count, 12), hex('00'), hex('0102'));
  return aead;
};

const builtIn = (key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): Uint8Array => {
  const cipher = createCipheriv('aes-128-ccm', key, nonce, { authTagLength: 8 });
  cipher.setAAD(aad, { plaintextLength: plaintext.length });
  const parts = [...cipher.update(plaintext), ...cipher.final()];
  return Uint8Array.from([...parts, ...cipher.getAuthTag()]);
};

describe('AES-128-CCM-8 (RFC 6655 §4, RFC 3610)', () => {
  const key = counting(0x40, 16);

  it('gives the known answer of NIST SP 800-38C, example 3, cold and hot', () => {
    const nonce = counting(0x10, 12);
    const aad = counting(0, 20);
    const plaintext = counting(0x20, 24);
    const sealed = hex('e3b201a9f5b71a7a9b1ceaeccd97e70b6176aad9a4428aa5 484392fbc1b09951');
    for (const aead of [new AesCcm8(new RestableKey(key.slice())), heated(key)]) {
      assert.deepEqual(seal(aead, nonce, aad, plaintext), sealed);
      assert.deepEqual(aead.open(nonce, aad, sealed), plaintext);
    }
  });

  it('is the same in both formulations for 0 to 1400 bytes', () => {
    const hot = heated(key);
    const cold = new AesCcm8(new RestableKey(key.slice()));
    for (let length = 0; length <= 1400; length += 1) {
      const nonce = random.bytes(12);
      const aad = random.bytes(length % 3 === 0 ? 13 : 14 + (length % 250));
      const plaintext = random.bytes(length);
      const expected = builtIn(key, nonce, aad, plaintext);
      cold.rest();
      assert.deepEqual(seal(cold, nonce, aad, plaintext), expected);
      assert.deepEqual(seal(hot, nonce, aad, plaintext), expected);
      assert.deepEqual(cold.open(nonce, aad, expected), plaintext);
      assert.deepEqual(hot.open(nonce, aad, expected), plaintext);
    }
  });

  it('is the same for nonces that count up, with gaps, late ones and long records between', () => {
    const [sender, receiver] = [heated(key), heated(key)];
    const numbers = Array.from({ length: 600 }, (_, index) => index);
    // Every seventh one is late, every eleventh is lost.
    const order = numbers.map((number) => (number % 7 === 0 ? number + 5.5 : number));
    const arrivals = numbers
      .filter((number) => number % 11 !== 0)
      .toSorted((a, b) => (order[a] ?? 0) - (order[b] ?? 0));
    const records = numbers.map((number) => {
      const nonce = counting(0x10, 12);
      nonce.set([number >> 8, number & 0xff], 10);
      const plaintext = random.bytes(number % 13 === 0 ? 300 : number % 97);
      const aad = random.bytes(13);
      return { nonce, aad, plaintext, expected: builtIn(key, nonce, aad, plaintext) };
    });
    for (const { nonce, aad, plaintext, expected } of records) {
      assert.deepEqual(seal(sender, nonce, aad, plaintext), expected);
    }
    for (const number of arrivals) {
      const record = records[number];
      assert.ok(record);
      const { nonce, aad, plaintext, expected } = record;
      const forged = expected.slice();
      forged[number % forged.length] = (forged[number % forged.length] ?? 0) ^ 1;
      assert.equal(receiver.open(nonce, aad, forged), undefined);
      assert.deepEqual(receiver.open(nonce, aad, expected), plaintext);
    }
  });

  it('keeps two keys apart that take turns, and goes on after a record that was not authentic', () => {
    const other = counting(0x90, 16);
    const streams = [key, other].map((each) => ({
      key: each,
      streams: new CcmStreams(createSecretKey(each)),
    }));
    for (let turn = 0; turn < 50; turn += 1) {
      for (const { key: each, streams: ccm } of streams) {
        const nonce = random.bytes(12);
        const plaintext = random.bytes(turn);
        const sealed = builtIn(each, nonce, hex('aabb'), plaintext);
        assert.equal(ccm.open(nonce, hex('aabc'), sealed), undefined);
        assert.deepEqual(ccm.open(nonce, hex('aabb'), sealed), plaintext);
      }
    }
  });
});

describe('AES-128-GCM (RFC 5288 §3)', () => {
  it('gives the known answer of test case 4 of its specification', () => {
    const aead = new AesGcm(new RestableKey(hex('feffe9928665731c6d6a8f9467308308')));
    const nonce = hex('cafebabefacedbaddecaf888');
    const aad = hex('feedfacedeadbeeffeedfacedeadbeefabaddad2');
    const plaintext = hex(
      'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72' +
        '1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39',
    );
    const sealed = hex(
      '42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e' +
        '21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091 5bc94fbc3221a5db94fae95ae7121a47',
    );
    assert.deepEqual(seal(aead, nonce, aad, plaintext), sealed);
    assert.deepEqual(aead.open(nonce, aad, sealed), plaintext);
  });
});

describe('every AEAD', () => {
  const key = counting(7, 16);
  const aeads: Readonly<Record<string, Aead>> = {
    'CCM cold': new AesCcm8(new RestableKey(key.slice())),
    'CCM hot': heated(key),
    GCM: new AesGcm(new RestableKey(key.slice())),
  };
  for (const [name, aead] of Object.entries(aeads)) {
    it(`refuses a change of any byte or length, and of nonce and additional data (checklist 8): ${name}`, () => {
      const nonce = counting(1, 12);
      const aad = counting(50, 13);
      for (const length of [0, 1, 16, 33]) {
        const sealed = seal(aead, nonce, aad, random.bytes(length));
        for (let index = 0; index < sealed.length; index += 1) {
          const tampered = sealed.slice();
          tampered[index] = (tampered[index] ?? 0) ^ (1 << (index % 8));
          assert.equal(aead.open(nonce, aad, tampered), undefined);
          assert.equal(aead.open(nonce, aad, sealed.subarray(0, index)), undefined);
          if (name === 'CCM cold') aead.rest();
        }
        assert.equal(aead.open(counting(2, 12), aad, sealed), undefined);
        assert.equal(aead.open(nonce, aad.subarray(1), sealed), undefined);
        assert.ok(aead.open(nonce, aad, sealed));
      }
    });

    it(`returns memory of its own whose slices are copies: ${name}`, () => {
      const sealed = seal(aead, counting(1, 12), hex('00'), hex('010203'));
      const opened = aead.open(counting(1, 12), hex('00'), sealed);
      assert.equal(opened?.constructor, Uint8Array);
    });
  }
});
