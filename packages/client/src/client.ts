import {
  DunlinError,
  type Instant,
  type Signal,
  SignalSource,
  TransmissionError,
  UsageError,
} from '@dunlin/base';
import type { OutgoingDatagram, Shell } from '@dunlin/coap';
import type {
  ObjectDefinition,
  ObjectInstancePath,
  ReferredValue,
  ResourceReference,
  ResourceSpecifications,
} from '@dunlin/lwm2m';

import type { BootstrapEvent } from './bootstrap/bootstrap-event.ts';
import { checkBootstrapServerAccount } from './bootstrap/bootstrap-server-account.ts';
import type { Smartcard } from './bootstrap/smartcard.ts';
import { ClientCore } from './client-core.ts';
import type { ClientDiagnostic } from './client-diagnostic.ts';
import type { ClientOutput } from './client-output.ts';
import type { ClientSizes } from './client-sizes.ts';
import { clientLimitsDefaults } from './client-limits.ts';
import type { ClientOptions } from './client-options.ts';
import { DrivenClient } from './driven-client.ts';
import { LateClient } from './late-client.ts';
import { DeviceObjects, type ObjectsChange } from './device-objects.ts';
import type { ObjectTree } from './object-tree/object-tree.ts';
import type { PartialInstanceInput } from './objects/resource-input.ts';
import { completeServerAccounts } from './objects/server-account.ts';
import { awakeWindowDefault, type QueueModeEvent } from './queue-mode/awake-window.ts';
import type { RegistrationState } from './registration/registration-state.ts';
import type { RegistrationEvent } from './registration/registration-event.ts';
import { failureOfResolving } from './registration/registration-failure.ts';
import { retryPolicyDefaults } from './registration/retry-policy.ts';
import { credentialOf, type SecureCredential } from './security/secure-credential.ts';
import { smsPolicyDefaults } from './sms/client-sms.ts';
import { decodeClientState, encodeClientState } from './state/client-state.ts';
import { StateSaver } from './state/state-saver.ts';
import { bindingsFor } from './transport/client-bindings.ts';
import { ClientTransport } from './transport/client-transport.ts';

/** Where the registration with one Server stands. */
export interface ServerStatus {
  readonly shortServerId: number;
  readonly state: RegistrationState;
  /** Like `/rd/5a3f`; absent while not registered. */
  readonly location: string | undefined;
}

type EventOf<Kind extends RegistrationEvent['kind']> = RegistrationEvent & { readonly kind: Kind };

/** An LwM2M Client: a device with its Objects, registered with its Servers. */
export class LwM2mClient implements AsyncDisposable {
  readonly endpoint: string;
  readonly #core: ClientCore;
  readonly #transport: ClientTransport;
  readonly #objects: DeviceObjects;
  readonly #saver: StateSaver | undefined;
  readonly #smartcard: Smartcard | undefined;
  readonly #registered = new SignalSource<EventOf<'registered'>>();
  readonly #updated = new SignalSource<EventOf<'updated'>>();
  readonly #deregistered = new SignalSource<EventOf<'deregistered'>>();
  readonly #registrationFailed = new SignalSource<EventOf<'failed'>>();
  readonly #bootstrapEvents = new SignalSource<BootstrapEvent>();
  readonly #queueMode = new SignalSource<QueueModeEvent>();
  readonly #diagnostics = new SignalSource<ClientDiagnostic>();
  #isPolling = false;
  readonly #closeBegun = new SignalSource<void>();
  #closing: Promise<void> | undefined;

  private constructor(
    { endpoint, state, smartcard }: ClientOptions,
    core: ClientCore,
    transport: ClientTransport,
  ) {
    this.endpoint = endpoint;
    this.#smartcard = smartcard;
    if (state !== undefined) this.#saver = new StateSaver(state, () => encodeClientState(core.state));
    this.#core = core;
    this.#transport = transport;
    this.#objects = new DeviceObjects(core.tree);
    // Objects change from outside as well: a value that the device sets, an error that it reports.
    core.tree.changed.subscribe(() => {
      if (!core.isSettling) this.#command((now) => core.settle(now));
    });
  }

