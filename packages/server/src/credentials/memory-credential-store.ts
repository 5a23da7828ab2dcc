import { Secret, StorageError, UsageError } from '@dunlin/base';

import {
  checkCredential,
  type CredentialProof,
  type CredentialSummary,
  type NewCredential,
  proofKey,
} from './credential.ts';
import {
  type CredentialLimits,
  credentialLimitsDefaults,
  type CredentialPageRequest,
  type CredentialStore,
  type FoundPreSharedKey,
  type PutOutcome,
} from './credential-store.ts';

/** Credentials in memory: gone when the process ends. Answers everything at once, never with a promise. */
export class MemoryCredentialStore implements CredentialStore {
  readonly #limits: CredentialLimits;
  readonly #byId = new Map<string, CredentialSummary>();
  readonly #byProof = new Map<string, CredentialSummary>();
  readonly #byEndpoint = new Map<string, Map<string, CredentialSummary>>();
  readonly #anchors = new Map<string, CredentialSummary>();
  /** By credential id. */
  readonly #keys = new Map<string, Secret>();
  /** Built when a page is asked for, dropped by every change. */
  #ordered: readonly CredentialSummary[] | undefined;
  #isClosed = false;

  constructor(limits: Partial<CredentialLimits> = {}) {
    this.#limits = { ...credentialLimitsDefaults, ...limits };
  }

  put(credential: NewCredential): PutOutcome {
    this.#mustBeOpen();
    checkCredential(credential);
    if (this.#byId.has(credential.id)) throw new UsageError(`there is a credential ${credential.id} already`);
    const present = this.#byProof.get(proofKey(credential));
    if (present !== undefined && present.endpointName !== credential.endpointName) {
      return { kind: 'taken', by: present };
    }
    const reason = present === undefined ? this.#problemOfRoom(credential) : undefined;
    if (reason !== undefined) return { kind: 'full', reason };
    if (present !== undefined) this.remove(present.id);
    const { id, endpointName, proof, createdAt, key } = credential;
    this.#add({ id, endpointName, proof, createdAt });
    if (key !== undefined) this.#keys.set(id, key);
    return present === undefined ? { kind: 'kept' } : { kind: 'kept', replaced: present };
  }

  remove(id: string): CredentialSummary | undefined {
    this.#mustBeOpen();
    const credential = this.#byId.get(id);
    if (credential === undefined) return undefined;
    this.#byId.delete(id);
    this.#byProof.delete(proofKey(credential));
    this.#anchors.delete(id);
    this.#keys.get(id)?.destroy();
    this.#keys.delete(id);
    const name = credential.endpointName ?? '';
    const siblings = this.#byEndpoint.get(name);
    siblings?.delete(id);
    if (siblings?.size === 0) this.#byEndpoint.delete(name);
    this.#ordered = undefined;
    return credential;
  }

  find(id: string): CredentialSummary | undefined {
    return this.#byId.get(id);
  }

  findByProof(proof: CredentialProof): CredentialSummary | undefined {
    return this.#byProof.get(proofKey({ proof, endpointName: undefined }));
  }

  findPreSharedKey(identity: string): FoundPreSharedKey | undefined {
    this.#mustBeOpen();
    const credential = this.findByProof({ kind: 'psk', identity });
    const key = credential === undefined ? undefined : this.#keys.get(credential.id);
    if (credential === undefined || key === undefined) return undefined;
    return { credential, key: new Secret(key.reveal().slice()) };
  }

  ofEndpoint(endpointName: string): readonly CredentialSummary[] {
    if (endpointName === '') return [];
    const found = this.#byEndpoint.get(endpointName);
    return found === undefined ? [] : [...found.values()].sort(byEndpointAndId);
  }

  trustAnchors(): readonly CredentialSummary[] {
    return [...this.#anchors.values()];
  }

  page({ after, limit, endpointName }: CredentialPageRequest): readonly CredentialSummary[] {
    this.#ordered ??= [...this.#byId.values()].sort(byEndpointAndId);
    const all = endpointName === undefined ? this.#ordered : this.ofEndpoint(endpointName);
    const start = after === undefined ? 0 : firstAfter(all, after);
    return all.slice(start, start + limit);
  }

  count(): number {
    return this.#byId.size;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    for (const key of this.#keys.values()) key.destroy();
    this.#keys.clear();
    return Promise.resolve();
  }

  #add(credential: CredentialSummary): void {
    const { id, endpointName, proof } = credential;
    this.#byId.set(id, credential);
    this.#byProof.set(proofKey(credential), credential);
    if (proof.kind === 'trust-anchor') this.#anchors.set(id, credential);
    const siblings = this.#byEndpoint.get(endpointName ?? '') ?? new Map<string, CredentialSummary>();
    siblings.set(id, credential);
    this.#byEndpoint.set(endpointName ?? '', siblings);
    this.#ordered = undefined;
  }

  #problemOfRoom({ endpointName, proof }: NewCredential): string | undefined {
    const { credentials, perEndpoint, trustAnchors } = this.#limits;
    if (this.#byId.size >= credentials) return `there are ${credentials} credentials, the most there can be`;
    if (proof.kind === 'trust-anchor' && this.#anchors.size >= trustAnchors) {
      return `there are ${trustAnchors} trust anchors, the most there can be`;
    }
    const count = endpointName === undefined ? 0 : (this.#byEndpoint.get(endpointName)?.size ?? 0);
    return count >= perEndpoint
      ? `${endpointName} has ${perEndpoint} credentials, the most an endpoint can have`
      : undefined;
  }

  #mustBeOpen(): void {
    if (this.#isClosed) throw new StorageError('the credential store is closed');
  }
}

type Place = Pick<CredentialSummary, 'endpointName' | 'id'>;

function byEndpointAndId(a: Place, b: Place): number {
  return compare(a.endpointName ?? '', b.endpointName ?? '') || compare(a.id, b.id);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

function firstAfter(ordered: readonly CredentialSummary[], after: Place): number {
  let low = 0;
  let high = ordered.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const candidate = ordered[middle];
    if (candidate !== undefined && byEndpointAndId(candidate, after) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
