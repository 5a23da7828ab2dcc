import type { Instant } from '@dunlin/base';
import type { Binding } from '@dunlin/coap';
import {
  LwM2mServer,
  MemoryRegistrationStore,
  type NotifiedEvent,
  type RegistrationStore,
} from '@dunlin/server';
import { type SimulatedNetwork, SimulatedShell } from '@dunlin/simulation';

import { definitions } from './counter-object.ts';

/** The newest reading that the application saw of a device. */
export interface SeenReading {
  readonly value: number;
  readonly at: Instant;
}

/** A server that can be killed and started again on the same store. */
export class SimulatedServer {
  readonly store: RegistrationStore = new MemoryRegistrationStore();
  readonly seen = new Map<string, SeenReading>();
  readonly violations: string[] = [];
  notifications = 0;
  readonly #network: SimulatedNetwork;
  #server: LwM2mServer | undefined;
  #shell: SimulatedShell | undefined;

  constructor(network: SimulatedNetwork) {
    this.#network = network;
  }

  get server(): LwM2mServer {
    if (this.#server === undefined) throw new Error('the server is not open');
    return this.#server;
  }

  get isOpen(): boolean {
    return this.#server !== undefined;
  }

  async start(): Promise<void> {
    const server = await LwM2mServer.open({
      listen: [this.#binding()],
      store: outlasting(this.store),
      definitions,
    });
    server.notified.subscribe((event) => this.#notified(event));
    this.#server = server;
  }

  /** Ends without a word to anybody. */
  async kill(): Promise<void> {
    this.#shell?.kill();
    const server = this.#server;
    this.#server = undefined;
    await server?.close();
  }

  #binding(): Binding {
    const binding = this.#network.binding('10.0.0.1', 5683);
    return {
      open: async (driven) => {
        const shell = await binding.open(driven);
        if (shell instanceof SimulatedShell) this.#shell = shell;
        return shell;
      },
    };
  }

  #notified({ endpoint, path, content, isFresh, time }: NotifiedEvent): void {
    this.notifications += 1;
    if (path !== '/26300/0/2' || !isFresh) return;
    const newest = content[0]?.content;
    if (newest?.kind !== 'resource' || newest.resource.kind !== 'single') {
      this.violations.push(`an odd notification of ${endpoint}`);
      return;
    }
    const value = Number(newest.resource.value);
    const before = this.seen.get(endpoint);
    if (before !== undefined && value < before.value) {
      this.violations.push(`${endpoint}: a fresh notification says ${value} after ${before.value} was seen`);
    }
    this.seen.set(endpoint, { value, at: time });
  }
}

/** A store that closing the server does not close. */
function outlasting(store: RegistrationStore): RegistrationStore {
  return new Proxy(store, {
    get: (target, property) => {
      if (property === Symbol.asyncDispose) return () => Promise.resolve();
      const member: unknown = Reflect.get(target, property, target);
      return typeof member === 'function' ? (member.bind(target) as unknown) : member;
    },
  });
}
