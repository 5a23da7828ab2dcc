import { ProtocolError, UsageError } from '@dunlin/base';
import type { IncomingResponse } from '@dunlin/coap';
import {
  type Content,
  type DiscoverLink,
  type ExecuteArguments,
  isFormatFailure,
  isRefusal,
  type NotificationAttributesChange,
  type ObjectInstancePath,
  type ObjectPath,
  type OutgoingOperation,
  parseDiscoverLinks,
  parseExecuteArguments,
  type Path,
  pathOf,
  type ReadableReference,
  type SingleOrMultiple,
  type Value,
  type WritableReference,
} from '@dunlin/lwm2m';

import { contentToCreate, createdPath } from './creation.ts';
import type { DeviceOperations } from './device-operations.ts';
import { DeviceNotRegisteredError } from './errors.ts';
import type { Observation } from './observation.ts';
import { type ContentReading, ObservationStream } from './observation-stream.ts';
import type { Observations } from './observations.ts';
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
import { withDeadline } from './pending-request.ts';
import type { Registration } from './registration.ts';
import type { ServerContext } from './server-context.ts';
import { definitionOfTarget, type ResolvedTarget, resolveTarget, type Target } from './target.ts';
import { contentReading, valueReading } from './typed-value.ts';
import { contentOf } from './writable-content.ts';

/** What devices need of their server. */
export interface DeviceParts {
  readonly context: ServerContext;
  readonly operations: DeviceOperations;
  readonly observations: Observations;
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
    const resolved = resolveTarget(target);
    const { path } = resolved;
    const isUpdate = options.mode === 'update';
    if (isUpdate && path.kind !== 'object-instance') {
      throw new UsageError(
        `only an Object Instance can be updated in part, not ${resolved.pathText} (1.0 §8.2.5)`,
      );
    }
    const registration = await this.#registered();
    const definition = definitionOfTarget(resolved, this.#parts.context.definitions, registration);
    const content = contentOf(path, value, definition);
    const name = isUpdate ? 'write-update' : 'write-replace';
    await this.#parts.operations.send(registration, name, { path, content }, options);
  }

  /** Sets and unsets NOTIFICATION attributes at a path (1.0 §5.4.4); `null` unsets. */
  async writeAttributes(
    target: Target,
    change: NotificationAttributesChange,
    options: Readonly<OperationOptions> = {},
  ): Promise<void> {
    await this.#perform({ name: 'write-attributes', path: resolveTarget(target).path, change }, options);
  }

  /** What there is at and below a path, and which attributes it has (1.0 §5.4.2). */
  async discover(target: Target, options: Readonly<OperationOptions> = {}): Promise<readonly DiscoverLink[]> {
    const { path, pathText } = resolveTarget(target);
    const { response, registration } = await this.#perform({ name: 'discover', path }, options);
    const links = parseDiscoverLinks(response.payload, registration.rootPath);
    if (!isFormatFailure(links)) return links;
    throw new ProtocolError(
      `the answer of ${this.endpointName} to the Discover of ${pathText}: ${links.reason}`,
    );
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
    const parsed = typeof args === 'string' ? parseExecuteArguments(args) : args;
    if (isRefusal(parsed)) throw new UsageError(parsed.reason);
    await this.#perform({ name: 'execute', path: resolveTarget(target).path, arguments: parsed }, options);
  }

  /** Creates an Object Instance and tells its path (1.0 §5.4.6). */
  async create(
    target: Path | string,
    resources: CreatableContent,
    options: Readonly<CreateOptions> = {},
  ): Promise<ObjectInstancePath> {
    const resolved = resolveTarget(target);
    const { path } = resolved;
    const { objectInstanceId } = options;
    if (path.kind !== 'object')
      throw new UsageError(`instances are created in an Object, not in ${resolved.pathText}`);
    const registration = await this.#registered();
    const definition = definitionOfTarget(resolved, this.#parts.context.definitions, registration);
    const content = contentToCreate(path, resources, { objectInstanceId, definition });
    const response = await this.#parts.operations.send(registration, 'create', { path, content }, options);
    const created = createdPath(response, registration, path);
    if (created !== undefined) return created;
    if (objectInstanceId !== undefined) return pathOf(path.objectId, objectInstanceId);
    if (definition?.isMultiple === false) return pathOf(path.objectId, 0);
    return await this.#findCreated(path, registration, options);
  }

  /** Deletes an Object Instance (1.0 §5.4.7). */
  async delete(target: Path | string, options: Readonly<OperationOptions> = {}): Promise<void> {
    await this.#perform({ name: 'delete', path: resolveTarget(target).path }, options);
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
    if (registration !== undefined) await this.#parts.observations.cancel(registration, pathText, options);
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
      const registration = await this.#registered();
      const definition = definitionOfTarget(target, this.#parts.context.definitions, registration);
      const toObserve = { path, pathText, format: options.format, definition };
      await this.#parts.observations.begin(registration, toObserve, stream, wait);
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
    return await this.#parts.operations.read(await this.#registered(), target, options);
  }

  async #perform(
    operation: OutgoingOperation,
    options: OperationOptions,
  ): Promise<{ readonly response: IncomingResponse; readonly registration: Registration }> {
    const registration = await this.#registered();
    return { registration, response: await this.#parts.operations.perform(registration, operation, options) };
  }

  async #registered(): Promise<Registration> {
    const registration = await this.registration();
    if (registration === undefined) throw new DeviceNotRegisteredError(this.endpointName);
    return registration;
  }

  /**
   * The instance that a device created and did not name, as some do: the one it had not registered. When
   * that is not exactly one, nobody can tell.
   */
  async #findCreated(
    path: ObjectPath,
    registration: Registration,
    options: OperationOptions,
  ): Promise<ObjectInstancePath> {
    const known = new Set(registration.objects.get(path.objectId)?.instances ?? []);
    const links = await this.discover(path, { timeout: options.timeout, signal: options.signal });
    const found = new Set<number>();
    for (const link of links) {
      if ('objectInstanceId' in link.path && !known.has(link.path.objectInstanceId)) {
        found.add(link.path.objectInstanceId);
      }
    }
    const [only] = found;
    if (only !== undefined && found.size === 1) return pathOf(path.objectId, only);
    throw new ProtocolError(
      `${this.endpointName} created an instance of Object ${path.objectId} and does not say which`,
    );
  }
}