  /**
   * Opens the bindings and lets the client register; nothing happens before the caller had the chance to
   * subscribe to its signals, and `whenRegistered` waits for the outcome. Rejects with `UsageError` when
   * the options cannot be, and with `TransmissionError` when a binding cannot be opened.
   */
  static async open(options: Readonly<ClientOptions>): Promise<LwM2mClient> {
    const accounts = completeServerAccounts(options.servers);
    const { bootstrapServer } = options;
    if (bootstrapServer !== undefined) checkBootstrapServerAccount(bootstrapServer);
    else if (accounts.length === 0 && options.smartcard === undefined) {
      throw new UsageError('A client needs one Server at least, or a Bootstrap-Server.');
    }
    const late = new LateClient(options.sms?.policy);
    const all = bootstrapServer === undefined ? accounts : [...accounts, bootstrapServer];
    const smartcard = await options.smartcard?.read();
    const saved = await options.state?.load();
    const savedState = saved === undefined ? undefined : decodeClientState(saved);
    const transport = await ClientTransport.open(bindingsFor(all, options, late));
    try {
      const core = new ClientCore({
        endpointName: options.endpoint,
        accounts,
        bootstrapServer,
        smartcard,
        reachable: {
          coap: options.binding !== undefined,
          coaps: options.secureBinding !== undefined,
          sms: options.sms !== undefined,
        },
        sms: options.sms && { ...options.sms, policy: { ...smsPolicyDefaults, ...options.sms.policy } },
        objects: options.objects,
        limits: { ...clientLimitsDefaults, ...options.limits },
        retry: { ...retryPolicyDefaults, ...options.retry },
        areNotificationsConfirmable: options.notifications === 'confirmable',
        awakeWindow: options.awakeWindow ?? awakeWindowDefault,
        accessPolicy: options.accessPolicy,
        coap: options.coap,
        savedState,
        startedAt: transport.now(),
        random: transport.random,
        resume: (run) => late.resume(run),
      });
      const client = new LwM2mClient(options, core, transport);
      late.core = core;
      late.resume = (run) =>
        client.#command((now) => {
          run(now);
          core.settle(now);
        });
      transport.attach(new DrivenClient(core, () => client.#poll()));
      client.#command((now) => core.begin(now));
      return client;
    } catch (error) {
      await transport[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Where the client listens. */
  get local(): Shell['local'] {
    return this.#transport.local;
  }

  /** Where the registrations stand, in the order of the accounts. */
  get servers(): readonly ServerStatus[] {
    return this.#core.sessions.map(({ shortServerId, registration }) => ({
      shortServerId,
      state: registration.state,
      location: registration.location,
    }));
  }

  /** A Server accepted a Register. */
  get registered(): Signal<EventOf<'registered'>> {
    return this.#registered;
  }

  /** A Server accepted an Update. */
  get updated(): Signal<EventOf<'updated'>> {
    return this.#updated;
  }

  /** A registration was given up on purpose: by `close`, or because a Server disabled it. */
  get deregistered(): Signal<EventOf<'deregistered'>> {
    return this.#deregistered;
  }

  /** An attempt to register or update failed; the event says why, and when the next one is. */
  get registrationFailed(): Signal<EventOf<'failed'>> {
    return this.#registrationFailed;
  }

  /** What happens on the Bootstrap interface. */
  get bootstrapEvents(): Signal<BootstrapEvent> {
    return this.#bootstrapEvents;
  }

  /** When the device falls asleep towards a Server in queue mode, and wakes: to switch its radio off and on. */
  get queueMode(): Signal<QueueModeEvent> {
    return this.#queueMode;
  }

  /** What a log or a counter may want to know. */
  get diagnostics(): Signal<ClientDiagnostic> {
    return this.#diagnostics;
  }

  /** How much is remembered, for metrics and for tests of what must stay bounded. */
  get sizes(): ClientSizes {
    return this.#core.sizes;
  }

  /** The Objects as they are: to look at, not to change. */
  get objects(): Pick<ObjectTree, 'objectIds' | 'instanceIds' | 'definition' | 'content' | 'changed'> {
    return this.#core.tree;
  }

