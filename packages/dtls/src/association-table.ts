import {
  addDuration,
  DeadlineQueue,
  durationBetween,
  earliestOf,
  type Instant,
  instantFrom,
  milliseconds,
  type Milliseconds,
} from '@dunlin/base';

import type { Association } from './association.ts';
import type { AssociationId } from './association-id.ts';
import { isSamePeer } from './credentials/peer-identity.ts';
import type { DatagramAddress } from './dtls-output.ts';
import { HostCounts } from './host-counts.ts';
import { packBytes } from './packed-bytes.ts';

/** How many associations there may be; see `associationTableDefaults`. */
export interface AssociationTableLimits {
  /** The most established associations; handshakes come on top. */
  readonly maxAssociations: number;
  /** The most associations and handshakes with one host, whatever its ports (see `hostOf`). */
  readonly maxAssociationsPerHost: number;
  /** The most handshakes at once: those of peers whose cookie was right. */
  readonly maxHandshakes: number;
  /** The most of them with one host. */
  readonly maxHandshakesPerHost: number;
  /** An association on which nothing authentic came for so long is ended. */
  readonly idleTimeout: Milliseconds;
  /** One on which nothing came for so long makes room for a new one when the table is full. */
  readonly evictableAfter: Milliseconds;
}

/**
 * Associations take about 3 KiB. Many devices of an operator may share one address. A handshake takes three round trips
 * or a few retransmissions: 400 at once are a hundred devices a second behind one address, and of 2,000 no host takes
 * more than a fifth. Devices sleep for days, but one that is silent for half an hour can be asked for a
 * new handshake when there is no room.
 */
export const associationTableDefaults: AssociationTableLimits = {
  maxAssociations: 100_000,
  maxAssociationsPerHost: 10_000,
  maxHandshakes: 2000,
  maxHandshakesPerHost: 400,
  idleTimeout: milliseconds(7 * 24 * 60 * 60 * 1000),
  evictableAfter: milliseconds(30 * 60 * 1000),
};

/** What is at one address: at most one of each. */
interface Slot {
  established: Association | undefined;
  handshaking: Association | undefined;
}

/** All associations of an endpoint, found by id, by address and by connection id, and bounded in number. */
export class AssociationTable {
  readonly #limits: AssociationTableLimits;
  readonly #byId = new Map<AssociationId, Association>();
  readonly #byConnectionId = new Map<string, Association>();
  readonly #slots = new Map<string, Slot>();
  readonly #perHost = new HostCounts();
  readonly #handshakesPerHost = new HostCounts();
  /** Handshakes and closing associations, by when they have something to do. */
  readonly #timers = new DeadlineQueue<Association>();
  /** Established associations, by when they may be idle too long; looked at anew then, not at every record. */
  readonly #idle = new DeadlineQueue<Association>();
  #handshakes = 0;

  constructor(limits: AssociationTableLimits) {
    this.#limits = limits;
  }

  /** How many associations there are. */
  get size(): number {
    return this.#byId.size;
  }

  /** How many of them are in their handshake. */
  get handshakes(): number {
    return this.#handshakes;
  }

