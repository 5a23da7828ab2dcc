import type { DeviceState } from '@dunlin/api';
import type { Instant } from '@dunlin/base';
import type { FleetRecord, Reachability, ReachabilityFacts, Registration } from '@dunlin/server';
import { formatHostAndPort } from '@dunlin/node';

import type { DeviceFilter } from './device-filter.ts';
import { EntryOrder } from './entry-order.ts';
import { type DeviceFacts, FleetEntry } from './fleet-entry.ts';
import { Interned } from './interned.ts';
import { lapsedFacts } from './lapsed-facts.ts';

export interface FleetIndexOptions {
  readonly now: () => Instant;
  readonly reachabilityOf: (facts: ReachabilityFacts) => Reachability;
  /** Told of entries whose record has changed, to be kept. */
  readonly changed?: (entry: FleetEntry) => void;
  /** Told of devices that were forgotten for want of room. */
  readonly forgotten?: (endpointName: string) => void;
  readonly limits?: Partial<FleetLimits>;
}

export interface FleetLimits {
  /** Devices that are remembered although they are not registered: a large fleet that was exchanged. The first that left go. */
  readonly offline: number;
}

const fleetLimits: FleetLimits = { offline: 200_000 };

/** A part of the devices that fit. */
export interface FleetPage {
  readonly entries: readonly FleetEntry[];
  /** How many fit in all. */
  readonly total: number;
  readonly hasMore: boolean;
}

export interface FleetSearch {
  readonly filter?: DeviceFilter | undefined;
  /** Only names after this one. */
  readonly after?: string | undefined;
  /** How many of those that fit to pass over first. */
  readonly offset?: number | undefined;
  readonly limit: number;
}

/** Every device that is registered, or was and is remembered, in memory, to be found by any of what is known of it. */
export class FleetIndex {
  readonly #options: FleetIndexOptions;
  readonly #limits: FleetLimits;
  readonly #entries = new Map<string, FleetEntry>();
  readonly #order = new EntryOrder();
  /** Devices that are not registered, the one that left first at the beginning. */
  readonly #offline = new Map<string, FleetEntry>();
  readonly #texts = new Interned();

  constructor(options: Readonly<FleetIndexOptions>) {
    this.#options = options;
    this.#limits = { ...fleetLimits, ...options.limits };
  }

  get size(): number {
    return this.#entries.size;
  }

  find(endpointName: string): FleetEntry | undefined {
    return this.#entries.get(endpointName);
  }

