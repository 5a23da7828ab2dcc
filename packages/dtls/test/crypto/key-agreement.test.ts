import assert from 'node:assert/strict';
import { createECDH, generateKeyPairSync, sign, verify } from 'node:crypto';
import { describe, it } from 'node:test';

import { Secret, UsageError } from '@dunlin/base';

import { generateEphemeralKey } from '../../src/crypto/ecdhe.ts';
import { keyLogLine } from '../../src/crypto/key-log.ts';
import { isSignedBy, isSigningKey, signWith } from '../../src/crypto/signature.ts';
import { Transcript } from '../../src/crypto/transcript.ts';
import { AlertDescription } from '../../src/wire/alert-description.ts';
import { SignatureScheme } from '../../src/wire/extension/signature-algorithms.ts';
import { NamedGroup } from '../../src/wire/extension/supported-groups.ts';
import { encodeHandshakeFragment } from '../../src/wire/handshake-header.ts';
import { HandshakeType } from '../../src/wire/handshake-type.ts';
import { alertOf, wellFormed } from '../support/codec.ts';
import { counting, hex } from '../support/hex.ts';

describe('ephemeral key agreement (RFC 8422 §5.11)', () => {
  for (const [name, group] of Object.entries(NamedGroup)) {
    it(`gives both sides the same secret, and others another: ${name}`, () => {
      const [ours, theirs, third] = [1, 2, 3].map(() => generateEphemeralKey(group));
      assert.ok(ours && theirs && third);
      const agreed = wellFormed(ours.agree(theirs.publicKey)).reveal();
      assert.deepEqual(wellFormed(theirs.agree(ours.publicKey)).reveal(), agreed);
      assert.notDeepEqual(wellFormed(third.agree(ours.publicKey)).reveal(), agreed);
      assert.equal(agreed.length, group === NamedGroup.secp384r1 ? 48 : 32);
    });

    it(`refuses public keys of the wrong length (checklist 19): ${name}`, () => {
      const key = generateEphemeralKey(group);
      for (const length of [0, 1, 31, 33, 64, 66, 96, 98]) {
        assert.equal(alertOf(key.agree(counting(4, length))), AlertDescription.illegalParameter);
      }
    });
  }

  it('refuses points that are not on the curve, or not in uncompressed form (checklist 19)', () => {
    for (const [group, curve] of [
      [NamedGroup.secp256r1, 'prime256v1'],
      [NamedGroup.secp384r1, 'secp384r1'],
    ] as const) {
      const key = generateEphemeralKey(group);
      const peer = createECDH(curve);
      const point = Uint8Array.from(peer.generateKeys());
      const offCurve = point.slice();
      offCurve[20] = (offCurve[20] ?? 0) ^ 1;
      const zeros = new Uint8Array(point.length);
      const zeroPoint = zeros.slice();
      zeroPoint[0] = 4;
      const compressed = Uint8Array.from(peer.getPublicKey(undefined, 'compressed'));
      const hybrid = Uint8Array.from(peer.getPublicKey(undefined, 'hybrid'));
      for (const bad of [offCurve, zeros, zeroPoint, compressed, hybrid, hex('00')]) {
        assert.equal(alertOf(key.agree(bad)), AlertDescription.illegalParameter);
      }
      assert.ok(wellFormed(key.agree(point)));
    }
  });

  it('refuses X25519 keys that give all zeros (RFC 7748 §6.1, checklist 19)', () => {
    const key = generateEphemeralKey(NamedGroup.x25519);
    const smallOrder = [
      '00'.repeat(32),
      `01${'00'.repeat(31)}`,
      'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
      '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
      'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    ];
    for (const point of smallOrder) {
      assert.equal(alertOf(key.agree(hex(point))), AlertDescription.illegalParameter);
    }
  });
});

describe('ECDSA signatures (RFC 8422 §5.10)', () => {
  const p256 = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const p384 = generateKeyPairSync('ec', { namedCurve: 'secp384r1' });
  const data = counting(0, 100);

  it('are verified under the scheme they were made with, on both curves', () => {
    for (const pair of [p256, p384]) {
      for (const scheme of Object.values(SignatureScheme)) {
        const signature = signWith(pair.privateKey, scheme, data);
        const hash = scheme === SignatureScheme.ecdsaSha256 ? 'sha256' : 'sha384';
        assert.ok(verify(hash, data, pair.publicKey, signature));
        assert.equal(isSignedBy(pair.publicKey, scheme, data, signature), true);
        for (const other of Object.values(SignatureScheme)) {
          assert.equal(isSignedBy(pair.publicKey, other, data, signature), other === scheme);
        }
      }
    }
  });

  it('are refused when data, key or any byte of them is another (checklist 19)', () => {
    const signature = signWith(p256.privateKey, SignatureScheme.ecdsaSha256, data);
    const isSigned = (key: typeof p256.publicKey, bytes: Uint8Array, signed: Uint8Array): boolean =>
      isSignedBy(key, SignatureScheme.ecdsaSha256, bytes, signed);
    assert.equal(isSigned(p256.publicKey, counting(1, 100), signature), false);
    assert.equal(isSigned(p384.publicKey, data, signature), false);
    for (let index = 0; index < signature.length; index += 1) {
      const tampered = signature.slice();
      tampered[index] = (tampered[index] ?? 0) ^ 0x40;
      assert.equal(isSigned(p256.publicKey, data, tampered), false);
      assert.equal(isSigned(p256.publicKey, data, signature.subarray(0, index)), false);
    }
  });

  it('are never made or verified with keys of another type or curve (checklist 19)', () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 });
    const ed25519 = generateKeyPairSync('ed25519');
    const koblitz = generateKeyPairSync('ec', { namedCurve: 'secp256k1' });
    for (const pair of [rsa, ed25519, koblitz]) {
      assert.equal(isSigningKey(pair.publicKey), false);
      assert.throws(() => signWith(pair.privateKey, SignatureScheme.ecdsaSha256, data), UsageError);
      const signature = sign(pair === ed25519 ? undefined : 'sha256', data, pair.privateKey);
      assert.equal(isSignedBy(pair.publicKey, SignatureScheme.ecdsaSha256, data, signature), false);
    }
    assert.throws(() => signWith(p256.publicKey, SignatureScheme.ecdsaSha256, data), UsageError);
  });
});

