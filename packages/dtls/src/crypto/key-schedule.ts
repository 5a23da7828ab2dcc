import { timingSafeEqual } from 'node:crypto';

import { ByteWriter, concatBytes, Secret } from '@dunlin/base';

import { verifyDataLength } from '../wire/finished.ts';
import type { CipherSuite, RecordCipherName } from './cipher-suite.ts';
import { prf } from './prf.ts';

/** Which end of a handshake one is. */
export type Role = 'client' | 'server';

/** The keys of one direction (RFC 5246 §6.3), fresh memory that its user takes over. */
export interface DirectionKeys {
  /** 32 bytes for CBC suites, otherwise empty. */
  readonly macKey: Uint8Array;
  /** 16 bytes. */
  readonly key: Uint8Array;
  /** The implicit part of the nonce, 4 bytes for AEAD suites, otherwise empty. */
  readonly salt: Uint8Array;
}

/** The keys each side writes with. */
export type KeyBlock = Readonly<Record<Role, DirectionKeys>>;

/** How long a master secret is, in bytes (RFC 5246 §8.1). */
export const masterSecretLength = 48;

/** The premaster secret of the PSK suites (RFC 4279 §2): as many zeros as the key has bytes, then the key. */
export function pskPremasterSecret(preSharedKey: Uint8Array): Secret {
  return joinedWithKey(new Uint8Array(preSharedKey.length), preSharedKey);
}

/** The premaster secret of the ECDHE_PSK suites (RFC 5489 §2): the agreed secret, then the key. */
export function ecdhePskPremasterSecret(agreed: Secret, preSharedKey: Uint8Array): Secret {
  return joinedWithKey(agreed.reveal(), preSharedKey);
}

/** The master secret of a handshake without RFC 7627 (RFC 5246 §8.1). */
export function masterSecret(
  premasterSecret: Secret,
  clientRandom: Uint8Array,
  serverRandom: Uint8Array,
): Secret {
  const seed = concatBytes([clientRandom, serverRandom]);
  return new Secret(prf(premasterSecret.reveal(), 'master secret', seed, masterSecretLength));
}

/** The master secret bound to the handshake up to and including ClientKeyExchange (RFC 7627 §4). */
export function extendedMasterSecret(premasterSecret: Secret, sessionHash: Uint8Array): Secret {
  return new Secret(prf(premasterSecret.reveal(), 'extended master secret', sessionHash, masterSecretLength));
}

/** Both directions' keys out of the master secret (RFC 5246 §6.3). */
export function keyBlock(
  master: Secret,
  clientRandom: Uint8Array,
  serverRandom: Uint8Array,
  suite: CipherSuite,
): KeyBlock {
  const { macKeyLength, keyLength, saltLength } = keyLengths[suite.recordCipher];
  const seed = concatBytes([serverRandom, clientRandom]);
  const length = 2 * (macKeyLength + keyLength + saltLength);
  const block = prf(master.reveal(), 'key expansion', seed, length);
  let offset = 0;
  const take = (count: number): Uint8Array => block.slice(offset, (offset += count));
  const macKeys = [take(macKeyLength), take(macKeyLength)] as const;
  const keys = [take(keyLength), take(keyLength)] as const;
  const salts = [take(saltLength), take(saltLength)] as const;
  block.fill(0);
  return {
    client: { macKey: macKeys[0], key: keys[0], salt: salts[0] },
    server: { macKey: macKeys[1], key: keys[1], salt: salts[1] },
  };
}

/** The verify_data of a side's Finished over the transcript in front of it (RFC 5246 §7.4.9). */
export function verifyData(master: Secret, sender: Role, transcriptHash: Uint8Array): Uint8Array {
  return prf(master.reveal(), `${sender} finished`, transcriptHash, verifyDataLength);
}

/** Compares verify_data in constant time. */
export function isSameVerifyData(expected: Uint8Array, received: Uint8Array): boolean {
  return expected.length === received.length && timingSafeEqual(expected, received);
}

const keyLengths: Readonly<
  Record<RecordCipherName, { readonly macKeyLength: number; readonly keyLength: number; saltLength: number }>
> = {
  'aes-128-ccm-8': { macKeyLength: 0, keyLength: 16, saltLength: 4 },
  'aes-128-gcm': { macKeyLength: 0, keyLength: 16, saltLength: 4 },
  'aes-128-cbc-sha256': { macKeyLength: 32, keyLength: 16, saltLength: 0 },
};

function joinedWithKey(other: Uint8Array, preSharedKey: Uint8Array): Secret {
  const writer = new ByteWriter(4 + other.length + preSharedKey.length);
  writer.uint16(other.length).bytes(other).uint16(preSharedKey.length).bytes(preSharedKey);
  return new Secret(writer.toBytes());
}