  /** Takes up what was kept; before the registrations. */
  load(record: FleetRecord): void {
    const entry = this.#entryOf(record.endpointName, record.firstSeen);
    const { manufacturer, modelNumber, firmwareVersion, lastRegistration } = record;
    entry.firstSeen = record.firstSeen;
    entry.lastSeen = record.lastSeen;
    entry.factsAt = record.factsAt;
    entry.tags = this.#texts.list(record.tags);
    entry.facts = this.#internedFacts({ manufacturer, modelNumber, firmwareVersion });
    entry.lastRegistration = lastRegistration;
    if (lastRegistration !== undefined) Object.assign(entry, lapsedFacts(lastRegistration, this.#texts));
    this.#offline.set(entry.endpointName, entry);
  }

  /** A device is registered, newly or since before this process. True when nothing was known of it. */
  registered(registration: Registration): boolean {
    const isNew = !this.#entries.has(registration.endpointName);
    const entry = this.#entryOf(registration.endpointName, registration.registeredAt);
    this.#offline.delete(entry.endpointName);
    const wasRegistered = entry.isRegistered;
    entry.isRegistered = true;
    entry.lastRegistration = undefined;
    this.#take(entry, registration);
    if (!wasRegistered) this.#options.changed?.(entry);
    return isNew;
  }

  /** A device updated its registration: the hot path. */
  updated(registration: Registration): void {
    const entry = this.#entries.get(registration.endpointName);
    if (entry?.isRegistered === true) this.#take(entry, registration);
    else this.registered(registration);
  }

  /** A registration has ended; `document` is what was shown of it. */
  ended({ endpointName }: Registration, document: string): void {
    const entry = this.#entries.get(endpointName);
    if (entry === undefined) return;
    entry.isRegistered = false;
    entry.lastRegistration = document;
    this.#offline.set(endpointName, entry);
    this.#options.changed?.(entry);
    this.#makeRoom();
  }

  /** A device was heard. */
  heard(endpointName: string, at: Instant): void {
    const entry = this.#entries.get(endpointName);
    if (entry !== undefined && at > entry.lastSeen) entry.lastSeen = at;
  }

  /** Facts came to be known; those that are absent stay as they were. */
  learned(endpointName: string, facts: DeviceFacts, at: Instant): void {
    const entry = this.#entries.get(endpointName);
    if (entry === undefined) return;
    const { manufacturer, modelNumber, firmwareVersion } = { ...entry.facts, ...facts };
    entry.facts = this.#internedFacts({ manufacturer, modelNumber, firmwareVersion });
    entry.factsAt = at;
    this.#options.changed?.(entry);
  }

  /** A device was asked for its facts, with success or without. */
  asked(endpointName: string): void {
    const entry = this.#entries.get(endpointName);
    if (entry !== undefined) entry.factsAt = this.#options.now();
  }

  /** Operations were accepted for a device, or are over. */
  queued(endpointName: string, change: number): void {
    const entry = this.#entries.get(endpointName);
    if (entry !== undefined) entry.queued = Math.max(0, entry.queued + change);
  }

  setQueued(endpointName: string, count: number): void {
    const entry = this.#entries.get(endpointName);
    if (entry !== undefined) entry.queued = count;
  }

  /** Gives a device its tags; sorted and each once. `undefined` for a device that is not known. */
  setTags(endpointName: string, tags: readonly string[]): FleetEntry | undefined {
    const entry = this.#entries.get(endpointName);
    if (entry === undefined) return undefined;
    entry.tags = this.#texts.list([...new Set(tags)].sort());
    return entry;
  }

  /** Forgets what is known beside a registration; a device that is not registered is gone. True when there was something. */
  forget(endpointName: string): boolean {
    const entry = this.#entries.get(endpointName);
    if (entry === undefined) return false;
    entry.tags = [];
    entry.facts = {};
    entry.factsAt = undefined;
    if (!entry.isRegistered) this.#remove(entry);
    return true;
  }

  stateOf(entry: FleetEntry): DeviceState {
    if (!entry.isRegistered) return 'offline';
    return this.#options.reachabilityOf(entry).kind === 'asleep' ? 'asleep' : 'online';
  }

  /** The devices that fit, in the order of their names. Without a filter those that are registered. */
  search({ filter, after, offset = 0, limit }: FleetSearch): FleetPage {
    const context = { now: this.#options.now(), stateOf: (entry: FleetEntry) => this.stateOf(entry) };
    const fits = filter?.fits ?? (({ isRegistered }: FleetEntry): boolean => isRegistered);
    const { entries } = this.#order;
    const first = after === undefined ? 0 : this.#order.indexAfter(after);
    const found: FleetEntry[] = [];
    let total = 0;
    let beyond = 0;
    for (let index = 0; index < entries.length; index += 1) {
      const entry = entries[index];
      if (entry === undefined || !fits(entry, context)) continue;
      total += 1;
      if (index < first) continue;
      beyond += 1;
      if (beyond > offset && found.length < limit) found.push(entry);
    }
    return { entries: found, total, hasMore: beyond - Math.min(offset, beyond) > found.length };
  }

  /** How many devices are in which state. */
  counts(): Readonly<Record<DeviceState, number>> {
    const counts = { online: 0, asleep: 0, offline: 0 };
    for (const entry of this.#entries.values()) counts[this.stateOf(entry)] += 1;
    return counts;
  }

  #entryOf(endpointName: string, seenAt: Instant): FleetEntry {
    const present = this.#entries.get(endpointName);
    if (present !== undefined) return present;
    const entry = new FleetEntry(endpointName, seenAt);
    this.#entries.set(endpointName, entry);
    this.#order.add(entry);
    return entry;
  }

  #take(entry: FleetEntry, registration: Registration): void {
    const { peer } = registration;
    entry.objects = registration.objects;
    entry.bindingMode = registration.bindingMode;
    entry.security = peer.security.kind;
    entry.version = this.#texts.text(registration.version);
    entry.lifetime = registration.lifetime;
    entry.registeredAt = registration.registeredAt;
    entry.updatedAt = registration.updatedAt;
    entry.expiresAt = registration.expiresAt;
    if (registration.updatedAt > entry.lastSeen) entry.lastSeen = registration.updatedAt;
    const address = peer.transport === 'sms' ? peer.address : formatHostAndPort(peer.address, peer.port);
    if (address !== entry.address) entry.address = address;
  }

  #internedFacts({ manufacturer, modelNumber, firmwareVersion }: DeviceFacts): DeviceFacts {
    return this.#texts.facts({ manufacturer, modelNumber, firmwareVersion });
  }

  #makeRoom(): void {
    if (this.#offline.size <= this.#limits.offline) return;
    const [oldest] = this.#offline.values();
    if (oldest === undefined) return;
    this.#remove(oldest);
    this.#options.forgotten?.(oldest.endpointName);
  }

  #remove(entry: FleetEntry): void {
    entry.isGone = true;
    this.#entries.delete(entry.endpointName);
    this.#offline.delete(entry.endpointName);
    this.#order.removed();
  }
}
