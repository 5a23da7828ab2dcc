import { ProtocolError, UsageError } from '@dunlin/base';
import { formatPath, parsePath, type Path } from '@dunlin/lwm2m';

import { type ApiCallOptions, ApiCalls, type DunlinApiOptions, parsed } from './api-calls.ts';
import { ApiUnreachableError } from './api-error.ts';
import { type AttributesInput, type DiscoverDocument, DiscoverResultSchema } from './attributes-document.ts';
import { type ContentDocument, ContentDocumentSchema } from './content-document.ts';
import { CredentialCalls } from './credential-calls.ts';
import {
  type DevicePage,
  DevicePageSchema,
  type DeviceQuery,
  type DeviceSummary,
  DeviceSummarySchema,
} from './device-summary.ts';
import { type ServerEvent, ServerEventSchema } from './event-document.ts';
import { EventStreamParser } from './event-stream-parser.ts';
import {
  type ObservationDocument,
  ObservationListSchema,
  type ObservationStarted,
  ObservationStartedSchema,
} from './observation-document.ts';
import {
  CreatedInstanceSchema,
  type CreateInput,
  type WriteInput,
  type WriteMode,
} from './write-document.ts';

/** For what goes to a device: how long the server shall wait for its answer, in seconds. Default: the server's. */
export interface DeviceCallOptions extends ApiCallOptions {
  readonly timeout?: number;
}

export interface WriteOptions extends DeviceCallOptions {
  /** Default `replace`. */
  readonly mode?: WriteMode;
}

/** A value as text or bytes, read by the rules of the Resource's type; `type` for Resources without a definition. */
export interface RawInput {
  readonly raw: string | Uint8Array;
  readonly type?: string;
}

export interface EventsOptions extends ApiCallOptions {
  /** Only events of this device. */
  readonly endpoint?: string;
  /** The id of the last event that was received, to go on from there. */
  readonly lastEventId?: string;
  /** Called when the stream is open: nothing that happens from then on is missed. */
  readonly onOpen?: () => void;
}

/** An event and the id to resume after it. */
export interface ReceivedEvent {
  readonly id: string;
  readonly event: ServerEvent;
}

/**
 * The REST interface and event stream of a running server, typed. Every method rejects with an `ApiError` when the
 * server answers with an error, with an `ApiUnreachableError` when it does not answer, with a `ProtocolError` when
 * the answer is not what the interface promises, and with the signal's reason when aborted. A path is a `Path` or
 * a text such as `/3/0/0`. Integers beyond 2^53 are `bigint`.
 */
export class DunlinApi extends CredentialCalls {
  readonly #calls: ApiCalls;

  constructor(options: Readonly<DunlinApiOptions>) {
    const calls = new ApiCalls(options);
    super(calls, '');
    this.#calls = calls;
  }