describe('the transcript (RFC 6347 §4.2.6)', () => {
  const message = { type: HandshakeType.serverHelloDone, messageSeq: 3, body: hex('0102') };

  it('is over messages as if each had come in one fragment', () => {
    const transcript = new Transcript();
    transcript.append(message);
    transcript.append({ ...message, messageSeq: 4 });
    const whole = encodeHandshakeFragment({
      type: 14,
      length: 2,
      messageSeq: 3,
      fragmentOffset: 0,
      fragment: hex('0102'),
    });
    assert.deepEqual(transcript.messages().subarray(0, 14), whole);
    assert.deepEqual(transcript.messages(), hex('0e000002000300000000000201020e00000200040000000000020102'));
    // printf … | sha256sum
    assert.deepEqual(
      transcript.hash(),
      hex('687bf4662a9f20d01a69f49f150969d83acbfeb939912c367fd278235017d84d'),
    );
  });

  it('can be forked, and each branch goes its own way', () => {
    const trunk = new Transcript();
    trunk.append(message);
    const branch = trunk.fork();
    assert.deepEqual(branch.hash(), trunk.hash());
    branch.append(message);
    assert.equal(trunk.messages().length, 14);
    assert.equal(branch.messages().length, 28);
  });
});

describe('the key log', () => {
  it('has the line that Wireshark reads', () => {
    const line = keyLogLine(hex('00ff'), new Secret(hex('abcd')));
    assert.equal(line, 'CLIENT_RANDOM 00ff abcd');
  });
});
