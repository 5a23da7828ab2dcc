import { type Milliseconds, ProtocolError, TransmissionError, UsageError } from '@dunlin/base';
import {
  type Content,
  type DiscoverLink,
  type ExecuteArguments,
  type NotificationAttributesChange,
  type ObjectInstancePath,
  type Path,
  type ReadableReference,
  type ResourceDefinition,
  rootPath,
  type SingleOrMultiple,
  usesQueueMode,
  type Value,
  type WritableReference,
} from '@dunlin/lwm2m';

import { DeviceDesires } from './desired-state/device-desires.ts';
import type { DesiredStates } from './desired-state/desired-states.ts';
import type { DeviceSessions } from './device-session.ts';
import type { KnownValue } from './device-store/known-value.ts';
import type { OperationResult } from './device-store/queued-operation.ts';
import { DeviceNotRegisteredError } from './errors.ts';
import { DeviceFirmware } from './firmware/device-firmware.ts';
import type { FirmwareRole } from './firmware/firmware-role.ts';
import type { Observation } from './observation.ts';
import { type ContentReading, ObservationStream } from './observation-stream.ts';
import type { Observations } from './observations.ts';
import { type OperationInput, requestFrom } from './operation-input.ts';
import type {
  CancelOptions,
  CreatableContent,
  CreateOptions,
  ObservationSummary,
  ObserveOptions,
  OperationOptions,
  WritableContent,
  WriteOptions,
} from './operation-options.ts';
import { type WaitOptions, withDeadline } from './pending-request.ts';
import { type OperationQueue, turnOptions } from './queue-mode/operation-queue.ts';
import type { Reachability } from './queue-mode/presence.ts';
import { QueuedOperations } from './queue-mode/queued-operations.ts';
import type { Registration } from './registration.ts';
import type { RequestPerformer } from './request-performer.ts';
import type { ServerContext } from './server-context.ts';
import type { SmsChannel } from './sms/sms-channel.ts';
import type { UpdateTriggers } from './sms/update-triggers.ts';
import { definitionOfTarget, type ResolvedTarget, resolveTarget, type Target } from './target.ts';
import { contentReading, valueReading } from './typed-value.ts';

/** What devices need of their server. */
export interface DeviceParts {
  readonly context: ServerContext;
  readonly performer: RequestPerformer;
  readonly observations: Observations;
  readonly queue: OperationQueue;
  readonly desired: DesiredStates;
  readonly sessions: DeviceSessions;
  readonly firmware: FirmwareRole;
  readonly smsChannel: SmsChannel;
  readonly triggers: UpdateTriggers;
}

/**
 * A device by its endpoint name, registered or not: a cheap handle without state. Operations reject with
 * `DeviceNotRegisteredError` (there is no registration), `ResponseError` (the device refused),
 * `TransmissionError` (there was no answer), `ProtocolError` (there was one that breaks the protocol),
 * `UsageError` (this cannot be asked), or the reason of their `AbortSignal`.
 */
export class Device {
  readonly endpointName: string;
  readonly #parts: DeviceParts;

  constructor(endpointName: string, parts: DeviceParts) {
    this.endpointName = endpointName;
    this.#parts = parts;
  }