  /** One page of the registered devices, in the order of their names. */
  devices(query: Readonly<DeviceQuery> = {}, options: Readonly<ApiCallOptions> = {}): Promise<DevicePage> {
    const { prefix, contains, after, limit } = query;
    return this.#calls.json(DevicePageSchema, {
      method: 'GET',
      path: '/devices',
      query: { prefix, contains, after, limit },
      ...options,
    });
  }

  device(endpoint: string, options: Readonly<ApiCallOptions> = {}): Promise<DeviceSummary> {
    return this.#calls.json(DeviceSummarySchema, { method: 'GET', path: devicePath(endpoint), ...options });
  }

  /** Removes the registration; the device is not told. */
  async removeDevice(endpoint: string, options: Readonly<ApiCallOptions> = {}): Promise<void> {
    await this.#calls.call({ method: 'DELETE', path: devicePath(endpoint), ...options });
  }

  read(
    endpoint: string,
    path: Path | string,
    options: Readonly<DeviceCallOptions> = {},
  ): Promise<ContentDocument> {
    return this.#calls.json(ContentDocumentSchema, {
      method: 'GET',
      path: devicePath(endpoint, 'resources', path),
      query: { timeout: options.timeout },
      signal: options.signal,
    });
  }

  async write(
    endpoint: string,
    path: Path | string,
    input: WriteInput | RawInput,
    options: Readonly<WriteOptions> = {},
  ): Promise<void> {
    const raw = 'raw' in input ? input : undefined;
    await this.#calls.call({
      method: options.mode === 'update' ? 'PATCH' : 'PUT',
      path: devicePath(endpoint, 'resources', path),
      query: { timeout: options.timeout, type: raw?.type },
      signal: options.signal,
      ...(raw === undefined ? { json: input } : { raw: raw.raw }),
    });
  }

  /** Creates an Object Instance of the Object at `path`; resolves to the path of the new one. */
  async create(
    endpoint: string,
    path: Path | string,
    input: CreateInput,
    options: Readonly<DeviceCallOptions> = {},
  ): Promise<string> {
    const created = await this.#calls.json(CreatedInstanceSchema, {
      method: 'POST',
      path: devicePath(endpoint, 'resources', path),
      query: { timeout: options.timeout },
      signal: options.signal,
      json: input,
    });
    return created.path;
  }

  async delete(
    endpoint: string,
    path: Path | string,
    options: Readonly<DeviceCallOptions> = {},
  ): Promise<void> {
    await this.#toDevice('DELETE', devicePath(endpoint, 'resources', path), options);
  }

  /** `args` as on the wire, such as `0='text',1` (1.0 §5.4.5). */
  async execute(
    endpoint: string,
    path: Path | string,
    args = '',
    options: Readonly<DeviceCallOptions> = {},
  ): Promise<void> {
    await this.#calls.call({
      method: 'POST',
      path: devicePath(endpoint, 'execute', path),
      query: { timeout: options.timeout },
      signal: options.signal,
      ...(args === '' ? {} : { raw: args }),
    });
  }

  async discover(
    endpoint: string,
    path: Path | string,
    options: Readonly<DeviceCallOptions> = {},
  ): Promise<readonly DiscoverDocument[]> {
    const { links } = await this.#calls.json(DiscoverResultSchema, {
      method: 'GET',
      path: devicePath(endpoint, 'discover', path),
      query: { timeout: options.timeout },
      signal: options.signal,
    });
    return links;
  }

  async writeAttributes(
    endpoint: string,
    path: Path | string,
    change: AttributesInput,
    options: Readonly<DeviceCallOptions> = {},
  ): Promise<void> {
    await this.#calls.call({
      method: 'PUT',
      path: devicePath(endpoint, 'attributes', path),
      query: { timeout: options.timeout },
      signal: options.signal,
      json: change,
    });
  }

  async observations(
    endpoint: string,
    options: Readonly<ApiCallOptions> = {},
  ): Promise<readonly ObservationDocument[]> {
    const { observations } = await this.#calls.json(ObservationListSchema, {
      method: 'GET',
      path: `${devicePath(endpoint)}/observations`,
      ...options,
    });
    return observations;
  }

  /** Observes from now on; notifications come as events. */
  observe(
    endpoint: string,
    path: Path | string,
    options: Readonly<DeviceCallOptions & { readonly attributes?: AttributesInput }> = {},
  ): Promise<ObservationStarted> {
    return this.#calls.json(ObservationStartedSchema, {
      method: 'PUT',
      path: devicePath(endpoint, 'observations', path),
      query: { timeout: options.timeout },
      signal: options.signal,
      json: options.attributes === undefined ? {} : { attributes: options.attributes },
    });
  }

  /** Default way: `active`, which tells the device at once. */
  async cancelObservation(
    endpoint: string,
    path: Path | string,
    options: Readonly<DeviceCallOptions & { readonly way?: 'active' | 'passive' }> = {},
  ): Promise<void> {
    await this.#calls.call({
      method: 'DELETE',
      path: devicePath(endpoint, 'observations', path),
      query: { timeout: options.timeout, way: options.way },
      signal: options.signal,
    });
  }

  /** What happens from now on (or after `lastEventId`), until the connection ends, which ends the iteration. */
  async *events(options: Readonly<EventsOptions> = {}): AsyncGenerator<ReceivedEvent, void, void> {
    const answer = await this.#calls.call({
      method: 'GET',
      path: '/events',
      query: { endpoint: options.endpoint },
      signal: options.signal,
      headers: {
        accept: 'text/event-stream',
        ...(options.lastEventId === undefined ? {} : { 'last-event-id': options.lastEventId }),
      },
    });
    if (answer.body === null) throw new ProtocolError('the event stream of the server has no body');
    options.onOpen?.();
    const parser = new EventStreamParser();
    try {
      for await (const chunk of answer.body) {
        const messages = parser.push(chunk);
        if ('kind' in messages) throw new ProtocolError(`the event stream is broken: ${messages.reason}`);
        for (const { data, id } of messages) yield { id, event: parsed(ServerEventSchema, data) };
      }
    } catch (error) {
      if (error instanceof ProtocolError || options.signal?.aborted === true) throw error;
      throw new ApiUnreachableError('the connection to the server broke', { cause: error });
    }
  }

  async #toDevice(method: 'DELETE', path: string, options: Readonly<DeviceCallOptions>): Promise<void> {
    await this.#calls.call({ method, path, query: { timeout: options.timeout }, signal: options.signal });
  }
}

function devicePath(endpoint: string, family?: string, path?: Path | string): string {
  const device = `/devices/${encodeURIComponent(endpoint)}`;
  if (family === undefined || path === undefined) return device;
  const target = typeof path === 'string' ? parsePath(path) : path;
  if (target === undefined) throw new UsageError(`${JSON.stringify(path)} is not a path such as /3/0/0`);
  return `${device}/${family}${formatPath(target)}`;
}
