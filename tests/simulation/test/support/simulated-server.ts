import { addDuration, type Instant, milliseconds } from '@dunlin/base';
import type { Binding } from '@dunlin/coap';
import {
  type DeviceStore,
  type FirmwareImageStore,
  LwM2mServer,
  MemoryDeviceStore,
  MemoryFirmwareImageStore,
  MemoryRegistrationStore,
  type NotifiedEvent,
  type RegistrationStore,
} from '@dunlin/server';
import { type SimulatedNetwork, SimulatedShell } from '@dunlin/simulation';

import { definitions } from './counter-object.ts';
import { SavedStateInMemory, secureServerBinding, type SecureTerms } from './secure-channel.ts';

/** The newest reading that the application saw of a device. */
export interface SeenReading {
  readonly value: number;
  readonly at: Instant;
}

/** A server that can be killed and started again on the same stores. */
export class SimulatedServer {
  readonly store: RegistrationStore = new MemoryRegistrationStore();
  readonly deviceStore: DeviceStore = new MemoryDeviceStore();
  readonly images: FirmwareImageStore = new MemoryFirmwareImageStore();
  readonly seen = new Map<string, SeenReading>();
  readonly violations: string[] = [];
  /** Registrations by endpoint, as the events of the server tell. */
  readonly told = new Map<string, string>();
  /**
   * Observations of a device's reading that are about to begin: their first content may be older than the last
   * notification of the one that they replace, as each has an order of its own (RFC 7641 §3.4).
   */
  readonly beginning = new Map<string, number>();
  notifications = 0;
  /** Called with each process that this server becomes, before anything happens in it. */
  opened: (server: LwM2mServer) => void = () => undefined;
  readonly #network: SimulatedNetwork;
  readonly #storeDelay: number;
  readonly #secure: SecureTerms | undefined;
  readonly #savedState = new SavedStateInMemory();
  #process = { isAlive: false };
  #server: LwM2mServer | undefined;
  #shell: SimulatedShell | undefined;

  /** With a `storeDelay` the stores answer only after so many milliseconds, as a database does. */
  constructor(network: SimulatedNetwork, storeDelay: number, secure: SecureTerms | undefined) {
    this.#network = network;
    this.#storeDelay = storeDelay;
    this.#secure = secure;
  }

  get server(): LwM2mServer {
    if (this.#server === undefined) throw new Error('the server is not open');
    return this.#server;
  }

  get isOpen(): boolean {
    return this.#server !== undefined;
  }

  async start(): Promise<void> {
    this.told.clear();
    for (const { endpointName, id } of await this.store.page({ limit: 100 })) this.told.set(endpointName, id);
    const process = { isAlive: true };
    this.#process = process;
    const server = await LwM2mServer.open({
      listen: [this.#channel()],
      store: this.#port(this.store, process),
      deviceStore: this.#port(this.deviceStore, process),
      firmware: { images: this.#port(this.images, process) },
      definitions,
    });
    server.notified.subscribe((event) => this.#notified(event));
    server.registered.subscribe(({ registration, replaced }) => {
      const { endpointName, id } = registration;
      if (this.told.get(endpointName) !== replaced?.id)
        this.violations.push(`${endpointName} replaces another`);
      this.told.set(endpointName, id);
    });
    for (const gone of [server.deregistered, server.expired]) {
      gone.subscribe(({ registration: { endpointName, id } }) => {
        if (this.told.get(endpointName) !== id) this.violations.push(`${endpointName} is gone twice`);
        this.told.delete(endpointName);
      });
    }
    this.opened(server);
    this.#server = server;
  }

  /** Closes as a program does that is asked to end; devices are not told. */
  async close(): Promise<void> {
    // Over DTLS there is a goodbye of the association, which may get through.
    if (this.#secure === undefined) this.#shell?.kill();
    const server = this.#server;
    this.#server = undefined;
    await server?.close();
  }

  /** Ends as a killed process does: nothing of it ever happens any more. */
  crash(): void {
    this.#shell?.kill();
    this.#process.isAlive = false;
    this.beginning.clear();
    this.#server = undefined;
  }

  #channel(): Binding {
    if (this.#secure === undefined) return this.#binding(5683);
    const terms = { ...this.#secure, savedState: this.#savedState };
    return secureServerBinding(this.#network, this.#binding(5684), terms);
  }

  #binding(port: number): Binding {
    const binding = this.#network.binding('10.0.0.1', port);
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
    const isBeginning = (this.beginning.get(endpoint) ?? 0) > 0;
    if (before !== undefined && value < before.value && !isBeginning) {
      this.violations.push(`${endpoint}: a fresh notification says ${value} after ${before.value} was seen`);
    }
    this.seen.set(endpoint, { value, at: time });
  }

  /** A store, which closing the server does not close. What is asked of it happens at once, whenever it answers. */
  #port<T extends object>(store: T, process: { readonly isAlive: boolean }): T {
    return new Proxy(store, {
      get: (target, property) => {
        if (property === Symbol.asyncDispose) return () => Promise.resolve();
        const member: unknown = Reflect.get(target, property, target);
        if (typeof member !== 'function') return member;
        return (...args: readonly unknown[]): unknown =>
          process.isAlive
            ? this.#later(Reflect.apply(member, target, args), process)
            : new Promise(() => undefined);
      },
    });
  }

  #later(result: unknown, process: { readonly isAlive: boolean }): unknown {
    if (this.#storeDelay === 0) return result;
    return new Promise((resolve) => {
      const at = addDuration(this.#network.clock.now, milliseconds(this.#storeDelay));
      this.#network.at(at, () => process.isAlive && resolve(result));
    });
  }
}
