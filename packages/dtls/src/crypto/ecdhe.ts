import {
  createECDH,
  createPublicKey,
  diffieHellman,
  type ECDH,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto';

import { base64Encode, concatBytes, Secret } from '@dunlin/base';

import { AlertDescription } from '../wire/alert-description.ts';
import { NamedGroup } from '../wire/extension/supported-groups.ts';
import { malformed, type Malformed } from '../wire/malformed.ts';
import { plainBytes } from './plain-bytes.ts';

/** One side's key pair for one handshake. */
export interface EphemeralKey {
  readonly group: NamedGroup;
  /** The public key as it goes into the key exchange message. */
  readonly publicKey: Uint8Array;
  /**
   * The secret shared with the peer's public key, which is validated: an uncompressed point on the curve
   * (RFC 8422 §5.4.1, §5.11), and for X25519 one that does not give all zeros (RFC 7748 §6.1).
   */
  agree(peerPublicKey: Uint8Array): Secret | Malformed;
}

/** Makes a key pair. All three groups are there on every build of Node. */
export function generateEphemeralKey(group: NamedGroup): EphemeralKey {
  switch (group) {
    case NamedGroup.secp256r1:
      return new WeierstrassKey(group, 'prime256v1', 65);
    case NamedGroup.secp384r1:
      return new WeierstrassKey(group, 'secp384r1', 97);
    case NamedGroup.x25519:
      return new MontgomeryKey();
  }
}

class WeierstrassKey implements EphemeralKey {
  readonly group: NamedGroup;
  readonly publicKey: Uint8Array;
  readonly #pair: ECDH;
  readonly #pointLength: number;

  constructor(group: NamedGroup, curve: string, pointLength: number) {
    this.group = group;
    this.#pointLength = pointLength;
    this.#pair = createECDH(curve);
    this.publicKey = plainBytes(this.#pair.generateKeys());
  }

  agree(peerPublicKey: Uint8Array): Secret | Malformed {
    if (peerPublicKey.length !== this.#pointLength || peerPublicKey[0] !== uncompressedForm) {
      return invalidKey;
    }
    try {
      return new Secret(plainBytes(this.#pair.computeSecret(peerPublicKey)));
    } catch {
      return invalidKey; // The point is not on the curve.
    }
  }
}

class MontgomeryKey implements EphemeralKey {
  readonly group: NamedGroup = NamedGroup.x25519;
  readonly publicKey: Uint8Array;
  readonly #privateKey: KeyObject;

  constructor() {
    const pair = generateKeyPairSync('x25519');
    const info = pair.publicKey.export({ format: 'der', type: 'spki' });
    this.publicKey = plainBytes(info).slice(x25519Info.length);
    this.#privateKey = pair.privateKey;
  }

  agree(peerPublicKey: Uint8Array): Secret | Malformed {
    if (peerPublicKey.length !== x25519Length) return invalidKey;
    const info = base64Encode(concatBytes([x25519Info, peerPublicKey]));
    try {
      const publicKey = createPublicKey(`-----BEGIN PUBLIC KEY-----\n${info}\n-----END PUBLIC KEY-----\n`);
      const agreed = plainBytes(diffieHellman({ privateKey: this.#privateKey, publicKey }));
      return agreed.every((byte) => byte === 0) ? invalidKey : new Secret(agreed);
    } catch {
      return invalidKey; // OpenSSL refuses points of small order by itself.
    }
  }
}

/** The first byte of a point in uncompressed form (SEC 1 §2.3.3). */
const uncompressedForm = 4;

const x25519Length = 32;

/** The DER in front of the 32 bytes of an X25519 key in its SubjectPublicKeyInfo (RFC 8410 §4). */
const x25519Info = Uint8Array.of(0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x6e, 0x03, 0x21, 0x00);

const invalidKey = malformed('The peer’s ephemeral key is not valid.', AlertDescription.illegalParameter);
