import {
  instantFrom,
  type Milliseconds,
  milliseconds,
  type Seconds,
  seconds,
  SignalSource,
  TransmissionError,
} from '@dunlin/base';
import { udpPeer } from '@dunlin/coap';
import {
  type Content,
  type DiscoverLink,
  formatPath,
  type Path,
  pathOf,
  rootPath,
  usesQueueMode,
} from '@dunlin/lwm2m';
import {
  type DeregisteredEvent,
  type DesiredAttributes,
  type DesiredObservation,
  type DesiredState,
  type ExpiredEvent,
  type FirmwareUpdate,
  isFinished,
  type KnownValue,
  type NotifiedEvent,
  type ObservationEndedEvent,
  type OperationInput,
  type OperationOptions,
  type OperationResult,
  type OperationState,
  OperationUnderWayError,
  type QueuedOperation,
  type Reachability,
  type ReachabilityFacts,
  type RegisteredEvent,
  type Registration,
  type RegistrationsOptions,
  type UpdatedEvent,
  type ValuesKnownEvent,
} from '@dunlin/server';

import { FleetIndex } from '../../src/fleet/fleet-index.ts';
import { deviceToSummary } from '../../src/http/device-to-summary.ts';
import type {
  ManagedDesires,
  ManagedDevice,
  ManagedOperations,
  ManagedServer,
} from '../../src/http/managed-server.ts';

import { fakeFirmware, noFirmware } from './fake-firmware.ts';
import { requestOf } from './operation-request.ts';

/** Noon of the first day of 2026. */
export const noon = instantFrom(Date.UTC(2026, 0, 1, 12));

export function registration(endpointName: string, facts: Partial<Registration> = {}): Registration {
  return {
    endpointName,
    id: `id-of-${endpointName.length}`,
    lifetime: seconds(300) satisfies Seconds,
    version: '1.0',
    bindingMode: 'U',
    peer: udpPeer('192.0.2.7', 40_123),
    localUri: 'coap://0.0.0.0:5683',
    rootPath: '/',
    objects: new Map([
      [3303, { version: '1.1', instances: [0, 1] }],
      [3, { instances: [0] }],
    ]),
    contentFormats: [11_543],
    additional: { site: 'roof' },
    registeredAt: noon,
    updatedAt: noon,
    expiresAt: instantFrom(noon + 300_000),
    ...facts,
  };
}

/** One operation that a route asked of a device. */
export interface AskedOperation {
  readonly operation: string;
  readonly path: string;
  readonly [detail: string]: unknown;
}

/** A device that answers what the test says, and remembers what it was asked. */
export class FakeDevice implements ManagedDevice {
  readonly asked: AskedOperation[] = [];
  /** What every operation throws. */
  failure: Error | undefined;
  /** Operations do not end before this does. */
  gate: Promise<void> = Promise.resolve();
  content: Content = { kind: 'resource', resource: { kind: 'single', type: 'string', value: 'Dunlin' } };
  links: readonly DiscoverLink[] = [];
  observed: string[] = [];
  values: readonly KnownValue[] = [];
  wishes: DesiredState[] = [];
  signal: AbortSignal | undefined;
  awakeWindow: Milliseconds = milliseconds(93_000);
  /** True for one of which something is kept although it is not registered. */
  wasRegistered = false;
  readonly #endpointName: string;
  readonly #registration: Registration | undefined;
  readonly #fakeOperations: FakeOperations;

  constructor(endpointName: string, known: Registration | undefined, server: FakeServer) {
    this.#endpointName = endpointName;
    this.#registration = known;
    this.#fakeOperations = new FakeOperations(endpointName, server);
  }

  get operations(): FakeOperations {
    return this.#fakeOperations;
  }

