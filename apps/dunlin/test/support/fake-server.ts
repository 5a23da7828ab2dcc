import { instantFrom, type Seconds, seconds, SignalSource } from '@dunlin/base';
import { udpPeer } from '@dunlin/coap';
import { type Content, formatPath, type Path, pathOf } from '@dunlin/lwm2m';
import type {
  DeregisteredEvent,
  ExpiredEvent,
  NotifiedEvent,
  ObservationEndedEvent,
  RegisteredEvent,
  Registration,
  RegistrationsOptions,
  UpdatedEvent,
} from '@dunlin/server';

import type { ManagedDevice, ManagedObservation, ManagedServer } from '../../src/http/managed-server.ts';

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
  links: Awaited<ReturnType<ManagedDevice['discover']>> = [];
  observed: string[] = [];
  signal: AbortSignal | undefined;
  readonly #registration: Registration | undefined;

  constructor(known: Registration | undefined) {
    this.#registration = known;
  }

  registration(): Promise<Registration | undefined> {
    return Promise.resolve(this.#registration);
  }

  async readContent(path: Path, options?: { signal?: AbortSignal | undefined }): Promise<Content> {
    this.signal = options?.signal;
    await this.#ask({ operation: 'read', path: formatPath(path), ...options });
    return this.content;
  }

  write(path: Path, content: Content, options?: object): Promise<void> {
    return this.#ask({ operation: 'write', path: formatPath(path), content, ...options });
  }

  writeAttributes(path: Path, change: object): Promise<void> {
    return this.#ask({ operation: 'write-attributes', path: formatPath(path), change });
  }

  async discover(path: Path): ReturnType<ManagedDevice['discover']> {
    await this.#ask({ operation: 'discover', path: formatPath(path) });
    return this.links;
  }

  execute(path: Path, args?: string): Promise<void> {
    return this.#ask({ operation: 'execute', path: formatPath(path), args });
  }

  async create(path: Path, content: Content, options?: object): ReturnType<ManagedDevice['create']> {
    await this.#ask({ operation: 'create', path: formatPath(path), content, ...options });
    return pathOf(3303, 7);
  }

  delete(path: Path): Promise<void> {
    return this.#ask({ operation: 'delete', path: formatPath(path) });
  }

  observe(path: Path, options?: object): ManagedObservation {
    const { content } = this;
    const asked = this.#ask({ operation: 'observe', path: formatPath(path), ...options });
    asked.catch(() => undefined);
    return {
      started: async () => {
        await asked;
        this.observed.push(formatPath(path));
        return { value: content, time: noon, isFresh: true };
      },
      [Symbol.asyncIterator]: () => ({ next: () => Promise.resolve({ done: true, value: undefined }) }),
    };
  }

  observations(): ReturnType<ManagedDevice['observations']> {
    return Promise.resolve(this.observed.map((path) => ({ path, observedAt: noon })));
  }

  cancelObservation(path: Path, options?: object): Promise<void> {
    return this.#ask({ operation: 'cancel-observation', path: formatPath(path), ...options });
  }

  async #ask(operation: AskedOperation): Promise<void> {
    this.asked.push(operation);
    await this.gate;
    if (this.failure !== undefined) throw this.failure;
  }
}

/** A server without sockets whose devices are `FakeDevice`s. */
export class FakeServer implements ManagedServer {
  readonly registered = new SignalSource<RegisteredEvent>();
  readonly updated = new SignalSource<UpdatedEvent>();
  readonly deregistered = new SignalSource<DeregisteredEvent>();
  readonly expired = new SignalSource<ExpiredEvent>();
  readonly notified = new SignalSource<NotifiedEvent>();
  readonly observationEnded = new SignalSource<ObservationEndedEvent>();
  readonly devices = new Map<string, FakeDevice>();
  readonly #registrations = new Map<string, Registration>();

  add(known: Registration): FakeDevice {
    const device = new FakeDevice(known);
    this.#registrations.set(known.endpointName, known);
    this.devices.set(known.endpointName, device);
    return device;
  }

  device(endpointName: string): ManagedDevice {
    return this.devices.get(endpointName) ?? new FakeDevice(undefined);
  }

  registrations({ after = '', limit = 100, filter = () => true }: RegistrationsOptions = {}) {
    const found = [...this.#registrations.values()]
      .filter((known) => known.endpointName > after && filter(known))
      .sort((one, other) => (one.endpointName < other.endpointName ? -1 : 1));
    const page = found.slice(0, limit);
    const next = found.length > limit ? { next: page.at(-1)?.endpointName } : {};
    return Promise.resolve({ registrations: page, ...next });
  }

  deregister(endpointName: string): Promise<boolean> {
    this.devices.delete(endpointName);
    return Promise.resolve(this.#registrations.delete(endpointName));
  }
}
