import { earliestOf, type Instant, instantFrom } from '@dunlin/base';

import { CoapEndpoint } from './endpoint.ts';
import type { CoapEndpointOptions } from './endpoint-options.ts';
import type { CoapOutput } from './endpoint-output.ts';
import type { Peer } from './peer.ts';
import type { DeliveryFailure, Driven, OutgoingDatagram, Shell } from './shell.ts';

/** What a role with several bindings has to do in time, whichever of its endpoints is driven. */
export interface BoundRole {
  /** When `wake` has something to do. */
  readonly deadline: Instant | undefined;
  wake(now: Instant): void;
}

/** What an endpoint puts out besides datagrams. */
export type TakenOutput = Exclude<CoapOutput, { readonly kind: 'transmit' }>;

/**
 * A CoAP endpoint and the shell it lives in: one binding of a server. Whoever extends it takes what the endpoint puts out
 * besides datagrams. Commands from outside are followed by `flush`; those that come while the shell drives it are sent
 * anyway.
 */
export abstract class BoundEndpoint implements Driven {
  readonly #role: BoundRole;
  readonly #options: Omit<CoapEndpointOptions, 'random'>;
  readonly #afterwards: (() => void)[] = [];
  #shell: Shell | undefined;
  #endpoint: CoapEndpoint | undefined;
  #now: Instant = instantFrom(0);
  /** True while the shell is going to drain `poll` anyway. */
  #isDriven = false;

  constructor(role: BoundRole, options: Omit<CoapEndpointOptions, 'random'>) {
    this.#role = role;
    this.#options = options;
  }

  /** The association with a peer has ended. */
  abstract peerLost(peer: Peer, now: Instant): void;

  /** Does what an output asks for; `now` is when the shell drove the endpoint last. */
  protected abstract take(output: TakenOutput, now: Instant): void;

  /** Gives it its shell once that is open: in the same turn, before a datagram can come. */
  attach(shell: Shell): void {
    this.#shell = shell;
    this.#now = shell.now();
    this.#endpoint = new CoapEndpoint({ ...this.#options, random: shell.random });
  }

  /** Throws before `attach`, which is a mistake of the role. */
  get endpoint(): CoapEndpoint {
    if (this.#endpoint === undefined) throw new Error('an endpoint was used before its binding was open');
    return this.#endpoint;
  }

  /** Throws before `attach`, which is a mistake of the role. */
  get shell(): Shell {
    if (this.#shell === undefined) throw new Error('an endpoint was used before its binding was open');
    return this.#shell;
  }

  /** The time, for commands that come from outside. */
  now(): Instant {
    return this.shell.now();
  }

  /** Sends what a command from outside gave to send. */
  flush(): void {
    if (!this.#isDriven) this.shell.flush();
  }

  /** Does something once everything that is to be sent was handed to the shell. */
  afterwards(run: () => void): void {
    this.#afterwards.push(run);
  }

  get deadline(): Instant | undefined {
    if (this.#endpoint === undefined) return undefined;
    return earliestOf(this.#endpoint.deadline, this.#role.deadline);
  }

  handle(datagram: Uint8Array, peer: Peer, now: Instant): void {
    this.#now = now;
    this.endpoint.handle(datagram, peer, now);
  }

  undelivered(peer: Peer, datagram: Uint8Array, failure: DeliveryFailure, now: Instant): void {
    this.#now = now;
    this.endpoint.undelivered(peer, datagram, failure, now);
  }

  wake(now: Instant): void {
    this.#now = now;
    this.endpoint.wake(now);
    this.#isDriven = true;
    try {
      this.#role.wake(now);
    } finally {
      this.#isDriven = false;
    }
  }

  poll(): OutgoingDatagram | undefined {
    const endpoint = this.#endpoint;
    if (endpoint === undefined) return undefined;
    this.#isDriven = true;
    try {
      for (;;) {
        const output = endpoint.poll();
        if (output === undefined) {
          const run = this.#afterwards.shift();
          if (run === undefined) return undefined;
          run();
        } else if (output.kind === 'transmit') {
          return output;
        } else {
          this.take(output, this.#now);
        }
      }
    } finally {
      this.#isDriven = false;
    }
  }
}