  registration(): Promise<Registration | undefined> {
    return Promise.resolve(this.#registration);
  }

  isKnown(): Promise<boolean> {
    return Promise.resolve(this.#registration !== undefined || this.wasRegistered);
  }

  async ask(input: OperationInput, options: OperationOptions = {}): Promise<OperationResult> {
    const { signal, ...others } = options;
    this.signal = signal;
    const { name } = input;
    await this.#ask({ ...askedOf(input), ...others });
    switch (name) {
      case 'read':
        return { kind: 'content', content: this.content };
      case 'discover':
        return { kind: 'links', links: this.links };
      case 'create':
        return { kind: 'created', path: pathOf(3303, 7) };
      case 'write-replace':
      case 'write-update':
      case 'write-attributes':
      case 'execute':
      case 'delete':
        return { kind: 'done' };
    }
  }

  readonly desired: ManagedDesires = {
    observe: async (target, options) => {
      const path = formatPath(target as Path);
      await this.#ask({ operation: 'observe', path, ...options });
      const isNew = !this.observed.includes(path);
      const state = this.#registration === undefined ? 'pending' : 'active';
      const observation: DesiredObservation = { kind: 'observation', path, since: noon, state };
      this.wishes.push(observation);
      if (state === 'pending') return { observation, isNew };
      this.observed.push(path);
      return { observation, isNew, content: this.content };
    },
    setAttributes: async (target, change, options) => {
      const path = formatPath(target as Path);
      await this.#ask({ operation: 'write-attributes', path, change, ...options });
      const state = this.#registration === undefined ? 'pending' : 'active';
      const wish: DesiredAttributes = { kind: 'attributes', path, since: noon, state, change };
      this.wishes.push(wish);
      return wish;
    },
    withdrawObservation: async (target, options) => {
      const path = formatPath(target as Path);
      await this.#ask({ operation: 'cancel-observation', path, ...options });
      this.wishes = this.wishes.filter((wish) => wish.kind !== 'observation' || wish.path !== path);
      this.observed = this.observed.filter((each) => each !== path);
      return true;
    },
    withdrawAttributes: async (target) => {
      const path = formatPath(target as Path);
      await this.#ask({ operation: 'withdraw-attributes', path });
      const before = this.wishes.length;
      this.wishes = this.wishes.filter((wish) => wish.kind !== 'attributes' || wish.path !== path);
      return this.wishes.length < before;
    },
    list: () => Promise.resolve(this.wishes),
  };

  readonly firmware = noFirmware;

  observations(): ReturnType<ManagedDevice['observations']> {
    return Promise.resolve(this.observed.map((path) => ({ path, observedAt: noon })));
  }

  cancelObservation(path: Path, options?: object): Promise<void> {
    return this.#ask({ operation: 'cancel-observation', path: formatPath(path), ...options });
  }

  knownValues(path: Path = rootPath): Promise<readonly KnownValue[]> {
    this.asked.push({ operation: 'values', path: formatPath(path) });
    return Promise.resolve(this.values);
  }

  setAwakeWindow(window: Milliseconds | undefined): Promise<void> {
    this.awakeWindow = window ?? milliseconds(93_000);
    return Promise.resolve();
  }

  triggerUpdate(): Promise<void> {
    return this.#ask({ operation: 'trigger-update', path: '/1' });
  }

  forget(): Promise<boolean> {
    this.asked.push({ operation: 'forget', path: this.#endpointName });
    return Promise.resolve(this.wasRegistered);
  }

  async #ask(operation: AskedOperation): Promise<void> {
    this.asked.push(operation);
    await this.gate;
    if (this.failure !== undefined) throw this.failure;
  }
}

/** What a test looks at of an input. */
function askedOf(input: OperationInput): AskedOperation {
  const path = formatPath(input.target as Path);
  switch (input.name) {
    case 'write-replace':
    case 'write-update':
      return {
        operation: 'write',
        path,
        mode: input.name.slice('write-'.length),
        content: input.value,
        format: input.format,
      };
    case 'create': {
      const { objectInstanceId, resources: content, format } = input;
      const named = objectInstanceId === undefined ? {} : { objectInstanceId };
      return { operation: input.name, path, content, format, ...named };
    }
    case 'execute':
      return { operation: input.name, path, args: input.arguments };
    case 'write-attributes':
      return { operation: input.name, path, change: input.change };
    case 'read':
      return { operation: input.name, path, format: input.format };
    case 'discover':
    case 'delete':
      return { operation: input.name, path };
  }
}

/** Operations of a device, which wait until the test finishes them. */
export class FakeOperations implements ManagedOperations {
  readonly all: QueuedOperation[] = [];
  /** What enqueueing throws. */
  failure: Error | undefined;
  readonly #endpointName: string;
  readonly #server: FakeServer;
  readonly #finished = new SignalSource<QueuedOperation>();

  constructor(endpointName: string, server: FakeServer) {
    this.#endpointName = endpointName;
    this.#server = server;
  }

  enqueue(input: OperationInput, { lifetime = milliseconds(604_800_000) } = {}): Promise<QueuedOperation> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    const operation: QueuedOperation = {
      endpointName: this.#endpointName,
      id: this.all.length + 1,
      request: requestOf(input),
      queuedAt: noon,
      expiresAt: instantFrom(noon + lifetime),
      attempts: 0,
      state: { kind: 'waiting' },
    };
    this.all.push(operation);
    this.#server.operationQueued.emit(operation);
    return Promise.resolve(operation);
  }

  /** Puts an operation into another state. */
  change(id: number, state: OperationState): void {
    const present = this.all[id - 1];
    if (present === undefined) throw new Error(`there is no operation ${id}`);
    const changed = { ...present, state, attempts: 1 };
    this.all[id - 1] = changed;
    if (state.kind === 'sent') this.#server.operationSent.emit(changed);
    else this.#server.operationFinished.emit(changed);
    this.#finished.emit(changed);
  }

  list({ after = 0, limit = 100, states }: Parameters<ManagedOperations['list']>[0] = {}) {
    const found = this.all.filter(
      ({ id, state }) => id > after && (states === undefined || states.includes(state.kind)),
    );
    return Promise.resolve(found.slice(0, limit));
  }

  get(id: number): Promise<QueuedOperation | undefined> {
    return Promise.resolve(this.all[id - 1]);
  }

  cancel(id: number): Promise<QueuedOperation | undefined> {
    const present = this.all[id - 1];
    if (present?.state.kind === 'sent')
      return Promise.reject(new OperationUnderWayError(`operation ${id} was sent`));
    if (present?.state.kind === 'waiting') this.change(id, { kind: 'cancelled', at: noon });
    return Promise.resolve(this.all[id - 1]);
  }

  remove(id: number): Promise<boolean> {
    const present = this.all[id - 1];
    return Promise.resolve(present !== undefined && isFinished(present));
  }

  async finished(
    id: number,
    { timeout, signal }: Parameters<ManagedOperations['finished']>[1] = {},
  ): Promise<QueuedOperation | undefined> {
    const present = this.all[id - 1];
    if (present === undefined || isFinished(present)) return present;
    const { promise, resolve, reject } = Promise.withResolvers<QueuedOperation>();
    using _subscription = this.#finished.subscribe((changed) => {
      if (changed.id === id && isFinished(changed)) resolve(changed);
    });
    signal?.addEventListener('abort', () => reject(signal.reason as Error));
    // A test does not wait: only what is finished within a few turns is finished in time.
    if (timeout !== undefined && timeout <= 1000)
      setImmediate(() => reject(new TransmissionError('expired', 'not in time')));
    return await promise;
  }
}

