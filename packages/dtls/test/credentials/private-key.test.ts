import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';

import { concatBytes, hexEncode, utf8Encode } from '@dunlin/base';
import fc from 'fast-check';

import { parsePrivateKey } from '../../src/credentials/private-key.ts';
import { isMalformed } from '../../src/wire/malformed.ts';
import { byteStrings } from '../support/arbitraries.ts';
import { makeKeys, scalarOf } from '../support/certificate-authority.ts';
import { wellFormed } from '../support/codec.ts';
import {
  bitString,
  element,
  integer,
  objectIdentifier,
  octetString,
  sequence,
} from '../support/der-writer.ts';
import { pem, pemFile } from '../support/pem.ts';

const p256 = '1.2.840.10045.3.1.7';
const ecPublicKey = '1.2.840.10045.2.1';

const exported = (key: KeyObject, type: 'pkcs8' | 'sec1'): Uint8Array =>
  Uint8Array.from(key.export({ format: 'der', type }));

function reasonOf(input: Uint8Array): string {
  const key = parsePrivateKey(input);
  assert.ok(isMalformed(key), 'was accepted');
  return key.reason;
}

describe('private key (R-714)', () => {
  for (const curve of ['prime256v1', 'secp384r1']) {
    it(`is read from PKCS#8 and SEC 1, DER and PEM, on ${curve} (R-714)`, () => {
      const { privateKey } = makeKeys(curve);
      const pkcs8 = exported(privateKey, 'pkcs8');
      const sec1 = exported(privateKey, 'sec1');
      const parameters = pem('EC PARAMETERS', objectIdentifier(p256));
      for (const input of [
        pkcs8,
        sec1,
        pemFile('PRIVATE KEY', pkcs8),
        pemFile('EC PRIVATE KEY', sec1),
        utf8Encode(`${parameters}${pem('EC PRIVATE KEY', sec1)}`),
      ]) {
        assert.ok(wellFormed(parsePrivateKey(input)).equals(privateKey));
      }
    });
  }

  it('may be without the public key in SEC 1, or have it outside in PKCS#8 (RFC 5915 §3, RFC 5958 §2)', () => {
    const { privateKey } = makeKeys();
    const scalar = octetString(scalarOf(privateKey));
    const curve = element(0xa0, objectIdentifier(p256));
    const bare = sequence(integer(1), scalar, curve);
    assert.ok(wellFormed(parsePrivateKey(bare)).equals(privateKey));
    const algorithm = sequence(objectIdentifier(ecPublicKey), objectIdentifier(p256));
    const inner = octetString(sequence(integer(1), scalar));
    const withAttributes = sequence(
      integer(1),
      algorithm,
      inner,
      element(0xa0),
      element(0x81, Uint8Array.of(0, 4)),
    );
    assert.ok(wellFormed(parsePrivateKey(withAttributes)).equals(privateKey));
  });

  it('is refused, with the reason, when its kind is not supported', () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    assert.match(reasonOf(exported(rsa, 'pkcs8')), /algorithm RSA; only ECDSA/);
    const ed25519 = generateKeyPairSync('ed25519').privateKey;
    assert.match(reasonOf(exported(ed25519, 'pkcs8')), /algorithm Ed25519; only ECDSA/);
    assert.match(reasonOf(exported(makeKeys('secp521r1').privateKey, 'pkcs8')), /curve 1\.3\.132\.0\.35/);
    assert.match(reasonOf(pemFile('RSA PRIVATE KEY', Uint8Array.of(1))), /RSA PRIVATE KEY is no key/);
    assert.match(reasonOf(pemFile('ENCRYPTED PRIVATE KEY', Uint8Array.of(1))), /is encrypted/);
  });

  it('is refused when there is none, or more than one', () => {
    const one = pem('EC PRIVATE KEY', exported(makeKeys().privateKey, 'sec1'));
    assert.match(reasonOf(utf8Encode(one + one)), /There are 2 private keys/);
    assert.match(reasonOf(pemFile('CERTIFICATE', Uint8Array.of(1))), /There are 0 private keys/);
    assert.match(reasonOf(new Uint8Array()), /neither PKCS#8 nor SEC 1/);
    assert.match(reasonOf(new Uint8Array(20_000)), /longer than/);
  });

  it('is refused when it contradicts itself or is no number that its curve allows', () => {
    const { privateKey } = makeKeys();
    const scalar = octetString(scalarOf(privateKey));
    const curve = element(0xa0, objectIdentifier(p256));
    const stranger = element(0xa1, bitString(new Uint8Array(65).fill(4)));
    const other = element(0xa0, objectIdentifier('1.3.132.0.34'));
    const algorithm = sequence(objectIdentifier(ecPublicKey), objectIdentifier(p256));
    const cases: readonly (readonly [Uint8Array, RegExp])[] = [
      [sequence(integer(1), scalar, curve, stranger), /not its own/],
      [sequence(integer(1), scalar), /does not name its curve/],
      [sequence(integer(1), scalar, other), /length of its curve/],
      [sequence(integer(2), scalar, curve), /neither/],
      [sequence(integer(0), algorithm, octetString(sequence(integer(1), scalar, other))), /two curves/],
      [sequence(integer(2), algorithm, octetString(sequence(integer(1), scalar))), /neither/],
      [sequence(integer(1), octetString(new Uint8Array(32)), curve), /not a number/],
      [sequence(integer(1), octetString(new Uint8Array(32).fill(0xff)), curve), /not a number/],
      [sequence(integer(1), octetString(new Uint8Array(31).fill(1)), curve), /length of its curve/],
    ];
    for (const [input, reason] of cases) assert.match(reasonOf(input), reason);
  });

  it('never says anything of the key when it is refused or printed (checklist 29)', () => {
    const { privateKey } = makeKeys();
    const scalar = scalarOf(privateKey);
    const sec1 = exported(privateKey, 'sec1');
    const secretTexts = [
      hexEncode(scalar),
      privateKey.export({ format: 'jwk' }).d ?? 'none',
      scalar.join(','),
    ];
    for (let index = 0; index < sec1.length; index += 1) {
      const changed = sec1.slice();
      changed[index] = (changed[index] ?? 0) ^ 0x11;
      const key = parsePrivateKey(changed);
      const printed = inspect(key, { depth: 9, showHidden: true }) + JSON.stringify(key);
      for (const text of secretTexts) assert.ok(!printed.includes(text));
    }
  });

  it('may be any bytes at all without doing harm', () => {
    fc.assert(fc.property(byteStrings(0, 200), (bytes) => void parsePrivateKey(bytes)));
    const pkcs8 = exported(makeKeys().privateKey, 'pkcs8');
    fc.assert(
      fc.property(fc.nat(pkcs8.length - 1), byteStrings(0, 8), (position, inserted) => {
        parsePrivateKey(concatBytes([pkcs8.subarray(0, position), inserted, pkcs8.subarray(position)]));
        parsePrivateKey(pkcs8.subarray(0, position));
      }),
    );
  });
});
