import type { ApiCallOptions, ApiCalls } from './api-calls.ts';
import {
  type CredentialAdded,
  CredentialAddedSchema,
  type CredentialDocument,
  CredentialDocumentSchema,
  type CredentialInput,
  type CredentialPage,
  CredentialPageSchema,
  type CredentialQuery,
  type ServerIdentityDocument,
  ServerIdentitySchema,
} from './credential-document.ts';

/** What devices and one server prove themselves to each other with. */
export class CredentialCalls {
  readonly #calls: ApiCalls;
  readonly #base: string;

  /** `base` is what the routes have in front: '' for the server, `/bootstrap` for the Bootstrap-Server. */
  constructor(calls: ApiCalls, base: string) {
    this.#calls = calls;
    this.#base = base;
  }

  /** One page of the credentials of devices, ordered by endpoint name and id. */
  credentials(
    query: Readonly<CredentialQuery> = {},
    options: Readonly<ApiCallOptions> = {},
  ): Promise<CredentialPage> {
    const { endpoint, contains, after, limit } = query;
    return this.#calls.json(CredentialPageSchema, {
      method: 'GET',
      path: `${this.#base}/credentials`,
      query: { endpoint, contains, after, limit },
      ...options,
    });
  }

  credential(id: string, options: Readonly<ApiCallOptions> = {}): Promise<CredentialDocument> {
    return this.#calls.json(CredentialDocumentSchema, { method: 'GET', path: this.#path(id), ...options });
  }

  /** Lets a device prove itself with something, in place of what it had with the same identity, key or certificate. */
  addCredential(input: CredentialInput, options: Readonly<ApiCallOptions> = {}): Promise<CredentialAdded> {
    return this.#calls.json(CredentialAddedSchema, {
      method: 'POST',
      path: `${this.#base}/credentials`,
      json: input,
      ...options,
    });
  }

  /** Removes a credential; what it was the proof for ends. */
  async removeCredential(id: string, options: Readonly<ApiCallOptions> = {}): Promise<void> {
    await this.#calls.call({ method: 'DELETE', path: this.#path(id), ...options });
  }

  /** What devices have to know of the server to trust it. */
  serverIdentity(options: Readonly<ApiCallOptions> = {}): Promise<ServerIdentityDocument> {
    return this.#calls.json(ServerIdentitySchema, {
      method: 'GET',
      path: `${this.#base}/server-identity`,
      ...options,
    });
  }

  #path(id: string): string {
    return `${this.#base}/credentials/${encodeURIComponent(id)}`;
  }
}