  /** When `takeDue` or `takeIdle` has something. */
  get deadline(): Instant | undefined {
    return earliestOf(this.#timers.deadline, this.#idle.deadline);
  }

  /** All associations. */
  all(): readonly Association[] {
    return [...this.#byId.values()];
  }

  find(id: AssociationId): Association | undefined {
    return this.#byId.get(id);
  }

  /** The association that gave out the connection id. */
  findByConnectionId(connectionId: Uint8Array): Association | undefined {
    return this.#byConnectionId.get(packBytes(connectionId));
  }

  /** What is at an address: an established association, and the handshake that may replace it. */
  at(address: DatagramAddress): Readonly<Partial<Slot>> {
    return this.#slots.get(address.key) ?? noSlot;
  }

  /** Why one more handshake with the address is not possible; `undefined` when it is. */
  refusal(address: DatagramAddress, now: Instant): string | undefined {
    const { maxHandshakes, maxHandshakesPerHost, maxAssociationsPerHost } = this.#limits;
    const host = address.address;
    const handshakes = this.#handshakesPerHost.of(address);
    const associations = this.#perHost.of(address);
    if (this.#handshakes >= maxHandshakes) return `There are ${maxHandshakes} handshakes under way.`;
    if (handshakes >= maxHandshakesPerHost) return `There are ${handshakes} handshakes with ${host}.`;
    if (associations >= maxAssociationsPerHost) return `There are ${associations} associations with ${host}.`;
    const isReplacing = this.at(address).established !== undefined;
    return isReplacing || this.#excess < 0 || this.#findEvictable(now) !== undefined
      ? undefined
      : 'There is no room for one more association.';
  }

  /** The association that makes room for the one whose handshake is just complete, if there are too many now. */
  findExcessive(now: Instant): Association | undefined {
    return this.#excess > 0 ? this.#findEvictable(now) : undefined;
  }

  /** True when there is no room for one more established association unless another one ends. */
  get isFull(): boolean {
    return this.#excess >= 0;
  }

  /** By how many the established associations are more than there may be. */
  get #excess(): number {
    return this.#byId.size - this.#handshakes - this.#limits.maxAssociations;
  }

  /** The association that can make room: the one unused for longest, if that is long enough. */
  #findEvictable(now: Instant): Association | undefined {
    const { idleTimeout, evictableAfter } = this.#limits;
    const end = addDuration(addDuration(now, idleTimeout), idleTimeout);
    const candidate = this.#takeLeastRecentlyUsed(end);
    if (candidate === undefined) return undefined;
    const idle = durationBetween(candidate.lastActiveAt ?? now, now);
    this.watch(candidate);
    return idle >= evictableAfter ? candidate : undefined;
  }

  /** Puts in an association whose handshake begins, in place of a handshake with the same address. */
  add(association: Association): void {
    this.#enter(association);
    this.#countHandshake(association, 1);
    this.#slotAt(association.address).handshaking = association;
  }

  /** Puts in a restored association. */
  addEstablished(association: Association): void {
    this.#enter(association);
    this.#slotAt(association.address).established ??= association;
    this.watch(association);
  }

  /**
   * The handshake of an association is complete; gives the association that it replaces: the one with the same address
   * (RFC 6347 §4.2.8), unless that of another peer who is known by its connection id, whatever its address is now.
   */
  promote(association: Association): Association | undefined {
    this.#countHandshake(association, -1);
    const slot = this.#slotAt(association.address);
    const previous = slot.established;
    slot.handshaking = undefined;
    slot.established = association;
    if (!association.isKnownByConnectionId) {
      this.#byConnectionId.delete(association.connectionKey);
    }
    this.watch(association);
    return previous !== undefined && isReplacedBy(previous, association) ? previous : undefined;
  }

  /**
   * The address of an association has changed. A place that somebody without connection id has is not taken from him:
   * records without connection id from there are still his.
   */
  move(association: Association, previous: DatagramAddress): void {
    this.#vacate(association, previous);
    this.#perHost.change(previous, -1);
    this.#perHost.change(association.address, 1);
    const slot = this.#slotAt(association.address);
    const holder = slot.established;
    if (holder === undefined || holder.isKnownByConnectionId) slot.established = association;
  }

  /** Takes an association out; harmless when it is not there. */
  remove(association: Association): void {
    if (this.#byId.get(association.id) !== association) return;
    this.#byId.delete(association.id);
    const key = association.connectionKey;
    if (this.#byConnectionId.get(key) === association) this.#byConnectionId.delete(key);
    if (this.#slots.get(association.address.key)?.handshaking === association) {
      this.#countHandshake(association, -1);
    }
    this.#vacate(association, association.address);
    this.#perHost.change(association.address, -1);
    this.#queueOf(association).cancel(association);
  }

  /** Looks when an association has something to do next; to be called after whatever may have changed that. */
  watch(association: Association): void {
    const { deadline } = association;
    const isForIdleness = deadline === undefined && association.connection !== undefined;
    if (association.isWatchedForIdleness !== isForIdleness) {
      this.#queueOf(association).cancel(association);
      association.isWatchedForIdleness = isForIdleness;
    }
    if (deadline !== undefined) this.#timers.schedule(association, deadline);
    else if (association.dueAt === undefined) this.#scheduleIdle(association);
  }

  /** The next association with something to do at `now`; whoever takes it calls `watch` or `remove`. */
  takeDue(now: Instant): Association | undefined {
    return this.#timers.takeDue(now);
  }

  /** The next association that is idle for too long; whoever takes it removes it. */
  takeIdle(now: Instant): Association | undefined {
    return this.#takeLeastRecentlyUsed(now);
  }

  /**
   * The first of the idle queue whose time is what it was when it was put in; others were used since and go back to
   * where they belong. A bounded number of them, so that a flood cannot make this slow.
   */
  #takeLeastRecentlyUsed(until: Instant): Association | undefined {
    for (let count = 0; count < maxRequeued; count += 1) {
      const scheduledFor = this.#idle.deadline;
      const first = this.#idle.takeDue(until);
      if (first === undefined || scheduledFor === undefined) return undefined;
      if (this.#idleAt(first) <= scheduledFor) return first;
      this.#scheduleIdle(first);
    }
    return undefined;
  }

  #idleAt(association: Association): Instant {
    return addDuration(association.lastActiveAt ?? instantFrom(0), this.#limits.idleTimeout);
  }

  #scheduleIdle(association: Association): void {
    if (association.connection !== undefined) this.#idle.schedule(association, this.#idleAt(association));
  }

  #queueOf(association: Association): DeadlineQueue<Association> {
    return association.isWatchedForIdleness ? this.#idle : this.#timers;
  }

  #enter(association: Association): void {
    this.#byId.set(association.id, association);
    if (association.connectionKey !== '') {
      this.#byConnectionId.set(association.connectionKey, association);
    }
    this.#perHost.change(association.address, 1);
  }

  #slotAt(address: DatagramAddress): Slot {
    let slot = this.#slots.get(address.key);
    if (slot === undefined) {
      slot = { established: undefined, handshaking: undefined };
      this.#slots.set(address.key, slot);
    }
    return slot;
  }

  #vacate(association: Association, address: DatagramAddress): void {
    const slot = this.#slots.get(address.key);
    if (slot === undefined) return;
    if (slot.established === association) slot.established = undefined;
    if (slot.handshaking === association) slot.handshaking = undefined;
    if (slot.established === undefined && slot.handshaking === undefined) this.#slots.delete(address.key);
  }

  #countHandshake({ address }: Association, change: 1 | -1): void {
    this.#handshakes += change;
    this.#handshakesPerHost.change(address, change);
  }
}

/** A server is meant by its address; a client that is known by its connection id is not. */
function isReplacedBy(previous: Association, next: Association): boolean {
  if (previous.role === 'client' || !previous.isKnownByConnectionId) return true;
  const [before, after] = [
    previous.connection?.handshake.session.peer,
    next.connection?.handshake.session.peer,
  ];
  return before !== undefined && after !== undefined && isSamePeer(before, after);
}

/** How many associations that were used meanwhile are put back in one go. */
const maxRequeued = 256;

const noSlot: Readonly<Partial<Slot>> = {};