  /** Resolves when every Server has registered the client; rejects with the reason of `signal`, or when the client is closed. */
  async whenRegistered(signal?: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const settle = (): void => {
      const { servers } = this;
      if (servers.length > 0 && servers.every(({ location }) => location !== undefined)) resolve();
      else if (this.#closing !== undefined) reject(new TransmissionError('closed', 'The client was closed.'));
    };
    const abort = (): void => reject(signal?.reason);
    using _registered = this.#registered.subscribe(settle);
    using _closing = this.#closeBegun.subscribe(settle);
    signal?.addEventListener('abort', abort);
    try {
      signal?.throwIfAborted();
      settle();
      await promise;
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  /** The value of a Resource as a Server would read it now; `undefined` when it is not instantiated. */
  get<R extends ResourceReference>(resource: R): ReferredValue<R> | undefined {
    return this.#objects.get(resource, this.#transport.now());
  }

  /** Sets the value of a Resource, and reports it where it is observed. Throws `UsageError` when it does not fit. */
  set<R extends ResourceReference>(resource: R, value: ReferredValue<R>): void {
    this.change((objects) => objects.set(resource, value));
  }

  /** Creates an instance, and tells the Servers with an Update. Throws `UsageError` when it cannot be. */
  createInstance<R extends ResourceSpecifications>(
    object: { readonly definition: ObjectDefinition; readonly resources: R },
    objectInstanceId: number,
    resources: PartialInstanceInput<R>,
  ): void {
    this.change((objects) => objects.createInstance(object, objectInstanceId, resources));
  }

  /** Deletes an instance, and tells the Servers with an Update. Throws `UsageError` when there is none. */
  deleteInstance(instance: ObjectInstancePath): void {
    this.change((objects) => objects.deleteInstance(instance));
  }

  /** Several changes at once: all of them or, when it throws, none; each observation is notified once at most. */
  change(make: (objects: ObjectsChange) => void): void {
    this.#objects.change(make, this.#transport.now());
  }

  /** Says that a dynamic value became another one, so that its observers are told. */
  changed(resource: ResourceReference): void {
    this.#core.tree.touch(resource.path);
  }

  /**
   * What the device proves itself with to a Server, for whatever else it gets from there, such as firmware. Throws
   * `UsageError` when there is no such Server, or it is without security.
   */
  credentialOf(shortServerId: number): SecureCredential {
    return credentialOf(this.#core.tree, shortServerId);
  }

  /** Sends an Update to a Server, or to all; where there is no registration, tries to get one now. */
  update(shortServerId?: number): void {
    this.#command((now) => this.#core.update(now, shortServerId));
  }

  /** Asks the Bootstrap-Server for a configuration, whether the device needs one or not; see `bootstrapEvents`. */
  requestBootstrap(): void {
    this.#command((now) => this.#core.requestBootstrap(now));
  }

  /**
   * Makes the device what it was when it left the factory: accounts, access rights, attributes and all that Servers
   * wrote or created. Then it registers or is bootstrapped, as it did at first (R-1031).
   */
  factoryReset(): void {
    this.#command((now) => this.#core.factoryReset(now));
  }

  /** Registers anew with every Server, as after power-on: what a reboot comes to (R-1030). */
  restart(): void {
    this.#command((now) => this.#core.restart(now));
  }

  /** To be called when the device got another address: it takes a new socket where there is one, and registers anew, or updates where a secure session goes on. */
  async networkChanged(): Promise<void> {
    await this.#transport.rebind();
    this.#command((now) => this.#core.networkChanged(now));
  }

  /**
   * Stops without a word: what a device does before it is off for a while. The registrations stay at the Servers until
   * their lifetimes are over, and a secure binding with `savedState` keeps its associations, so that a client that is
   * opened again registers without a handshake. The client is closed afterwards.
   */
  suspend(): Promise<void> {
    if (this.#closing === undefined) {
      this.#closing = this.#suspend();
      this.#closeBegun.emit();
    }
    return this.#closing;
  }

  /** Deregisters from every Server, waits a bounded time for the answers (5 s by default), and closes the bindings. */
  close(): Promise<void> {
    if (this.#closing === undefined) {
      this.#closing = this.#close();
      this.#closeBegun.emit();
    }
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const settle = (): void => {
      if (this.#core.isClosed) resolve();
    };
    using _deregistered = this.#deregistered.subscribe(settle);
    this.#command((now) => this.#core.close(now));
    settle();
    await promise;
    await this.#saver?.settled();
    await this.#transport[Symbol.asyncDispose]();
  }

  async #suspend(): Promise<void> {
    this.#command((now) => this.#core.suspend(now));
    await this.#saver?.settled();
    await this.#transport[Symbol.asyncDispose]();
  }

  #command(run: (now: Instant) => void): void {
    run(this.#transport.now());
    // While the core is at work, or its outputs are drained, whoever drives it goes on with what this added.
    if (!this.#isPolling && !this.#core.isSettling) this.#transport.flush();
  }

  #poll(): OutgoingDatagram | undefined {
    const wasPolling = this.#isPolling;
    this.#isPolling = true;
    try {
      for (let output = this.#core.poll(); output !== undefined; output = this.#core.poll()) {
        if (output.kind === 'transmit') return output;
        this.#take(output);
      }
      return undefined;
    } finally {
      this.#isPolling = wasPolling;
    }
  }

  #take(output: Exclude<ClientOutput, { kind: 'transmit' }>): void {
    switch (output.kind) {
      case 'resolve':
        this.#resolve(output).catch((error: unknown) => {
          this.#diagnostics.emit({ kind: 'device-error', shortServerId: undefined, uriPath: '/', error });
        });
        break;
      case 'reach-sms':
        this.#reachBySms(output);
        break;
      case 'disconnect':
        this.#transport.disconnect(output.peer);
        break;
      case 'state-changed':
        this.#saver
          ?.save()
          .catch((error: unknown) => this.#diagnostics.emit({ kind: 'state-not-saved', error }));
        break;
      case 'action':
        output.run(this.#transport.now());
        break;
      case 'diagnostic':
        this.#diagnostics.emit(output.diagnostic);
        break;
      case 'registration':
        this.#announce(output.event);
        if (output.event.kind === 'registered' || output.event.kind === 'updated') this.#lookAtSmartcard();
        break;
      case 'queue-mode':
        this.#queueMode.emit(output.event);
        break;
      case 'bootstrap':
        this.#bootstrapEvents.emit(output.event);
        break;
    }
  }

  async #resolve({ reach, uri }: ClientOutput & { kind: 'resolve' }): Promise<void> {
    try {
      const peer = await this.#transport.resolve(uri);
      this.#command((now) => this.#core.resolved(reach, peer, now));
    } catch (error) {
      if (!DunlinError.is(error)) throw error;
      this.#command((now) => this.#core.unresolved(reach, failureOfResolving(error), now));
    }
  }

  #reachBySms({ shortServerId, uri }: ClientOutput & { kind: 'reach-sms' }): void {
    this.#transport.resolve(uri).catch((error: unknown) => {
      const message = error instanceof Error ? error.message : String(error);
      this.#diagnostics.emit({ kind: 'sms-unreachable', shortServerId, message });
    });
  }

  /** The card may have been changed or taken out. One that cannot be read counts as what it was. */
  #lookAtSmartcard(): void {
    const smartcard = this.#smartcard;
    if (smartcard === undefined) return;
    const look = async (): Promise<void> => {
      const file = await smartcard.read();
      this.#command((now) => {
        this.#core.checkSmartcard(file, now);
        this.#core.settle(now);
      });
    };
    look().catch((error: unknown) =>
      this.#diagnostics.emit({ kind: 'device-error', shortServerId: undefined, uriPath: '/0', error }),
    );
  }

  #announce(event: RegistrationEvent): void {
    switch (event.kind) {
      case 'registered':
        this.#registered.emit(event);
        break;
      case 'updated':
        this.#updated.emit(event);
        break;
      case 'deregistered':
        this.#deregistered.emit(event);
        break;
      case 'failed':
        this.#registrationFailed.emit(event);
        break;
    }
  }
}
