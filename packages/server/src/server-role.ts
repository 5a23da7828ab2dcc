import { earliestOf, type Instant, TransmissionError } from '@dunlin/base';
import { type Binding, type CoapEndpointOptions, formatCode, ResponseCode } from '@dunlin/coap';
import { coreDefinitions } from '@dunlin/lwm2m';

import { CredentialChanges } from './credentials/credential-changes.ts';
import { KnownValues } from './device-store/known-values.ts';
import { DesiredStates } from './desired-state/desired-states.ts';
import { MemoryDeviceStore } from './device-store/memory-device-store.ts';
import { DeviceOperations } from './device-operations.ts';
import { DeviceSessions } from './device-session.ts';
import { type Expiring, ExpirySweep } from './expiry-sweep.ts';
import { FirmwareRole } from './firmware/firmware-role.ts';
import { firmwareSegment } from './firmware/firmware-uris.ts';
import { type Call, Listener, type ListenerRole } from './listener.ts';
import { andThen, SerialTasks } from './maybe-promise.ts';
import { Observations } from './observations.ts';
import { OperationQueue } from './queue-mode/operation-queue.ts';
import { Presence } from './queue-mode/presence.ts';
import { RegistrationInterface } from './registration-interface.ts';
import { RegistrationRemovals } from './registration-removals.ts';
import type { Registration } from './registration.ts';
import type {
  MaybePromise,
  RegistrationStore,
  RemovedRegistration,
  StoredObservation,
} from './registration-store.ts';
import { RequestPerformer } from './request-performer.ts';
import type { LwM2mServerOptions } from './server.ts';
import { type ServerContext, ServerSignals } from './server-context.ts';
import { type ServerLimits, serverLimitsDefaults } from './server-limits.ts';
import { SmsChannel } from './sms/sms-channel.ts';
import { UpdateTriggers } from './sms/update-triggers.ts';
import { MemoryRegistrationStore } from './store/memory-registration-store.ts';
import { wellKnownCore } from './well-known-core.ts';
import { WrittenLifetimes } from './written-lifetimes.ts';

/** An observation to be taken up again, with the registration it belongs to. */
interface Restorable {
  readonly stored: StoredObservation;
  readonly registration: Registration;
}

/** The parts of a server put together, and their life from opening to closing. */
export class ServerRole implements ListenerRole {
  readonly signals: ServerSignals = new ServerSignals();
  readonly listeners: Listener[] = [];
  readonly context: ServerContext;
  readonly performer: RequestPerformer;
  readonly observations: Observations;
  readonly queue: OperationQueue;
  readonly desired: DesiredStates;
  readonly firmware: FirmwareRole;
  readonly smsChannel: SmsChannel;
  readonly triggers: UpdateTriggers;
  readonly #coap: Omit<CoapEndpointOptions, 'random'>;
  readonly sessions: DeviceSessions;
  readonly #removals: RegistrationRemovals;
  readonly #tasks = new SerialTasks();
  readonly #expiry: ExpirySweep<RemovedRegistration>;
  readonly #registrations: RegistrationInterface;
  readonly #credentialChanges: CredentialChanges;
  #isClosed = false;

