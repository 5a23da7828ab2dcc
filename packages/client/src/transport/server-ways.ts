import type { Peer } from '@dunlin/coap';

import type { ServerLink } from './server-link.ts';

/** One attempt to reach a Server. */
export type ReachId = number;

/** Whoever has a way to a Server. */
export interface Wayfarer {
  readonly link: ServerLink;
}

/** The ways to all Servers, that to the Bootstrap-Server among them, and the attempts to reach them. */
export class ServerWays<T extends Wayfarer> {
  readonly #all: () => readonly T[];
  readonly #reaches = new Map<ReachId, T>();
  #lastReach: ReachId = 0;

  /** `all`: whoever has a way at the moment; of those that share a peer the first counts. */
  constructor(all: () => readonly T[]) {
    this.#all = all;
  }

  /** The way that a peer of a binding is on. */
  from(peer: Peer): T | undefined {
    return this.#all().find(({ link }) => link.isFrom(peer));
  }

  /** The way to a peer of CoAP. */
  to(peer: Peer): T | undefined {
    return this.#all().find(({ link }) => link.peer?.key === peer.key);
  }

  /** Begins an attempt; an earlier one of the same is of no interest any more. */
  reach(target: T): ReachId {
    for (const [reach, other] of this.#reaches) if (other === target) this.#reaches.delete(reach);
    this.#lastReach += 1;
    this.#reaches.set(this.#lastReach, target);
    return this.#lastReach;
  }

  /** Ends an attempt: gives whose it was, unless that has another one by now or is gone. */
  reached(reach: ReachId): T | undefined {
    const target = this.#reaches.get(reach);
    this.#reaches.delete(reach);
    return target !== undefined && this.#all().includes(target) ? target : undefined;
  }
}