/** A server without sockets whose devices are `FakeDevice`s. */
export class FakeServer implements ManagedServer {
  readonly registered = new SignalSource<RegisteredEvent>();
  readonly updated = new SignalSource<UpdatedEvent>();
  readonly deregistered = new SignalSource<DeregisteredEvent>();
  readonly expired = new SignalSource<ExpiredEvent>();
  readonly notified = new SignalSource<NotifiedEvent>();
  readonly valuesKnown = new SignalSource<ValuesKnownEvent>();
  readonly observationEnded = new SignalSource<ObservationEndedEvent>();
  readonly operationQueued = new SignalSource<QueuedOperation>();
  readonly operationSent = new SignalSource<QueuedOperation>();
  readonly operationFinished = new SignalSource<QueuedOperation>();
  readonly firmwareProgress = new SignalSource<FirmwareUpdate>();
  readonly firmwareFinished = new SignalSource<FirmwareUpdate>();
  readonly firmware = fakeFirmware(noon);
  /** Devices in queue mode that sleep. */
  readonly sleeping = new Set<string>();
  readonly devices = new Map<string, FakeDevice>();
  readonly fleet = new FleetIndex({ now: () => noon, reachabilityOf: (facts) => this.reachabilityOf(facts) });
  readonly #registrations = new Map<string, Registration>();

  add(known: Registration): FakeDevice {
    const device = new FakeDevice(known.endpointName, known, this);
    this.#registrations.set(known.endpointName, known);
    this.fleet.registered(known);
    this.devices.set(known.endpointName, device);
    return device;
  }

  /** A device that was registered before, and is not now. */
  addGone(endpointName: string): FakeDevice {
    const device = new FakeDevice(endpointName, undefined, this);
    device.wasRegistered = true;
    this.devices.set(endpointName, device);
    return device;
  }

  device(endpointName: string): ManagedDevice {
    return this.devices.get(endpointName) ?? new FakeDevice(endpointName, undefined, this);
  }

  reachabilityOf({ endpointName, bindingMode }: ReachabilityFacts): Reachability {
    if (!usesQueueMode(bindingMode)) return { kind: 'always' };
    return this.sleeping.has(endpointName)
      ? { kind: 'asleep' }
      : { kind: 'awake', until: instantFrom(noon + 93_000) };
  }

  registrations({ after = '', limit = 100, filter = () => true }: RegistrationsOptions = {}) {
    const found = [...this.#registrations.values()]
      .filter((known) => known.endpointName > after && filter(known))
      .sort((one, other) => (one.endpointName < other.endpointName ? -1 : 1));
    const page = found.slice(0, limit);
    const next = found.length > limit ? { next: page.at(-1)?.endpointName } : {};
    return Promise.resolve({ registrations: page, ...next });
  }

  /** What is kept of a registration that has ended. */
  #documentOf(known: Registration): string {
    const definitions = { find: () => undefined };
    return JSON.stringify(deviceToSummary(known, 'gone', { definitions, known: this.fleet }));
  }

  deregister(endpointName: string): Promise<boolean> {
    const known = this.#registrations.get(endpointName);
    const wasRegistered = this.#registrations.delete(endpointName);
    if (wasRegistered) this.devices.delete(endpointName);
    if (known !== undefined) this.fleet.ended(known, this.#documentOf(known));
    return Promise.resolve(wasRegistered);
  }
}
