import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { Secret, utf8Encode } from '@dunlin/base';

import { cipherSuites, findCipherSuite, needsEncryptThenMac } from '../../src/crypto/cipher-suite.ts';
import {
  ecdhePskPremasterSecret,
  extendedMasterSecret,
  isSameVerifyData,
  keyBlock,
  masterSecret,
  pskPremasterSecret,
  verifyData,
} from '../../src/crypto/key-schedule.ts';
import { prf, type PrfLabel } from '../../src/crypto/prf.ts';
import { counting, hex } from '../support/hex.ts';

const clientRandom = counting(0, 32);
const serverRandom = counting(32, 32);
const transcriptHash = counting(64, 32);
const preSharedKey = utf8Encode('secretPSK');

const suiteOf = (code: number): NonNullable<ReturnType<typeof findCipherSuite>> => {
  const suite = findCipherSuite(code);
  assert.ok(suite);
  return suite;
};

describe('the PRF (RFC 5246 §5)', () => {
  it('gives the published answer for SHA-256', () => {
    const label: string = 'test label';
    const output = prf(
      hex('9bbe436ba940f017b17652849a71db35'),
      label as PrfLabel,
      hex('a0ba9f936cda311827a6f796ffd5198c'),
      100,
    );
    assert.deepEqual(
      output,
      hex(
        'e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a6b301791e90d35c9c9a46b4e14baf9af' +
          '0fa022f7077def17abfd3797c0564bab4fbc91666e9def9b97fce34f796789baa48082d122ee42c5a72e5a5110fff701' +
          '87347b66',
      ),
    );
  });
});

// The expected values below were computed with `openssl kdf … TLS1-PRF`.
describe('the key schedule', () => {
  it('makes the premaster secret of the PSK suites (RFC 4279 §2)', () => {
    assert.deepEqual(
      pskPremasterSecret(preSharedKey).reveal(),
      hex('0009 000000000000000000 0009 73656372657450534b'),
    );
  });

  it('makes the premaster secret of the ECDHE_PSK suites (RFC 5489 §2)', () => {
    const premaster = ecdhePskPremasterSecret(new Secret(hex('a1a2a3')), preSharedKey);
    assert.deepEqual(premaster.reveal(), hex('0003 a1a2a3 0009 73656372657450534b'));
  });

  it('makes the master secret (RFC 5246 §8.1)', () => {
    assert.deepEqual(
      masterSecret(pskPremasterSecret(preSharedKey), clientRandom, serverRandom).reveal(),
      hex('03441a59e769d3f530fba3141d8158fdbc544e1124dacdcd7de93c37d5416f0dc68bde589731008aaf5c66858dc72fbd'),
    );
  });

  it('makes the extended master secret (RFC 7627 §4)', () => {
    assert.deepEqual(
      extendedMasterSecret(pskPremasterSecret(preSharedKey), transcriptHash).reveal(),
      hex('937a88783a9ff3dc6ee9ac228c971bb4c71af939dbc1652c12f76fc03ea244e9be1d081194aa40d4dab0036226b64d22'),
    );
  });

  it('cuts the key block into keys and salts, or MAC keys and keys (RFC 5246 §6.3)', () => {
    const master = masterSecret(pskPremasterSecret(preSharedKey), clientRandom, serverRandom);
    const aead = keyBlock(master, clientRandom, serverRandom, suiteOf(0xc0a8));
    assert.deepEqual(aead, {
      client: {
        macKey: new Uint8Array(),
        key: hex('04379f48b525ab8b1216a048b400ef16'),
        salt: hex('e043d6a0'),
      },
      server: {
        macKey: new Uint8Array(),
        key: hex('ae8cfba5b20119a4174ee6056934ef37'),
        salt: hex('48db3503'),
      },
    });
    const cbc = keyBlock(master, clientRandom, serverRandom, suiteOf(0x00ae));
    assert.deepEqual(cbc, {
      client: {
        macKey: hex('04379f48b525ab8b1216a048b400ef16ae8cfba5b20119a4174ee6056934ef37'),
        key: hex('bd1eadcc7b571efa1a3cceb29b9cc4bb'),
        salt: new Uint8Array(),
      },
      server: {
        macKey: hex('e043d6a048db3503a720b6f108996097936ebb62f2709d31291ef76bf0243c97'),
        key: hex('004d9554bab49aebc3668a937470247d'),
        salt: new Uint8Array(),
      },
    });
  });

  it('makes verify_data for each side (RFC 5246 §7.4.9)', () => {
    const master = extendedMasterSecret(pskPremasterSecret(preSharedKey), transcriptHash);
    assert.deepEqual(verifyData(master, 'client', transcriptHash), hex('862d32a8504a940415aec822'));
    assert.deepEqual(verifyData(master, 'server', transcriptHash), hex('5ac8f7c49ebe02359c282526'));
  });

  it('compares verify_data as a whole (checklist 18)', () => {
    const expected = counting(1, 12);
    assert.equal(isSameVerifyData(expected, expected.slice()), true);
    for (let index = 0; index < 12; index += 1) {
      const wrong = expected.slice();
      wrong[index] = 0xff;
      assert.equal(isSameVerifyData(expected, wrong), false);
    }
    assert.equal(isSameVerifyData(expected, expected.subarray(0, 11)), false);
    assert.equal(isSameVerifyData(expected, new Uint8Array()), false);
  });
});

describe('the cipher suites', () => {
  it('have the registered code points', () => {
    assert.deepEqual(Object.fromEntries(cipherSuites.map(({ name, code }) => [name, code])), {
      TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8: 0xc0ae,
      TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256: 0xc02b,
      TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256: 0xc023,
      TLS_ECDHE_PSK_WITH_AES_128_CCM_8_SHA256: 0xd003,
      TLS_ECDHE_PSK_WITH_AES_128_GCM_SHA256: 0xd001,
      TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA256: 0xc037,
      TLS_PSK_WITH_AES_128_CCM_8: 0xc0a8,
      TLS_PSK_WITH_AES_128_GCM_SHA256: 0x00a8,
      TLS_PSK_WITH_AES_128_CBC_SHA256: 0x00ae,
    });
    assert.equal(findCipherSuite(0x0000), undefined);
    assert.equal(findCipherSuite(0x0a0a), undefined);
  });

  it('of CBC are there only with encrypt_then_mac (checklist 14)', () => {
    for (const suite of cipherSuites) assert.equal(needsEncryptThenMac(suite), suite.name.includes('CBC'));
  });
});

describe('a secret (checklist 29)', () => {
  it('does not show in texts, JSON or inspection', async () => {
    const { inspect } = await import('node:util');
    const secret = new Secret(utf8Encode('geheim'));
    const shown = [String(secret), JSON.stringify({ secret }), inspect({ secret }, { depth: 9 })];
    for (const text of shown) assert.doesNotMatch(text, /geheim|103|67|0x/);
    assert.equal(String(secret), '[secret]');
  });

  it('is overwritten when destroyed, and gone', () => {
    const bytes = utf8Encode('geheim');
    const secret = new Secret(bytes);
    assert.equal(secret.reveal(), bytes);
    secret.destroy();
    secret.destroy();
    assert.deepEqual(bytes, new Uint8Array(6));
    assert.throws(() => secret.reveal(), /destroyed/);
  });
});
