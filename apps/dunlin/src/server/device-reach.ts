import { parseDeviceUri } from '@dunlin/bootstrap';
import { isMalformed, pskCredential } from '@dunlin/dtls';
import type { ClientCredential } from '@dunlin/node';
import type { CredentialStore } from '@dunlin/server';

import type { ServerIdentity } from './server-identity.ts';

/** Devices that are reached for at one time: as many as there may be requests that begin a bootstrap. */
const maxExpected = 1000;

/**
 * Which device waits where, when a bootstrap begins over DTLS by the Bootstrap-Server (1.0 §7.1.6): what it proves itself
 * with there, and knows the device by, are the credentials of that device.
 */
export class DeviceReach {
  readonly #store: CredentialStore;
  readonly #identity: ServerIdentity;
  /** Endpoint names by host and port; the oldest go first. */
  readonly #expected = new Map<string, string>();

  constructor(store: CredentialStore, identity: ServerIdentity) {
    this.#store = store;
    this.#identity = identity;
  }

  /** A device is about to be reached for at a URI. Throws a `UsageError` for one that is none. */
  expect(endpointName: string, uri: string): void {
    const { isSecure, host, port } = parseDeviceUri(uri);
    if (!isSecure) return;
    const [oldest] = this.#expected.keys();
    if (this.#expected.size >= maxExpected && oldest !== undefined) this.#expected.delete(oldest);
    this.#expected.set(`${host}:${port}`, endpointName);
  }

  /** For the device that is expected there; `undefined` when it has no credential to be known by. */
  async credentialFor(host: string, port: number): Promise<ClientCredential | undefined> {
    const place = `${host}:${port}`;
    const endpointName = this.#expected.get(place);
    this.#expected.delete(place);
    if (endpointName === undefined) return undefined;
    for (const { proof } of await this.#store.ofEndpoint(endpointName)) {
      if (proof.kind === 'psk') return await this.#preSharedKey(proof.identity);
      if (proof.kind === 'raw-public-key') {
        const trust = { kind: 'raw-public-key', publicKeys: [proof.publicKey] } as const;
        return { credential: this.#identity.rawPublicKey, trust };
      }
      const { certificate } = this.#identity;
      if (proof.kind === 'certificate' && certificate !== undefined) {
        const trust = { kind: 'domain-issued-certificate', certificates: [proof.certificate] } as const;
        return { credential: certificate, trust };
      }
    }
    return undefined;
  }

  async #preSharedKey(identity: string): Promise<ClientCredential | undefined> {
    const found = await this.#store.findPreSharedKey(identity);
    if (found === undefined) return undefined;
    try {
      const credential = pskCredential(identity, found.key.reveal());
      return isMalformed(credential) ? undefined : { credential };
    } finally {
      found.key.destroy();
    }
  }
}
