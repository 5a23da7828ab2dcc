import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';

import {
  certificateCredential,
  pskCredential,
  rawPublicKeyCredential,
} from '../../src/credentials/credential.ts';
import { isMalformed } from '../../src/wire/malformed.ts';
import { authority, issue, makeKeys, scalarOf } from '../support/certificate-authority.ts';
import { wellFormed } from '../support/codec.ts';

const reasonOf = (value: unknown): string => (isMalformed(value) ? value.reason : 'accepted');

describe('credentials', () => {
  it('hold identities of 128 bytes and keys of 64 bytes, and somewhat more (R-710)', () => {
    const { identity, key } = wellFormed(pskCredential('ä'.repeat(64), new Uint8Array(64).fill(9)));
    assert.equal(identity.length, 64);
    assert.deepEqual(key.reveal(), new Uint8Array(64).fill(9));
    assert.match(reasonOf(pskCredential('', new Uint8Array(16))), /1 to 256 bytes; this one has 0/);
    assert.match(reasonOf(pskCredential('x'.repeat(257), new Uint8Array(16))), /has 257/);
    assert.match(reasonOf(pskCredential('x', new Uint8Array())), /1 to 128 bytes; this one has 0/);
    assert.match(reasonOf(pskCredential('x', new Uint8Array(129))), /has 129/);
  });

  it('keep their own copy of a key', () => {
    const bytes = new Uint8Array(16).fill(7);
    const { key } = wellFormed(pskCredential('dev1', bytes));
    bytes.fill(0);
    assert.deepEqual(key.reveal(), new Uint8Array(16).fill(7));
  });

  it('join a key pair only when both halves belong together (R-711)', () => {
    const { certificate, privateKey, publicKey } = issue();
    assert.deepEqual(wellFormed(rawPublicKeyCredential(privateKey)).publicKey, publicKey);
    assert.deepEqual(wellFormed(rawPublicKeyCredential(privateKey, publicKey)).publicKey, publicKey);
    const stranger = issue();
    assert.match(reasonOf(rawPublicKeyCredential(privateKey, stranger.publicKey)), /does not belong/);
    assert.deepEqual(wellFormed(certificateCredential(privateKey, [certificate])).chain, [certificate]);
    assert.match(
      reasonOf(certificateCredential(stranger.privateKey, [certificate])),
      /not that of the private key/,
    );
  });

  it('hold a chain in order, of a bounded length', () => {
    const root = authority('Root');
    const intermediate = authority('Intermediate', {}, root);
    const own = issue({}, intermediate);
    const chain = [own.certificate, intermediate.certificate, root.certificate];
    assert.deepEqual(wellFormed(certificateCredential(own.privateKey, chain)).chain, chain);
    const gap = [own.certificate, root.certificate];
    assert.match(reasonOf(certificateCredential(own.privateKey, gap)), /not by the next/);
    assert.match(reasonOf(certificateCredential(own.privateKey, [])), /this one has 0/);
    const long = Array.from({ length: 7 }, () => root.certificate);
    assert.match(reasonOf(certificateCredential(root.privateKey, long)), /this one has 7/);
    assert.match(reasonOf(certificateCredential(own.privateKey, [Uint8Array.of(0)])), /not valid DER/);
  });

  it('need the private key of a curve that can sign', () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const { publicKey } = makeKeys();
    for (const key of [rsa.privateKey, makeKeys('secp521r1').privateKey, publicKey]) {
      assert.match(reasonOf(rawPublicKeyCredential(key)), /not one for ECDSA/);
      assert.match(reasonOf(certificateCredential(key, [])), /not one for ECDSA/);
    }
  });

  it('show no secret however they are printed (checklist 29)', () => {
    const { certificate, privateKey } = issue();
    const scalar = privateKey.export({ format: 'jwk' }).d ?? '';
    const psk = wellFormed(pskCredential('dev1', Uint8Array.of(201, 202, 203, 204)));
    const credentials = [
      psk,
      wellFormed(rawPublicKeyCredential(privateKey)),
      wellFormed(certificateCredential(privateKey, [certificate])),
    ];
    const printed = inspect(credentials, { depth: 9, showHidden: true }) + JSON.stringify(credentials);
    assert.match(printed, /\[secret\]/);
    assert.ok(!printed.includes(scalar));
    assert.ok(!/201,\s*202/.test(printed));
    const start = [...scalarOf(privateKey).subarray(0, 6)].join(String.raw`,\s*`);
    assert.ok(!new RegExp(start).test(printed));
  });
});
