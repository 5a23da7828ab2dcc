import type { Secret } from '@dunlin/base';

import type { MaybePromise } from '../registration-store.ts';
import type { CredentialProof, CredentialSummary, NewCredential } from './credential.ts';

/** What became of a `put`. */
export type PutOutcome =
  /** It is kept; `replaced` is the one with the same proof of the same endpoint, which is no more. */
  | { readonly kind: 'kept'; readonly replaced?: CredentialSummary | undefined }
  /** Another endpoint proves itself with the same; nothing has changed. */
  | { readonly kind: 'taken'; readonly by: CredentialSummary }
  /** There is no room (see `CredentialLimits`); nothing has changed. */
  | { readonly kind: 'full'; readonly reason: string };

/** A part of the list of credentials. */
export interface CredentialPageRequest {
  /** Only those after this one; it need not be there any more. */
  readonly after?: Pick<CredentialSummary, 'endpointName' | 'id'> | undefined;
  /** At most so many. */
  readonly limit: number;
  /** Only those of this endpoint. */
  readonly endpointName?: string | undefined;
}

/** A pre-shared key with the credential it is of. */
export interface FoundPreSharedKey {
  readonly credential: CredentialSummary;
  /** A copy: whoever asked for it destroys it. */
  readonly key: Secret;
}

/** How many credentials a store keeps. */
export interface CredentialLimits {
  /** In all. */
  readonly credentials: number;
  /** Of one endpoint. */
  readonly perEndpoint: number;
  /** Trust anchors in all: every chain is compared with each. */
  readonly trustAnchors: number;
}

/**
 * Two for each of the million devices of a node, for changing one while the other goes on; an old and a new one of
 * each kind per endpoint; some hundred authorities, as in the bundles of operating systems.
 */
export const credentialLimitsDefaults: CredentialLimits = {
  credentials: 2_000_000,
  perEndpoint: 16,
  trustAnchors: 128,
};

/**
 * Port: which endpoint proves itself with what. A proof belongs to one endpoint, an endpoint may have several.
 * Secrets go in with `put` and come out of `findPreSharedKey` only. Methods may answer at once or later; a method that
 * cannot keep its promise throws or rejects with a `StorageError` and has changed nothing.
 */
export interface CredentialStore extends AsyncDisposable {
  /** Keeps a credential. Durable when answered. */
  put(credential: NewCredential): MaybePromise<PutOutcome>;
  /** Takes one out, its secret with it. Durable when answered. */
  remove(id: string): MaybePromise<CredentialSummary | undefined>;
  find(id: string): MaybePromise<CredentialSummary | undefined>;
  /** The credential with a proof; of trust anchors the one for every endpoint. */
  findByProof(proof: CredentialProof): MaybePromise<CredentialSummary | undefined>;
  /** The key that belongs to a PSK identity. */
  findPreSharedKey(identity: string): MaybePromise<FoundPreSharedKey | undefined>;
  /** All that belong to an endpoint, those for every endpoint not among them; ordered by id. */
  ofEndpoint(endpointName: string): MaybePromise<readonly CredentialSummary[]>;
  /** Every trust anchor. */
  trustAnchors(): MaybePromise<readonly CredentialSummary[]>;
  /** Ordered by endpoint name (those for every endpoint first) and id. */
  page(request: CredentialPageRequest): MaybePromise<readonly CredentialSummary[]>;
  /** How many there are. */
  count(): MaybePromise<number>;
}
