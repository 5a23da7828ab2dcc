import { addDuration, type Instant } from '@dunlin/base';

import type { Peer } from '../peer.ts';
import type { BlockwiseLimits } from './blockwise-limits.ts';

interface Entry<T> {
  readonly peer: Peer;
  readonly key: string;
  readonly value: T;
  bytes: number;
  expiresAt: Instant;
}

/**
 * Transfers by peer and key, bounded in number for each peer and in number and bytes for all. A peer that
 * wants too many displaces its own oldest one. When all together are too many, a peer with security may
 * displace those without, and nobody else anybody: a flood of made-up peers takes nothing from the others.
 */
export class TransferTable<T> {
  readonly #limits: Readonly<BlockwiseLimits>;
  /** In the order of their last use, so that the first one expires first; all live equally long. */
  readonly #entries = new Set<Entry<T>>();
  readonly #byPeer = new Map<string, Map<string, Entry<T>>>();
  #bytes = 0;

  constructor(limits: Readonly<BlockwiseLimits>) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** How many bytes all transfers together were said to take. */
  get bytes(): number {
    return this.#bytes;
  }

  /** When the first transfer expires. */
  get deadline(): Instant | undefined {
    for (const { expiresAt } of this.#entries) return expiresAt;
    return undefined;
  }

  /** The transfer, unless it has expired. */
  get(peer: Peer, key: string, now: Instant): T | undefined {
    const entry = this.#byPeer.get(peer.key)?.get(key);
    return entry === undefined || entry.expiresAt <= now ? undefined : entry.value;
  }

  /** Keeps a transfer in place of an earlier one of the same key; false when there is no room. */
  put(transfer: { peer: Peer; key: string; value: T; bytes: number }, now: Instant): boolean {
    const { peer, key, value, bytes } = transfer;
    this.delete(peer, key);
    this.expire(now);
    const own = this.#byPeer.get(peer.key);
    if (own !== undefined && own.size >= this.#limits.maxTransfersPerPeer) {
      for (const oldest of own.values()) {
        this.#remove(oldest);
        break;
      }
    }
    if (!this.#makeRoom(peer, bytes)) return false;
    const entry: Entry<T> = { peer, key, value, bytes, expiresAt: this.#expiry(now) };
    this.#entries.add(entry);
    this.#bytes += bytes;
    const siblings = this.#byPeer.get(peer.key);
    if (siblings === undefined) this.#byPeer.set(peer.key, new Map([[key, entry]]));
    else siblings.set(key, entry);
    return true;
  }

  /** Notes that a transfer was used and how many bytes it takes now; drops it and says false without room. */
  touch(peer: Peer, key: string, bytes: number, now: Instant): boolean {
    const siblings = this.#byPeer.get(peer.key);
    const entry = siblings?.get(key);
    if (siblings === undefined || entry === undefined) return false;
    this.#entries.delete(entry);
    this.#bytes -= entry.bytes;
    const hasRoom = this.#makeRoom(peer, bytes);
    this.#entries.add(entry);
    this.#bytes += entry.bytes;
    if (!hasRoom) {
      this.#remove(entry);
      return false;
    }
    this.#bytes += bytes - entry.bytes;
    entry.bytes = bytes;
    entry.expiresAt = this.#expiry(now);
    siblings.delete(key);
    siblings.set(key, entry);
    return true;
  }

  delete(peer: Peer, key: string): void {
    const entry = this.#byPeer.get(peer.key)?.get(key);
    if (entry !== undefined) this.#remove(entry);
  }

  /** Drops all transfers of a peer. */
  deletePeer(peer: Peer): void {
    for (const entry of this.#byPeer.get(peer.key)?.values() ?? []) this.#remove(entry);
  }

  /** Drops what has expired. */
  expire(now: Instant): void {
    for (const entry of this.#entries) {
      if (entry.expiresAt > now) return;
      this.#remove(entry);
    }
  }

  #expiry(now: Instant): Instant {
    return addDuration(now, this.#limits.transferLifetime);
  }

  #makeRoom(peer: Peer, bytes: number): boolean {
    if (this.#hasRoom(bytes)) return true;
    if (peer.security.kind === 'none') return false;
    for (const entry of this.#entries) {
      if (entry.peer.security.kind !== 'none') continue;
      this.#remove(entry);
      if (this.#hasRoom(bytes)) return true;
    }
    return false;
  }

  #hasRoom(bytes: number): boolean {
    return (
      this.#bytes + bytes <= this.#limits.maxTransferBytes && this.#entries.size < this.#limits.maxTransfers
    );
  }

  #remove(entry: Entry<T>): void {
    if (!this.#entries.delete(entry)) return;
    this.#bytes -= entry.bytes;
    const siblings = this.#byPeer.get(entry.peer.key);
    if (siblings === undefined) return;
    siblings.delete(entry.key);
    if (siblings.size === 0) this.#byPeer.delete(entry.peer.key);
  }
}
