import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, it } from 'node:test';

import { utf8Encode } from '@dunlin/base';
import fc from 'fast-check';

import { readCertificates, readPublicKey } from '../../src/credentials/key-file.ts';
import { isSamePublicKey, parseSubjectPublicKeyInfo } from '../../src/credentials/raw-public-key.ts';
import { AlertDescription } from '../../src/wire/alert-description.ts';
import { isMalformed } from '../../src/wire/malformed.ts';
import { byteStrings } from '../support/arbitraries.ts';
import { issue, makeKeys } from '../support/certificate-authority.ts';
import { alertOf, wellFormed } from '../support/codec.ts';
import { bitString, objectIdentifier, sequence } from '../support/der-writer.ts';
import { pem, pemFile } from '../support/pem.ts';

const infoOf = (key: KeyObject): Uint8Array => Uint8Array.from(key.export({ format: 'der', type: 'spki' }));

const algorithm = sequence(objectIdentifier('1.2.840.10045.2.1'), objectIdentifier('1.2.840.10045.3.1.7'));

describe('raw public key (RFC 7250, R-711)', () => {
  it('is a key on P-256 or P-384', () => {
    for (const curve of ['prime256v1', 'secp384r1']) {
      const { publicKey } = makeKeys(curve);
      assert.ok(wellFormed(parseSubjectPublicKeyInfo(infoOf(publicKey))).equals(publicKey));
    }
  });

  it('is refused on other curves and for other algorithms (checklist 26)', () => {
    const unsupported = [
      makeKeys('secp256k1').publicKey,
      makeKeys('secp521r1').publicKey,
      generateKeyPairSync('ed25519').publicKey,
      generateKeyPairSync('x25519').publicKey,
      generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey,
    ];
    for (const key of unsupported) {
      assert.equal(alertOf(parseSubjectPublicKeyInfo(infoOf(key))), AlertDescription.unsupportedCertificate);
    }
  });

  it('is refused when its point is compressed, at infinity or not on the curve (checklist 19, 26)', () => {
    const info = infoOf(makeKeys().publicKey);
    const point = info.slice(-65);
    const compressed = sequence(algorithm, bitString(Uint8Array.from([2, ...point.subarray(1, 33)])));
    const hybrid = sequence(algorithm, bitString(Uint8Array.from([6, ...point.subarray(1)])));
    const infinity = sequence(algorithm, bitString(Uint8Array.of(0)));
    for (const wrong of [compressed, hybrid, infinity]) {
      assert.equal(alertOf(parseSubjectPublicKeyInfo(wrong)), AlertDescription.unsupportedCertificate);
    }
    const off = point.slice();
    off[64] = (off[64] ?? 0) ^ 1;
    for (const wrong of [
      off,
      Uint8Array.from([4, ...new Uint8Array(64)]),
      Uint8Array.from([4, ...new Uint8Array(64).fill(255)]),
    ]) {
      const result = parseSubjectPublicKeyInfo(sequence(algorithm, bitString(wrong)));
      assert.equal(alertOf(result), AlertDescription.badCertificate);
    }
  });

  it('may be any bytes at all without doing harm (checklist 26)', () => {
    fc.assert(fc.property(byteStrings(0, 150), (bytes) => void parseSubjectPublicKeyInfo(bytes)));
    const info = infoOf(makeKeys().publicKey);
    for (let index = 0; index < info.length; index += 1) {
      const changed = info.slice();
      changed[index] = (changed[index] ?? 0) ^ 0xff;
      assert.ok(isMalformed(parseSubjectPublicKeyInfo(changed)), `byte ${index}`);
      assert.ok(isMalformed(parseSubjectPublicKeyInfo(info.subarray(0, index))));
    }
    assert.ok(isMalformed(parseSubjectPublicKeyInfo(new Uint8Array(3000))));
  });

  it('is the same as another only bit by bit (R-711, checklist 26)', () => {
    const info = infoOf(makeKeys().publicKey);
    assert.ok(isSamePublicKey(info, info.slice()));
    assert.ok(!isSamePublicKey(info, info.subarray(1)));
    assert.ok(!isSamePublicKey(info, new Uint8Array()));
    for (let bit = 0; bit < info.length * 8; bit += 1) {
      const changed = info.slice();
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      assert.ok(!isSamePublicKey(info, changed));
    }
  });
});

describe('files with keys and certificates', () => {
  const info = infoOf(makeKeys().publicKey);
  const certificates = [issue().certificate, issue().certificate];

  it('hold one public key, as DER or PEM', () => {
    assert.deepEqual(readPublicKey(info), info);
    assert.deepEqual(readPublicKey(pemFile('PUBLIC KEY', info)), info);
    const two = utf8Encode(pem('PUBLIC KEY', info) + pem('PUBLIC KEY', info));
    for (const wrong of [
      two,
      pemFile('CERTIFICATE', info),
      utf8Encode('-----BEGIN '),
      pemFile('PUBLIC KEY', info.subarray(1)),
      new Uint8Array(),
    ]) {
      assert.ok(isMalformed(readPublicKey(wrong)));
    }
  });

  it('hold certificates, one as DER or any number as PEM', () => {
    assert.deepEqual(readCertificates(issuedFirst()), [issuedFirst()]);
    const bundle = certificates.map((certificate) => pem('CERTIFICATE', certificate)).join('# next\n');
    assert.deepEqual(readCertificates(utf8Encode(bundle + pem('PUBLIC KEY', info))), certificates);
    for (const wrong of [
      pemFile('PUBLIC KEY', info),
      info,
      utf8Encode(`${bundle}-----BEGIN CERTIFICATE-----`),
    ]) {
      assert.ok(isMalformed(readCertificates(wrong)));
    }
  });

  function issuedFirst(): Uint8Array {
    const [first = new Uint8Array()] = certificates;
    return first;
  }
});
