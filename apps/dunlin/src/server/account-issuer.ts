import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';

import { type Instant, Secret, utf8Encode } from '@dunlin/base';
import type {
  GivenSecurity,
  IssuedSecurity,
  IssueOutcome,
  IssueRequest,
  SecurityIssuer,
} from '@dunlin/bootstrap';
import { isMalformed, rawPublicKeyCredential } from '@dunlin/dtls';
import {
  type CredentialProof,
  type CredentialSummary,
  type DeviceCredentials,
  proofName,
} from '@dunlin/server';
import type { Logger } from 'pino';

export interface AccountIssuerOptions {
  /** Of the server that the accounts are of. */
  readonly credentials: DeviceCredentials;
  /** What devices know that server by. */
  readonly serverPublicKey: Uint8Array;
  readonly newCredentialId: () => string;
  readonly now: () => Instant;
  readonly log: Logger;
}

/** Bytes of a pre-shared key: what every suite is made for, and what small devices have room for. */
const keyLength = 16;

/** How many identities of an endpoint are tried: as many as it may have credentials. */
const maxIdentities = 32;

/** Bytes of an endpoint name that, with a number, is an identity which every device takes (1.0 E.1.1.1: 128). */
const maxNameInIdentity = 120;

interface Made {
  readonly security: GivenSecurity;
  readonly credential: CredentialSummary;
}

/**
 * Makes the keys of accounts in bootstraps, and adds them to the credentials of the server. A device has the old or
 * the new one at any time, whatever becomes of its bootstrap: the old one is taken away when it has the new one for
 * certain, and the new one when it has not.
 */
export class AccountIssuer implements SecurityIssuer {
  readonly #options: AccountIssuerOptions;

  constructor(options: Readonly<AccountIssuerOptions>) {
    this.#options = options;
  }

  async issue({ endpointName, proof }: IssueRequest): Promise<IssuedSecurity> {
    const { log } = this.#options;
    const { security, credential } =
      proof === 'psk' ? await this.#makeKey(endpointName) : await this.#makeKeyPair(endpointName);
    log.info(
      { endpoint: endpointName, credential: credential.id, kind: credential.proof.kind },
      'issued a credential',
    );
    return {
      security,
      settle: (outcome) => {
        this.#settle(credential, outcome).catch((error: unknown) =>
          log.error(
            { endpoint: endpointName, reason: String(error) },
            'could not put the credentials in order after a bootstrap',
          ),
        );
      },
    };
  }

  /** The identity is that of the endpoint, or that with a number while another key has it. */
  async #makeKey(endpointName: string): Promise<Made> {
    const key = new Uint8Array(randomBytes(keyLength));
    const name = identityFor(endpointName);
    for (let number = 0; number < maxIdentities; number += 1) {
      const identity = number === 0 ? name : `${name}#${number}`;
      const proof = { kind: 'psk', identity } as const;
      if ((await this.#options.credentials.store.findByProof(proof)) !== undefined) continue;
      // The store takes its copy over.
      const credential = await this.#keep(endpointName, proof, new Secret(key.slice()));
      return { security: { kind: 'psk', identity, key: new Secret(key) }, credential };
    }
    throw new Error(`${endpointName} has ${maxIdentities} PSK identities: remove some of its credentials`);
  }

  async #makeKeyPair(endpointName: string): Promise<Made> {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    const pair = rawPublicKeyCredential(privateKey);
    if (isMalformed(pair)) throw new Error(pair.reason);
    const { publicKey } = pair;
    const credential = await this.#keep(endpointName, { kind: 'raw-public-key', publicKey });
    const security: GivenSecurity = {
      kind: 'raw-public-key',
      publicKey,
      privateKey: new Secret(new Uint8Array(privateKey.export({ format: 'der', type: 'pkcs8' }))),
      serverPublicKey: this.#options.serverPublicKey,
    };
    return { security, credential };
  }

  async #keep(endpointName: string, proof: CredentialProof, key?: Secret): Promise<CredentialSummary> {
    const { credentials, newCredentialId, now } = this.#options;
    const credential = { id: newCredentialId(), endpointName, proof, createdAt: now() };
    const outcome = await credentials.put({ ...credential, key });
    switch (outcome.kind) {
      case 'kept':
        return credential;
      case 'taken':
        throw new Error(`${proofName(proof)} is that of ${outcome.by.endpointName ?? 'every endpoint'}`);
      case 'full':
        throw new Error(outcome.reason);
    }
  }

  async #settle(issued: CredentialSummary, outcome: IssueOutcome): Promise<void> {
    const { credentials } = this.#options;
    switch (outcome) {
      case 'given':
        for (const { id } of await this.#earlier(issued)) await credentials.remove(id);
        return;
      case 'not-given':
        await credentials.remove(issued.id);
        return;
      case 'unknown':
    }
  }

  /** What the endpoint proved itself with in the same way until now: under names that are made here, or a key pair. */
  async #earlier({ id, endpointName, proof }: CredentialSummary): Promise<readonly CredentialSummary[]> {
    if (endpointName === undefined) return [];
    const present = await this.#options.credentials.store.ofEndpoint(endpointName);
    return present.filter(
      (other) =>
        other.id !== id &&
        other.proof.kind === proof.kind &&
        (other.proof.kind !== 'psk' || isMadeHere(other.proof.identity, endpointName)),
    );
  }
}

function isMadeHere(identity: string, endpointName: string): boolean {
  const name = identityFor(endpointName);
  return identity.startsWith(name) && /^(#[1-9]\d?)?$/.test(identity.slice(name.length));
}

/** The endpoint name, or what stands for it when it is longer than an identity may be. */
function identityFor(endpointName: string): string {
  const bytes = utf8Encode(endpointName);
  return bytes.length <= maxNameInIdentity
    ? endpointName
    : `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