  /**
   * Operations that are accepted for the device whether it can be reached or not, and outlive this process.
   */
  get operations(): QueuedOperations {
    return new QueuedOperations(this.endpointName, this.#parts);
  }

  /** What is wished for the device, whatever its registration, until it is withdrawn. */
  get desired(): DeviceDesires {
    return new DeviceDesires(this.endpointName, this.#parts, (target, options) =>
      this.cancelObservation(target, options),
    );
  }

  /** Its firmware, which is updated whether the device can be reached now or not. */
  get firmware(): DeviceFirmware {
    const { context, queue, sessions, firmware } = this.#parts;
    const { updates, images } = firmware;
    return new DeviceFirmware(this.endpointName, { context, queue, sessions, updates, images });
  }

  /** The last that is known of its Resources at and below a path, registered or not; by path. */
  async knownValues(target: Target = rootPath): Promise<readonly KnownValue[]> {
    return await this.#parts.context.devices.valuesOf(this.endpointName, resolveTarget(target).path);
  }

  /**
   * Forgets all that outlives its registrations: operations that wait and an update of firmware are cancelled, wishes
   * withdrawn, values and an awake window of its own gone. False when there was nothing. Its registration stays.
   */
  async forget(): Promise<boolean> {
    const { queue, desired, firmware, context } = this.#parts;
    await queue.cancelAll(this.endpointName);
    await firmware.updates.forget(this.endpointName);
    const items = await desired.items.of(this.endpointName);
    const wasThere = await context.devices.forget(this.endpointName);
    desired.forget(this.endpointName);
    context.presence.setWindow(this.endpointName, undefined);
    for (const { kind, path } of items)
      if (kind === 'observation') await this.cancelObservation(path, { way: 'passive' });
    return wasThere;
  }

  /** Whether it is registered, or was before. */
  async isKnown(): Promise<boolean> {
    const { devices } = this.#parts.context;
    return (
      (await this.registration()) !== undefined || (await devices.findDevice(this.endpointName)) !== undefined
    );
  }

  /** Whether it can be reached now; `undefined` when it is not registered. */
  async reachability(): Promise<Reachability | undefined> {
    const registration = await this.registration();
    const { context } = this.#parts;
    return registration === undefined ? undefined : context.presence.of(registration, context.now());
  }

  /** For how long it is awake after its messages when it is in queue mode. */
  get awakeWindow(): Milliseconds {
    return this.#parts.context.presence.windowOf(this.endpointName);
  }

  /** Gives it an awake window of its own, for good; `undefined` gives it that of all devices. */
  async setAwakeWindow(window: Milliseconds | undefined): Promise<void> {
    if (window !== undefined && !(window > 0 && Number.isFinite(window)))
      throw new UsageError(`an awake window is longer than 0 ms, not ${window}`);
    const { devices, presence } = this.#parts.context;
    await devices.setAwakeWindow(this.endpointName, window);
    presence.setWindow(this.endpointName, window);
  }

  /** Has it send an Update, at once and by one short message (1.0 §5.3.1.1): see `UpdateTriggers.trigger`. */
  async triggerUpdate(): Promise<void> {
    await this.#parts.triggers.trigger(await this.#registered());
  }

  /** The registration as it is now; `undefined` when there is none. */
  async registration(): Promise<Registration | undefined> {
    return await this.#parts.context.store.findByEndpoint(this.endpointName);
  }

  /** Reads the value of a typed reference, or the content at a path (1.0 §5.4.1). */
  read<T extends Value, M extends boolean>(
    target: ReadableReference<T, M>,
    options?: Readonly<OperationOptions>,
  ): Promise<SingleOrMultiple<T, M>>;
  read(target: Path | string, options?: Readonly<OperationOptions>): Promise<Content>;
  async read(
    target: ReadableReference | Path | string,
    options: Readonly<OperationOptions> = {},
  ): Promise<Content | SingleOrMultiple<Value, boolean>> {
    const resolved = resolveTarget(target);
    const content = await this.#read(resolved, options);
    if (resolved.resource === undefined) return content;
    const reading = valueReading<Value, boolean>(resolved.resource)(content);
    if (reading.kind === 'value') return reading.value;
    throw new ProtocolError(`the answer of ${this.endpointName} for ${resolved.pathText}: ${reading.reason}`);
  }

  /** Reads the content at a path or reference (1.0 §5.4.1). */
  async readContent(target: Target, options: Readonly<OperationOptions> = {}): Promise<Content> {
    return await this.#read(resolveTarget(target), options);
  }

  /** Writes a Resource, or the Resources of an Object Instance (1.0 §5.4.3). */
  write<T extends Value, M extends boolean>(
    target: WritableReference<T, M>,
    value: SingleOrMultiple<T, M>,
    options?: Readonly<WriteOptions>,
  ): Promise<void>;
  write(target: Path | string, value: WritableContent, options?: Readonly<WriteOptions>): Promise<void>;
  async write(
    target: WritableReference | Path | string,
    value: WritableContent,
    options: Readonly<WriteOptions> = {},
  ): Promise<void> {
    const name = options.mode === 'update' ? 'write-update' : 'write-replace';
    await this.#ask({ name, target, value, format: options.format }, options);
  }

  /** Sets and unsets NOTIFICATION attributes at a path (1.0 §5.4.4); `null` unsets. */
  async writeAttributes(
    target: Target,
    change: NotificationAttributesChange,
    options: Readonly<OperationOptions> = {},
  ): Promise<void> {
    await this.#ask({ name: 'write-attributes', target, change }, options);
  }

  /** What there is at and below a path, and which attributes it has (1.0 §5.4.2). */
  async discover(target: Target, options: Readonly<OperationOptions> = {}): Promise<readonly DiscoverLink[]> {
    const result = await this.#ask({ name: 'discover', target }, options);
    return result.kind === 'links' ? result.links : unexpected(result);
  }

  /**
   * Executes a Resource (1.0 §5.4.5). Arguments are checked before anything is sent: as text they are like
   * `0='on',1`.
   */
  async execute(
    target: Target,
    args: string | ExecuteArguments = '',
    options: Readonly<OperationOptions> = {},
  ): Promise<void> {
    await this.#ask({ name: 'execute', target, arguments: args }, options);
  }

  /** Creates an Object Instance and tells its path (1.0 §5.4.6). */
  async create(
    target: Path | string,
    resources: CreatableContent,
    options: Readonly<CreateOptions> = {},
  ): Promise<ObjectInstancePath> {
    const { objectInstanceId, format } = options;
    const result = await this.#ask({ name: 'create', target, resources, objectInstanceId, format }, options);
    return result.kind === 'created' ? result.path : unexpected(result);
  }

  /** Deletes an Object Instance (1.0 §5.4.7). */
  async delete(target: Path | string, options: Readonly<OperationOptions> = {}): Promise<void> {
    await this.#ask({ name: 'delete', target }, options);
  }

  /**
   * Observes a path or reference (1.0 §5.5.1). The device is asked at once; `started` tells how that went.
   * Leaving a `for await` loop, `return` and the signal cancel the observation. It ends with an error when
   * the device ends it or its registration ends, and when the same path is observed again.
   */
  observe<T extends Value, M extends boolean>(
    target: ReadableReference<T, M>,
    options?: Readonly<ObserveOptions>,
  ): Observation<SingleOrMultiple<T, M>>;
  observe(target: Path | string, options?: Readonly<ObserveOptions>): Observation<Content>;
  observe(
    target: ReadableReference | Path | string,
    options: Readonly<ObserveOptions> = {},
  ): Observation<Content> | Observation<SingleOrMultiple<Value, boolean>> {
    const resolved = resolveTarget(target);
    const { resource } = resolved;
    return resource === undefined
      ? this.#observe(resolved, contentReading, options)
      : this.#observe(resolved, valueReading<Value, boolean>(resource), options);
  }

  /**
   * Asks an operation that is given as data, at once or in queue mode when its turn has come; the
   * methods above are for those who know which one.
   */
  async ask(input: OperationInput, options: Readonly<OperationOptions> = {}): Promise<OperationResult> {
    return await this.#ask(input, options);
  }

  /** What is observed of the device now, in the order of the paths as text. */
  async observations(): Promise<readonly ObservationSummary[]> {
    const registration = await this.registration();
    if (registration === undefined) return [];
    const stored = await this.#parts.context.store.observationsOf(registration.id);
    return stored.map(({ path, observedAt }) => ({ path, observedAt }));
  }

  /** Ends the observation of a path; harmless when it is not observed. */
  async cancelObservation(target: Target, options: Readonly<CancelOptions> = {}): Promise<void> {
    const { pathText } = resolveTarget(target);
    const registration = await this.registration();
    if (registration === undefined) return;
    const { context, observations } = this.#parts;
    const isAsleep = context.presence.of(registration, context.now()).kind === 'asleep';
    const { way = isAsleep ? 'passive' : 'active' } = options;
    if (way === 'passive') await observations.cancel(registration, pathText, { ...options, way });
    else
      await this.#turn(registration, options, (present, wait) =>
        observations.cancel(present, pathText, { ...wait, way }),
      );
  }