  constructor(options: Readonly<LwM2mServerOptions>) {
    const limits = { ...serverLimitsDefaults, ...options.limits };
    this.#coap = coapOptions(options.coap, limits);
    this.context = contextOf(options, limits, {
      signals: this.signals,
      now: () => this.#firstListener().now(),
    });
    const { presence } = this.context;
    const onDeadline = (): void => this.#firstListener().flush();
    const { reusesToken = (): boolean => false } = options;
    const listenerFor = (localUri: string): Listener => this.#listenerFor(localUri);
    const sessions = new DeviceSessions({ limits, presence, reusesToken, listenerFor });
    this.sessions = sessions;
    const operations = new DeviceOperations(this.context, sessions);
    this.smsChannel = new SmsChannel(options.sms, this.listeners, options.credentials);
    this.performer = new RequestPerformer(this.context, operations, this.smsChannel);
    this.triggers = new UpdateTriggers(this.context, {
      operations,
      channel: this.smsChannel,
      options: options.sms,
      isAwaited: (endpointName) => this.queue.isAwaiting(endpointName),
      onDeadline,
    });
    const onAsleep = (registration: Registration): void => this.triggers.asleep(registration);
    const { performer } = this;
    const observations = new Observations(this.context, sessions);
    this.observations = observations;
    const queue = new OperationQueue(this.context, { sessions, performer, onDeadline, onAsleep });
    this.queue = queue;
    const desired = new DesiredStates({ context: this.context, performer, observations, queue }, onDeadline);
    this.desired = desired;
    this.firmware = new FirmwareRole(
      { context: this.context, sessions, performer, observations, queue, desired, onDeadline },
      options,
      this.listeners,
    );
    // What is wished comes first: the notifications of a device that wakes up follow its Update at once.
    presence.watch(desired);
    presence.watch(queue);
    presence.watch(this.firmware.updates);
    presence.watch(this.triggers);
    this.#removals = new RegistrationRemovals(this.context, { sessions, observations, queue });
    this.#expiry = new ExpirySweep(
      this.context,
      registrationExpiry(this.context.store, this.#removals),
      onDeadline,
    );
    this.#registrations = new RegistrationInterface(this.context, {
      sessions: this.sessions,
      removals: this.#removals,
      tasks: this.#tasks,
      expiry: this.#expiry,
      isLocalUri: (uri) => this.listeners.some(({ localUri }) => localUri === uri),
    });
    this.#credentialChanges = new CredentialChanges(this.context, (endpointName, isMeant) =>
      this.deregister(endpointName, isMeant),
    );
  }

  /**
   * Opens the bindings. Each listener has its observations back before it takes the first datagram, as a
   * notification that nobody knows is rejected, and with that the device ends the observation.
   */
  async open(bindings: readonly Binding[]): Promise<void> {
    let restorable = await this.#loadObservations();
    this.context.presence.setWindows(await this.context.devices.awakeWindows());
    await this.queue.load();
    await this.desired.load();
    await this.firmware.updates.records.load();
    const nextExpiry = await this.context.store.nextExpiry();
    if (nextExpiry !== undefined) this.#expiry.expect(nextExpiry);
    for (const binding of bindings) {
      const listener = new Listener(this, this.#coap);
      const shell = await binding.open(listener);
      listener.attach(shell);
      this.listeners.push(listener);
      const isItsOwn = ({ registration }: Restorable): boolean => registration.localUri === shell.local.uri;
      this.#restore(restorable.filter(isItsOwn), listener);
      restorable = restorable.filter((each) => !isItsOwn(each));
    }
    // The binding on which they were made is no more; the device may send from where it did to another.
    this.#restore(restorable, this.#firstListener());
    // Nothing is awaited from here on: devices are heard already, and nobody can hear of them yet.
    this.triggers.load();
    this.queue.start();
    this.desired.start();
    this.firmware.updates.start();
    for (const listener of this.listeners) listener.flush();
  }

  /** When `wake` has something to do. */
  get deadline(): Instant | undefined {
    const own = earliestOf(this.#expiry.deadline, this.sessions.deadline);
    const ofQueue = earliestOf(this.queue.deadline, this.desired.deadline);
    const others = earliestOf(this.firmware.updates.deadline, this.triggers.deadline);
    return earliestOf(own, earliestOf(ofQueue, others));
  }

  wake(now: Instant): void {
    this.sessions.wake(now);
    this.#expiry.wake(now);
    this.queue.wake(now);
    this.desired.wake(now);
    this.firmware.updates.wake(now);
    this.triggers.wake(now);
  }

  answer(call: Call): void {
    const [first, second] = call.request.uriPath;
    if (first === 'rd') {
      this.#registrations.answer(call);
    } else if (first === '.well-known' && second === 'core' && call.request.uriPath.length === 2) {
      call.listener.respond(call, wellKnownCore(call.request));
    } else if (first === firmwareSegment) {
      this.firmware.answer(call, (code) => this.#tellRefusal(call, code, 'cannot be fetched'));
    } else {
      this.#refuseUnknown(call);
    }
  }

  /** Removes a registration if it is the one that is meant. */
  async deregister(
    endpointName: string,
    isMeant: (registration: Registration) => MaybePromise<boolean> = () => true,
  ): Promise<boolean> {
    const { store } = this.context;
    const removed = await this.#tasks.run(endpointName, () =>
      andThen(store.findByEndpoint(endpointName), (found) =>
        found === undefined
          ? undefined
          : andThen(isMeant(found), (isIt) => (isIt ? store.remove(found.id) : undefined)),
      ),
    );
    if (removed === undefined) return false;
    this.#removals.deregistered(removed);
    return true;
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#credentialChanges[Symbol.dispose]();
    const error = new TransmissionError('closed', 'the server was closed');
    this.desired.close();
    this.queue.close(error);
    this.firmware.updates.close(error);
    for (const { facts } of this.sessions.endAll(error)) facts.consumer?.fail(error);
    await Promise.all(this.listeners.map(({ shell }) => shell[Symbol.asyncDispose]()));
    await this.firmware.close();
    const { store, devices } = this.context;
    await Promise.all([store[Symbol.asyncDispose](), devices[Symbol.asyncDispose]()]);
  }

  async #loadObservations(): Promise<readonly Restorable[]> {
    const { store } = this.context;
    const restorable: Restorable[] = [];
    for (const stored of await store.allObservations()) {
      const registration = await store.findById(stored.registrationId);
      if (registration !== undefined) restorable.push({ stored, registration });
    }
    return restorable;
  }

  #restore(restorable: readonly Restorable[], listener: Listener): void {
    for (const { stored, registration } of restorable)
      this.observations.restore(stored, registration, listener);
  }

  /** Bootstrap and Send are not offered here, nor is anything else. */
  #refuseUnknown(call: Call): void {
    const code = ResponseCode.notFound;
    call.listener.respond(call, { code });
    this.#tellRefusal(call, code, 'is no resource of this server');
  }

  #tellRefusal(call: Call, code: ResponseCode, reason: string): void {
    const { diagnostics } = this.signals;
    if (diagnostics.listenerCount === 0) return;
    call.listener.afterwards(() =>
      diagnostics.emit({
        kind: 'request-refused',
        time: call.now,
        peer: call.peer,
        operation: 'other',
        coapCode: formatCode(code),
        reason: `/${call.request.uriPath.join('/').slice(0, 100)} ${reason}`,
      }),
    );
  }

  #listenerFor(localUri: string): Listener {
    return this.listeners.find((listener) => listener.localUri === localUri) ?? this.#firstListener();
  }

  #firstListener(): Listener {
    const [first] = this.listeners;
    if (first === undefined) throw new Error('a server was used before its first binding was open');
    return first;
  }
}

