import { DeadlineQueue, type Instant, StorageError } from '@dunlin/base';
import type { NotificationOrder, Peer } from '@dunlin/coap';

import type { Registration } from '../registration.ts';
import type {
  RegistrationPageRequest,
  RegistrationStore,
  RemovedRegistration,
  StoredObservation,
  TouchOutcome,
} from '../registration-store.ts';
import { EndpointOrder } from './endpoint-order.ts';
import { ObservationEntry } from './observation-entry.ts';
import { PeerIndex } from './peer-index.ts';
import { RegistrationEntry } from './registration-entry.ts';
import { TermsCache } from './terms-cache.ts';

/**
 * Registrations in memory: gone when the process ends. Answers everything at once, never with a promise.
 * A refresh changes one entry in place; the expiry queue follows when the old deadline comes.
 */
export class MemoryRegistrationStore implements RegistrationStore {
  readonly #byEndpoint = new Map<string, RegistrationEntry>();
  readonly #byId = new Map<string, RegistrationEntry>();
  readonly #peers = new PeerIndex();
  readonly #expiry = new DeadlineQueue<RegistrationEntry>();
  readonly #terms = new TermsCache();
  readonly #order = new EndpointOrder();

  register(registration: Registration): RemovedRegistration | undefined {
    const old = this.#byEndpoint.get(registration.endpointName);
    if (old !== undefined) this.#forget(old);
    else this.#order.added(registration.endpointName);
    const entry = new RegistrationEntry(registration, this.#terms.termsOf(registration));
    this.#byEndpoint.set(entry.endpointName, entry);
    this.#byId.set(entry.id, entry);
    this.#peers.add(entry);
    this.#expiry.schedule(entry, entry.expiresAt);
    return old === undefined ? undefined : removedOf(old);
  }

  update(registration: Registration): boolean {
    const entry = this.#byId.get(registration.id);
    if (entry === undefined) return false;
    if (entry.peer !== registration.peer) this.#peers.remove(entry);
    const hasMoved = entry.peer !== registration.peer;
    entry.assign(registration, this.#terms.termsOf(registration));
    if (hasMoved) this.#peers.add(entry);
    if (entry.dueAt === undefined || entry.expiresAt < entry.dueAt)
      this.#expiry.schedule(entry, entry.expiresAt);
    return true;
  }

  touch(registrationId: string, peer: Peer, at: Instant): TouchOutcome {
    const entry = this.#byId.get(registrationId);
    if (entry === undefined || entry.expiresAt <= at) return 'unknown';
    entry.refresh(at);
    const { key, address, port } = entry.peer;
    const isSame = key === peer.key;
    if (isSame && address === peer.address && port === peer.port) return 'touched';
    this.#peers.remove(entry);
    entry.peer = peer;
    this.#peers.add(entry);
    return isSame ? 'touched' : 'moved';
  }

  remove(registrationId: string): RemovedRegistration | undefined {
    const entry = this.#byId.get(registrationId);
    if (entry === undefined) return undefined;
    this.#forget(entry);
    this.#byEndpoint.delete(entry.endpointName);
    this.#order.removed();
    return removedOf(entry);
  }

  takeExpired(now: Instant, limit: number): readonly RemovedRegistration[] {
    const taken: RemovedRegistration[] = [];
    while (taken.length < limit) {
      const entry = this.#expiry.takeDue(now);
      if (entry === undefined) break;
      if (entry.expiresAt > now) {
        this.#expiry.schedule(entry, entry.expiresAt);
        continue;
      }
      const removed = this.remove(entry.id);
      if (removed !== undefined) taken.push(removed);
    }
    return taken;
  }

  nextExpiry(): Instant | undefined {
    return this.#expiry.deadline;
  }

  findById(registrationId: string): Registration | undefined {
    return this.#byId.get(registrationId)?.toRegistration();
  }

  findByEndpoint(endpointName: string): Registration | undefined {
    return this.#byEndpoint.get(endpointName)?.toRegistration();
  }

  findByPeer(peerKey: string): readonly Registration[] {
    return this.#peers.at(peerKey).map((entry) => entry.toRegistration());
  }

  page({ after, limit, filter }: RegistrationPageRequest): readonly Registration[] {
    const found: Registration[] = [];
    for (const name of this.#order.namesAfter(after, this.#byEndpoint)) {
      if (found.length >= limit) break;
      const registration = this.findByEndpoint(name);
      if (registration !== undefined && (filter === undefined || filter(registration)))
        found.push(registration);
    }
    return found;
  }

  count(): number {
    return this.#byEndpoint.size;
  }

  countAtAddress(address: string): number {
    return this.#peers.countAtAddress(address);
  }

  addObservation(observation: StoredObservation): StoredObservation | undefined {
    const entry = this.#byId.get(observation.registrationId);
    if (entry === undefined) throw new StorageError(`there is no registration ${observation.registrationId}`);
    entry.observations ??= new Map();
    const replaced = entry.observations.get(observation.path);
    entry.observations.set(observation.path, new ObservationEntry(observation));
    return replaced?.toObservation();
  }

  noteNewest(registrationId: string, path: string, newest: NotificationOrder): void {
    const observation = this.#byId.get(registrationId)?.observations?.get(path);
    if (observation !== undefined) observation.newest = newest;
  }

  removeObservation(registrationId: string, path: string): StoredObservation | undefined {
    const observations = this.#byId.get(registrationId)?.observations;
    const removed = observations?.get(path);
    observations?.delete(path);
    return removed?.toObservation();
  }

  findObservation(registrationId: string, path: string): StoredObservation | undefined {
    return this.#byId.get(registrationId)?.observations?.get(path)?.toObservation();
  }

  observationsOf(registrationId: string): readonly StoredObservation[] {
    return observationsIn(this.#byId.get(registrationId));
  }

  allObservations(): readonly StoredObservation[] {
    const all: StoredObservation[] = [];
    for (const entry of this.#byId.values())
      if (entry.observations !== undefined) all.push(...observationsIn(entry));
    return all;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }

  #forget(entry: RegistrationEntry): void {
    this.#byId.delete(entry.id);
    this.#peers.remove(entry);
    this.#expiry.cancel(entry);
  }
}

function removedOf(entry: RegistrationEntry): RemovedRegistration {
  return { registration: entry.toRegistration(), observations: observationsIn(entry) };
}

function observationsIn(entry: RegistrationEntry | undefined): readonly StoredObservation[] {
  if (entry?.observations === undefined) return noObservations;
  const observations = [...entry.observations.values()].map((observation) => observation.toObservation());
  return observations.sort((a, b) => (a.path < b.path ? -1 : 1));
}

const noObservations: readonly StoredObservation[] = [];