  #observe<T>(
    target: ResolvedTarget,
    read: (content: Content) => ContentReading<T>,
    options: Readonly<ObserveOptions>,
  ): ObservationStream<T> {
    const { path, pathText } = target;
    // Ends the beginning, when the consumer leaves before it is over.
    const given = new AbortController();
    const signal =
      options.signal === undefined ? given.signal : AbortSignal.any([given.signal, options.signal]);
    let hasBegun = false;
    const cancel = (): void => {
      given.abort(new UsageError(`the observation of ${pathText} was cancelled before it began`));
      if (hasBegun) this.#cancelInBackground(pathText);
    };
    const capacity = options.buffered ?? this.#parts.context.limits.bufferedNotifications;
    const stream = new ObservationStream<T>({
      path: pathText,
      read,
      capacity,
      cancel,
      signal: options.signal,
    });
    const wait = withDeadline({ ...options, signal }, this.#parts.context.now());
    const begin = async (): Promise<void> => {
      signal.throwIfAborted();
      const { attributes } = options;
      if (attributes !== undefined) await this.writeAttributes(path, attributes, wait);
      const registered = await this.#registered();
      await this.#turn(registered, wait, (registration, turnWait) => {
        const definition = definitionOfTarget(target, this.#parts.context.definitions, registration);
        const toObserve = { path, pathText, format: options.format, definition };
        return this.#parts.observations.begin(registration, toObserve, stream, turnWait);
      });
      hasBegun = true;
      if (signal.aborted) this.#cancelInBackground(pathText);
    };
    begin().catch((error: unknown) => stream.fail(error));
    return stream;
  }

  /** Nobody waits for the outcome: a device that does not answer has its next notification rejected. */
  #cancelInBackground(path: string): void {
    this.cancelObservation(path).catch((error: unknown) => {
      const { context } = this.#parts;
      const { endpointName } = this;
      const time = context.now();
      context.signals.diagnostics.emit({ kind: 'cancellation-failed', time, endpointName, path, error });
    });
  }

  async #read(target: ResolvedTarget, options: OperationOptions): Promise<Content> {
    const { path, resource } = target;
    const result = await this.#ask({ name: 'read', target: path, format: options.format }, options, resource);
    return result.kind === 'content' ? result.content : unexpected(result);
  }

  async #ask(
    input: OperationInput,
    options: OperationOptions,
    resource?: ResourceDefinition,
  ): Promise<OperationResult> {
    const { context, queue, performer } = this.#parts;
    const wait = withDeadline(options, context.now());
    const registration = await this.#registered();
    const asked = { request: requestFrom(input, context.definitions, registration), resource };
    if (options.channel === 'sms' && registration.peer.transport !== 'sms') {
      const reach = await this.#parts.smsChannel.reach(registration, 'request');
      if (reach.kind === 'unreachable') throw new TransmissionError('not-sent', reach.reason);
      return await performer.perform(reach.twin, asked, wait);
    }
    return usesQueueMode(registration.bindingMode)
      ? await queue.ask(registration, asked, turnOptions(wait))
      : await performer.perform(registration, asked, wait);
  }

  /** Does something else at once, or in queue mode when its turn has come. */
  async #turn<T>(
    registration: Registration,
    options: OperationOptions,
    work: (registration: Registration, wait: WaitOptions) => Promise<T>,
  ): Promise<T> {
    const wait = withDeadline(options, this.#parts.context.now());
    return usesQueueMode(registration.bindingMode)
      ? await this.#parts.queue.run(
          registration,
          (present, signal) => work(present, { ...wait, signal }),
          turnOptions(wait),
        )
      : await work(registration, wait);
  }

  async #registered(): Promise<Registration> {
    const registration = await this.registration();
    if (registration === undefined) throw new DeviceNotRegisteredError(this.endpointName);
    return registration;
  }
}

function unexpected(result: OperationResult): never {
  throw new Error(`an operation gave a result of kind ${result.kind}`);
}
