import { type Signal, SignalSource } from '@dunlin/base';

import type { Authorization } from '../authorizer.ts';
import { andThen } from '../maybe-promise.ts';
import type { MaybePromise } from '../registration-store.ts';
import type { CredentialSummary, NewCredential } from './credential.ts';
import type { CredentialPageRequest, CredentialStore, PutOutcome } from './credential-store.ts';
import { type IdentityClaim, judgeIdentity } from './identity-rules.ts';

/**
 * The credentials of all devices, and who has to hear of changes: a server that is opened with them binds endpoint
 * names to them, and bindings end the associations of what was revoked.
 */
export class DeviceCredentials {
  /** For look-ups. Changes go through this class, so that they are told. */
  readonly store: CredentialStore;
  readonly #added = new SignalSource<CredentialSummary>();
  readonly #revoked = new SignalSource<CredentialSummary>();

  /** The store stays the caller's to close. */
  constructor(store: CredentialStore) {
    this.store = store;
  }

  /** A credential is kept from now on. */
  get added(): Signal<CredentialSummary> {
    return this.#added;
  }

  /** A credential is no more, removed or replaced: what it made possible must end. */
  get revoked(): Signal<CredentialSummary> {
    return this.#revoked;
  }

  put(credential: NewCredential): MaybePromise<PutOutcome> {
    const { id, endpointName, proof, createdAt } = credential;
    return andThen(this.store.put(credential), (outcome) => {
      if (outcome.kind !== 'kept') return outcome;
      if (outcome.replaced !== undefined) this.#revoked.emit(outcome.replaced);
      this.#added.emit({ id, endpointName, proof, createdAt });
      return outcome;
    });
  }

  remove(id: string): MaybePromise<CredentialSummary | undefined> {
    return andThen(this.store.remove(id), (removed) => {
      if (removed !== undefined) this.#revoked.emit(removed);
      return removed;
    });
  }

  /**
   * Whether an endpoint name belongs to a peer: what a server of any kind asks. A server for registrations
   * that is opened with these credentials does so by itself.
   */
  judge(claim: Omit<IdentityClaim, 'registration'>): MaybePromise<Authorization> {
    return judgeIdentity(claim, this.store);
  }

  page(request: CredentialPageRequest): MaybePromise<readonly CredentialSummary[]> {
    return this.store.page(request);
  }
}
