import { type Signal, UsageError } from '@dunlin/base';
import type { Binding, CoapEndpointOptions, EndpointSizes, EndpointStatistics } from '@dunlin/coap';
import type { ObjectDefinitions } from '@dunlin/lwm2m';

import type { Authorizer } from './authorizer.ts';
import type { DeviceCredentials } from './credentials/device-credentials.ts';
import type { DeviceStore } from './device-store/device-store.ts';
import type { QueuedOperation } from './device-store/queued-operation.ts';
import { Device } from './device.ts';
import type {
  DeregisteredEvent,
  ExpiredEvent,
  NotifiedEvent,
  ObservationEndedEvent,
  RegisteredEvent,
  ServerDiagnostic,
  UpdatedEvent,
  ValuesKnownEvent,
} from './events.ts';
import type { FirmwareImageStore } from './firmware/firmware-image-store.ts';
import type { FirmwareUpdate } from './firmware/firmware-update.ts';
import type { FirmwareUriOptions } from './firmware/firmware-uris.ts';
import type { ServerFirmware } from './firmware/server-firmware.ts';
import type { RegistrationsOptions } from './operation-options.ts';
import type { Reachability, ReachabilityFacts } from './queue-mode/presence.ts';
import type { Registration } from './registration.ts';
import type { RegistrationStore } from './registration-store.ts';
import type { ServerLimits } from './server-limits.ts';
import { ServerRole } from './server-role.ts';
import type { ServerSmsOptions } from './sms/sms-options.ts';

/** What a server is opened with. */
export interface LwM2mServerOptions {
  /** Where it listens, at least one. */
  readonly listen: readonly Binding[];
  /** Default: in memory. The server closes it. */
  readonly store?: RegistrationStore | undefined;
  /** What outlives registrations. Default: in memory. The server closes it. */
  readonly deviceStore?: DeviceStore | undefined;
  /** Default: the Objects of the enabler. */
  readonly definitions?: ObjectDefinitions | undefined;
  /**
   * Asked after the rules about identities. Default: everybody may register whose endpoint name is that of his
   * PSK identity or certificate, and everybody without security.
   */
  readonly authorizer?: Authorizer | undefined;
  /** Which endpoint proves itself with what. What they were the only proof for ends with them. */
  readonly credentials?: DeviceCredentials | undefined;
  readonly limits?: Partial<ServerLimits> | undefined;
  /** Images of firmware, and where devices fetch them. */
  readonly firmware?: Readonly<ServerFirmwareOptions> | undefined;
  /** What goes with short messages among the bindings. */
  readonly sms?: Readonly<ServerSmsOptions> | undefined;
  /** Refuse what 1.0 forbids even where real devices do it. Default false. */
  readonly isStrict?: boolean | undefined;
  /**
   * Devices that know the blocks of a body by their token, as those of Zephyr before September 2023 do: all blocks
   * that are sent to them or read from them have the same one. By endpoint name, asked when something is first asked
   * of a device. Default: none, as a token for each block is safer (RFC 9175 §4.2).
   */
  readonly reusesToken?: ((endpointName: string) => boolean) | undefined;
  /** Passed to the CoAP endpoint of each binding. */
  readonly coap?: Omit<CoapEndpointOptions, 'random'> | undefined;
}

/** How a server has firmware. */
export interface ServerFirmwareOptions extends FirmwareUriOptions {
  /** Default: in memory. The server closes it. */
  readonly images?: FirmwareImageStore | undefined;
}

/** Where a server listens. */
export interface LocalAddress {
  readonly address: string;
  readonly port: number;
  /** Like `coap://127.0.0.1:5683`. */
  readonly uri: string;
}

/** A page of registrations. */
export interface RegistrationPage {
  /** Ordered by endpoint name. */
  readonly registrations: readonly Registration[];
  /** The `after` of the next page; absent on the last. */
  readonly next?: string;
}

/** Registrations of a page, when nothing is said and at most. */
const pageSizes = { usual: 100, maximum: 10_000 };

/**
 * An LwM2M Server: devices register with it over its bindings, and it manages and observes them. What
 * happened to a device is told by signals, after the device has its answer, and in order.
 */
export class LwM2mServer implements AsyncDisposable {
  readonly #role: ServerRole;

  private constructor(role: ServerRole) {
    this.#role = role;
  }