/** What the parts share. */
function contextOf(
  options: Readonly<LwM2mServerOptions>,
  limits: ServerLimits,
  { signals, now }: Pick<ServerContext, 'signals' | 'now'>,
): ServerContext {
  const devices = options.deviceStore ?? new MemoryDeviceStore();
  return {
    store: options.store ?? new MemoryRegistrationStore(),
    devices,
    definitions: options.definitions ?? coreDefinitions,
    authorizer: options.authorizer,
    credentials: options.credentials,
    limits,
    writtenLifetimes: new WrittenLifetimes(limits),
    presence: new Presence(limits.awakeWindow, limits.smsAwakeWindow),
    smsNumbers: options.sms?.numbers,
    values: new KnownValues({ devices, signals, now }),
    isStrict: options.isStrict ?? false,
    signals,
    now,
  };
}

/** What may wait for one device is this server's to say, not that of CoAP. */
function coapOptions(
  coap: LwM2mServerOptions['coap'],
  limits: ServerLimits,
): Omit<CoapEndpointOptions, 'random'> {
  const maxQueuedPerPeer = limits.requestsPerDevice + limits.observationsPerDevice;
  return { ...coap, limits: { maxQueuedPerPeer, ...coap?.limits } };
}

/** Registrations end with their lifetime. */
function registrationExpiry(
  store: RegistrationStore,
  removals: RegistrationRemovals,
): Expiring<RemovedRegistration> {
  return {
    name: 'expiry',
    take: (now, limit) => store.takeExpired(now, limit),
    next: () => store.nextExpiry(),
    expired: (removed) => removals.expired(removed),
  };
}
