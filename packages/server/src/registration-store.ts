import type { Instant } from '@dunlin/base';
import type { NotificationOrder, ObservationRecord, Peer } from '@dunlin/coap';

import type { Registration } from './registration.ts';

/** A result that may be there already: spares the hot path a turn of the event loop when a store is in memory. */
export type MaybePromise<T> = T | Promise<T>;

/** An observation of a device's resource, as it is kept for after a restart (1.0 §5.5). */
export interface StoredObservation {
  readonly registrationId: string;
  /** The path without alternate root, like `/3/0/9`; unique within a registration. */
  readonly path: string;
  readonly observedAt: Instant;
  /** What the CoAP layer needs to know its notifications again: peer, token and request. */
  readonly record: ObservationRecord;
}

/** A registration that was taken out, with the observations that went with it. */
export interface RemovedRegistration {
  readonly registration: Registration;
  readonly observations: readonly StoredObservation[];
}

/** What became of a `touch`: `moved` when the device has another address than before. */
export type TouchOutcome = 'touched' | 'moved' | 'unknown';

/** A page of registrations. */
export interface RegistrationPageRequest {
  /** Only endpoint names after this one. */
  readonly after?: string | undefined;
  /** At most so many. */
  readonly limit: number;
  /** Only those for which it holds. */
  readonly filter?: ((registration: Registration) => boolean) | undefined;
}

/**
 * Port: where registrations and their observations are kept, both in one store, so that a registration
 * never goes without its observations. Methods may answer at once or later (`MaybePromise`); what they
 * promise holds when they answer. A method that cannot keep its promise throws or rejects with a
 * `StorageError` and has changed nothing.
 *
 * A registration is there until it is removed: only `touch` looks at `expiresAt`.
 */
export interface RegistrationStore extends AsyncDisposable {
  /**
   * Keeps a new registration. That of the same endpoint, if there is one, is replaced by the same act and
   * is given back with its observations. Durable when answered.
   */
  register(registration: Registration): MaybePromise<RemovedRegistration | undefined>;
  /**
   * Exchanges what is known of a registration with the same id and endpoint; its observations stay
   * . False when there is none with this id. Durable when answered.
   */
  update(registration: Registration): MaybePromise<boolean>;
  /**
   * A refresh without any change of facts: `updatedAt` becomes `at`, `expiresAt` lies a lifetime later,
   * and `peer` is where the device is. `unknown` when there is none with this id, or it expired by `at`.
   * May become durable up to a second after it was answered.
   */
  touch(registrationId: string, peer: Peer, at: Instant): MaybePromise<TouchOutcome>;
  /** Takes a registration out, with its observations. Durable when answered. */
  remove(registrationId: string): MaybePromise<RemovedRegistration | undefined>;
  /** Takes out at most `limit` of the registrations that end at `now` or before. */
  takeExpired(now: Instant, limit: number): MaybePromise<readonly RemovedRegistration[]>;
  /** An instant at which `takeExpired` may have something to do: never too late, perhaps too early. */
  nextExpiry(): MaybePromise<Instant | undefined>;

  findById(registrationId: string): MaybePromise<Registration | undefined>;
  findByEndpoint(endpointName: string): MaybePromise<Registration | undefined>;
  /** All that are at this peer (`Peer.key`): several devices may share an address. */
  findByPeer(peerKey: string): MaybePromise<readonly Registration[]>;
  /** Registrations ordered by endpoint name (by UTF-16 code units). */
  page(request: RegistrationPageRequest): MaybePromise<readonly Registration[]>;
  /** How many there are. */
  count(): MaybePromise<number>;
  /** How many have this IP address. */
  countAtAddress(address: string): MaybePromise<number>;

  /**
   * Keeps an observation. That of the same path of the same registration is replaced, and given back.
   * Rejects with `StorageError` when the registration is gone. Durable when answered.
   */
  addObservation(observation: StoredObservation): MaybePromise<StoredObservation | undefined>;
  /**
   * Keeps in the record of an observation which notification was the newest, so that an older one is known for old
   * after a restart too (RFC 7641 §3.4). Harmless when there is no such observation; never fails, and may become
   * durable up to ten seconds later: there is one for each notification.
   */
  noteNewest(registrationId: string, path: string, newest: NotificationOrder): void;
  /** Takes one out. Durable when answered. */
  removeObservation(registrationId: string, path: string): MaybePromise<StoredObservation | undefined>;
  /** Those of one registration, ordered by path as text. */
  observationsOf(registrationId: string): MaybePromise<readonly StoredObservation[]>;
  /** Every observation, for taking them up again after a restart. */
  allObservations(): MaybePromise<readonly StoredObservation[]>;
}