  /**
   * Takes up the registrations and observations of the store and opens all bindings. Rejects with a
   * `TransmissionError` when one cannot listen, or a `StorageError`; nothing is left open then.
   */
  static async open(options: Readonly<LwM2mServerOptions>): Promise<LwM2mServer> {
    if (options.listen.length === 0) throw new UsageError('a server needs at least one binding to listen on');
    const role = new ServerRole(options);
    try {
      await role.open(options.listen);
    } catch (error) {
      await role.close();
      throw error;
    }
    return new LwM2mServer(role);
  }

  /** The addresses of the bindings, in their order. */
  get local(): readonly LocalAddress[] {
    return this.#role.listeners.map(({ shell }) => shell.local);
  }

  get registered(): Signal<RegisteredEvent> {
    return this.#role.signals.registered;
  }

  get updated(): Signal<UpdatedEvent> {
    return this.#role.signals.updated;
  }

  get deregistered(): Signal<DeregisteredEvent> {
    return this.#role.signals.deregistered;
  }

  get expired(): Signal<ExpiredEvent> {
    return this.#role.signals.expired;
  }

  /** Content of every observation of every device. */
  get notified(): Signal<NotifiedEvent> {
    return this.#role.signals.notified;
  }

  /** Values of devices that came to be known, by a Read, a notification or a Write. */
  get valuesKnown(): Signal<ValuesKnownEvent> {
    return this.#role.signals.valuesKnown;
  }

  get observationEnded(): Signal<ObservationEndedEvent> {
    return this.#role.signals.observationEnded;
  }

  /** An operation was accepted for a device; it is in the store. */
  get operationQueued(): Signal<QueuedOperation> {
    return this.#role.signals.operationQueued;
  }

  /** An operation that was accepted is sent now. */
  get operationSent(): Signal<QueuedOperation> {
    return this.#role.signals.operationSent;
  }

  /** An operation that was accepted is over, in one way or another. */
  get operationFinished(): Signal<QueuedOperation> {
    return this.#role.signals.operationFinished;
  }

  /** An update of firmware came on: each change of its state, and how far the image is, at most once a second. */
  get firmwareProgress(): Signal<FirmwareUpdate> {
    return this.#role.signals.firmwareProgress;
  }

  /** An update of firmware is over, in one way or another. */
  get firmwareFinished(): Signal<FirmwareUpdate> {
    return this.#role.signals.firmwareFinished;
  }

  get diagnostics(): Signal<ServerDiagnostic> {
    return this.#role.signals.diagnostics;
  }

  /** A handle on a device, registered or not. */
  device(endpointName: string): Device {
    return new Device(endpointName, this.#role);
  }

  /** Whether the device of a registration can be reached now. */
  reachabilityOf(registration: ReachabilityFacts): Reachability {
    const { presence, now } = this.#role.context;
    return presence.of(registration, now());
  }

  /** The images that devices can be updated to. */
  get firmware(): ServerFirmware {
    return this.#role.firmware.serverFirmware;
  }

  /** A page of the registrations, ordered by endpoint name. */
  async registrations(options: Readonly<RegistrationsOptions> = {}): Promise<RegistrationPage> {
    const { after, limit = pageSizes.usual, filter } = options;
    if (!Number.isInteger(limit) || limit < 1 || limit > pageSizes.maximum) {
      throw new UsageError(`a page has 1 to ${pageSizes.maximum} registrations, not ${limit}`);
    }
    const found = await this.#role.context.store.page({ after, limit: limit + 1, filter });
    const registrations = found.slice(0, limit);
    const last = registrations.at(-1);
    return found.length > limit && last !== undefined
      ? { registrations, next: last.endpointName }
      : { registrations };
  }

  /** What the CoAP layer counted, of each binding in their order. */
  get coapStatistics(): readonly EndpointStatistics[] {
    return this.#role.listeners.map(({ endpoint }) => endpoint.statistics);
  }

  /** How much the CoAP layer remembers right now, of each binding in their order. */
  get coapSizes(): readonly EndpointSizes[] {
    return this.#role.listeners.map(({ endpoint }) => endpoint.sizes);
  }

  /** How many devices are registered. */
  async registrationCount(): Promise<number> {
    return await this.#role.context.store.count();
  }

  /** Removes a registration as an operator; the device learns of it on its next Update. False when there is none. */
  async deregister(endpointName: string): Promise<boolean> {
    return await this.#role.deregister(endpointName);
  }

  /** Stops: what is under way rejects (`closed`), sockets and store are closed. Twice is harmless. */
  async close(): Promise<void> {
    await this.#role.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
