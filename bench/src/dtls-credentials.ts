import { createPrivateKey, generateKeyPairSync } from 'node:crypto';

import {
  type Credential,
  type Malformed,
  isMalformed,
  type PeerTrust,
  pskCredential,
  type RawPublicKeyCredential,
  rawPublicKeyCredential,
} from '@dunlin/dtls';

/** What a device has to show, and what it judges the server by. */
export interface DeviceCredential {
  readonly credential: Credential;
  readonly trust?: PeerTrust;
}

/** A device with a pre-shared key of its own. */
export function pskDevice(index: number): DeviceCredential {
  const identity = `device-${index}`;
  return { credential: given(pskCredential(identity, preSharedKeyOf(identity))) };
}

/** The key of an identity, which both processes know: 16 bytes. */
export function preSharedKeyOf(identity: string): Uint8Array {
  return new TextEncoder().encode(identity.padEnd(16, '.').slice(-16));
}

/** After how many milliseconds the associations of `psk-resting` are idle; they rest after twice that at most. */
export const restAfter = 500;

/** Two key pairs, made anew for each run, with which server and devices know each other. */
export class RawPublicKeys {
  readonly #server: RawPublicKeyCredential = freshPair();
  readonly #device: RawPublicKeyCredential = freshPair();

  /** For all devices the same: to sign with it and to verify that costs what it costs with one for each. */
  get device(): DeviceCredential {
    const trust = { kind: 'raw-public-key', publicKeys: [this.#server.publicKey] } as const;
    return { credential: this.#device, trust };
  }

  /** What the server's process is started with. */
  get serverArguments(): readonly string[] {
    const { privateKey } = this.#server;
    const key = privateKey.export({ format: 'der', type: 'pkcs8' });
    return [key.toString('base64'), Buffer.from(this.#device.publicKey).toString('base64')];
  }
}

/** The other end of `serverArguments`. */
export function readServerArguments([key = '', devicePublicKey = '']: readonly string[]): {
  readonly own: RawPublicKeyCredential;
  readonly devicePublicKey: Uint8Array;
} {
  const privateKey = createPrivateKey({ key: Buffer.from(key, 'base64'), format: 'der', type: 'pkcs8' });
  return {
    own: given(rawPublicKeyCredential(privateKey)),
    devicePublicKey: new Uint8Array(Buffer.from(devicePublicKey, 'base64')),
  };
}

function freshPair(): RawPublicKeyCredential {
  return given(rawPublicKeyCredential(generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey));
}

function given<T extends object>(made: T | Malformed): T {
  if (isMalformed(made)) throw new Error(made.reason);
  return made;
}
