import { UsageError } from '@dunlin/base';
import { formatPath, parsePath, type Path, rootPath } from '@dunlin/lwm2m';

import { AccessCalls } from './access-calls.ts';
import { type ApiCallOptions, ApiCalls, type Call, type DunlinApiOptions, parsed } from './api-calls.ts';
import { type AttributesInput, type DiscoverDocument, DiscoverResultSchema } from './attributes-document.ts';
import { type ContentDocument, ContentDocumentSchema } from './content-document.ts';
import { BootstrapCalls } from './bootstrap-calls.ts';
import { CredentialCalls } from './credential-calls.ts';
import type { DataFormat } from './data-format.ts';
import { DefinitionCalls } from './definition-calls.ts';
import { FirmwareCalls } from './firmware-calls.ts';
import { type DesiredAttributesDocument, DesiredAttributesListSchema } from './desired-document.ts';
import {
  type DeviceChange,
  type DevicePage,
  DevicePageSchema,
  type DeviceQuery,
  type DeviceSummary,
  DeviceSummarySchema,
} from './device-summary.ts';
import { type ServerEvent, ServerEventSchema } from './event-document.ts';
import { HistoryCalls } from './history-calls.ts';
import { type KnownValueDocument, KnownValuesSchema } from './known-value-document.ts';
import {
  type ObservationDocument,
  ObservationListSchema,
  type ObservationStarted,
  ObservationStartedSchema,
} from './observation-document.ts';
import { OperationsApi } from './operations-api.ts';
import { SmsCalls } from './sms-calls.ts';
import {
  type EventLogQuery,
  type EventPage,
  EventPageSchema,
  type OverviewDocument,
  OverviewSchema,
} from './overview-document.ts';
import { type PathListOptions, pathListCall } from './path-list-call.ts';
import { TraceCalls } from './trace-calls.ts';
import {
  CreatedInstanceSchema,
  type CreateInput,
  type WriteInput,
  type WriteMode,
} from './write-document.ts';

/** For what goes to a device; all in seconds. */
export interface DeviceCallOptions extends ApiCallOptions {
  /** How long the server shall wait for the answer of the device. Default: the server's. */
  readonly timeout?: number;
  /**
   * How long the server shall wait for a device that sleeps; then, and at once without it, the call rejects with an
   * `OperationQueuedError`.
   */
  readonly wait?: number;
  /** How long what is queued for a device that sleeps may wait. Default: a week. */
  readonly expires?: number;
  /** `sms`: ask by short message, at once and whatever the device sleeps, where it registered over UDP as well. */
  readonly channel?: 'sms';
}

/** For what goes to a device with content. */
export interface ContentCallOptions extends DeviceCallOptions {
  /** The format to ask for or to send in. Default: the server decides, and tries what the device can do. */
  readonly format?: DataFormat;
}

/** How something is written. */
export interface WriteOptions extends ContentCallOptions {
  /** Default `replace`. */
  readonly mode?: WriteMode;
}

/** A value as text or bytes, read by the rules of the Resource's type; `type` for Resources without a definition. */
export interface RawInput {
  readonly raw: string | Uint8Array;
  readonly type?: string;
}

/** Which events are followed, and from where. */
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
 * the answer is not what the interface promises, and with the signal's reason when aborted. What is asked of a
 * device that sleeps rejects with an `OperationQueuedError`: it was accepted, and waits. A path is a `Path` or a text
 * such as `/3/0/0`. Integers beyond 2^53 are `bigint`.
 */
export class DunlinApi extends CredentialCalls {
  /** Operations that wait for devices, and what became of them. */
  readonly operations: OperationsApi;
  /** Images of firmware, and what devices are updated to. */
  readonly firmware: FirmwareCalls;
  /** The Bootstrap-Server that runs with the server. */
  readonly bootstrap: BootstrapCalls;
  /** What the server knows of Objects. */
  readonly definitions: DefinitionCalls;
  /** The messages between the server and its devices. */
  readonly trace: TraceCalls;
  /** Short messages: their state, what was sent, and the numbers of devices. */
  readonly sms: SmsCalls;
  /** Who may use the interface. */
  readonly access: AccessCalls;
  /** The values that devices had. */
  readonly history: HistoryCalls;
  readonly #calls: ApiCalls;

  constructor(options: Readonly<DunlinApiOptions>) {
    const calls = new ApiCalls(options);
    super(calls, '');
    this.#calls = calls;
    this.operations = new OperationsApi(calls);
    this.firmware = new FirmwareCalls(calls);
    this.bootstrap = new BootstrapCalls(calls);
    this.definitions = new DefinitionCalls(calls);
    this.trace = new TraceCalls(calls);
    this.sms = new SmsCalls(calls);
    this.access = new AccessCalls(calls);
    this.history = new HistoryCalls(calls);
  }

  /** One page of the registered devices, in the order of their names. */
  devices(query: Readonly<DeviceQuery> = {}, options: Readonly<ApiCallOptions> = {}): Promise<DevicePage> {
    const { filter, prefix, contains, after, limit, offset } = query;
    return this.#calls.json(DevicePageSchema, {
      method: 'GET',
      path: '/devices',
      query: { filter, prefix, contains, after, limit, offset },
      ...options,
    });
  }

  /** What goes on at the server. */
  overview(options: Readonly<ApiCallOptions> = {}): Promise<OverviewDocument> {
    return this.#calls.json(OverviewSchema, { method: 'GET', path: '/overview', ...options });
  }

  /** Events of the past, as far as they are kept, the newest first. */
  pastEvents(
    { endpoint, type, before, limit }: Readonly<EventLogQuery> = {},
    options: Readonly<ApiCallOptions> = {},
  ): Promise<EventPage> {
    return this.#calls.json(EventPageSchema, {
      method: 'GET',
      path: '/events/log',
      query: { endpoint, type, before, limit },
      ...options,
    });
  }

  device(endpoint: string, options: Readonly<ApiCallOptions> = {}): Promise<DeviceSummary> {
    return this.#calls.json(DeviceSummarySchema, {
      method: 'GET',
      path: devicePath(endpoint),
      ...options,
    });
  }

  /** Removes the registration; the device is not told. `forget` also forgets what outlives registrations. */
  async removeDevice(
    endpoint: string,
    { signal, forget = false }: Readonly<ApiCallOptions & { readonly forget?: boolean }> = {},
  ): Promise<void> {
    const query = forget ? { forget: 'true' } : {};
    await this.#calls.call({ method: 'DELETE', path: devicePath(endpoint), query, signal });
  }

  /** Changes what the server knows of a device by itself. */
  changeDevice(
    endpoint: string,
    change: DeviceChange,
    options: Readonly<ApiCallOptions> = {},
  ): Promise<DeviceSummary> {
    return this.#calls.json(DeviceSummarySchema, {
      method: 'PATCH',
      path: devicePath(endpoint),
      json: change,
      ...options,
    });
  }

  /** Gives a device its tags, in place of those that it had. */
  setTags(
    endpoint: string,
    tags: readonly string[],
    options: Readonly<ApiCallOptions> = {},
  ): Promise<DeviceSummary> {
    return this.#calls.json(DeviceSummarySchema, {
      method: 'PUT',
      path: `${devicePath(endpoint)}/tags`,
      json: { tags },
      ...options,
    });
  }

  read(
    endpoint: string,
    path: Path | string,
    options: Readonly<ContentCallOptions> = {},
  ): Promise<ContentDocument> {
    return this.#calls.jsonOfDevice(ContentDocumentSchema, {
      method: 'GET',
      path: devicePath(endpoint, 'resources', path),
      query: contentQuery(options),
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
    await this.#calls.toDevice({
      method: options.mode === 'update' ? 'PATCH' : 'PUT',
      path: devicePath(endpoint, 'resources', path),
      query: { ...contentQuery(options), type: raw?.type },
      signal: options.signal,
      ...(raw === undefined ? { json: input } : { raw: raw.raw }),
    });
  }

  /** Creates an Object Instance of the Object at `path`; resolves to the path of the new one. */
  async create(
    endpoint: string,
    path: Path | string,
    input: CreateInput,
    options: Readonly<ContentCallOptions> = {},
  ): Promise<string> {
    const created = await this.#calls.jsonOfDevice(CreatedInstanceSchema, {
      method: 'POST',
      path: devicePath(endpoint, 'resources', path),
      query: contentQuery(options),
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
    await this.#calls.toDevice({
      method: 'DELETE',
      path: devicePath(endpoint, 'resources', path),
      query: deviceQuery(options),
      signal: options.signal,
    });
  }

  /** `args` as on the wire, such as `0='text',1` (1.0 §5.4.5). */
  async execute(
    endpoint: string,
    path: Path | string,
    args = '',
    options: Readonly<DeviceCallOptions> = {},
  ): Promise<void> {
    await this.#calls.toDevice({
      method: 'POST',
      path: devicePath(endpoint, 'execute', path),
      query: deviceQuery(options),
      signal: options.signal,
      ...(args === '' ? {} : { raw: args }),
    });
  }

  async discover(
    endpoint: string,
    path: Path | string,
    options: Readonly<DeviceCallOptions> = {},
  ): Promise<readonly DiscoverDocument[]> {
    const { links } = await this.#calls.jsonOfDevice(DiscoverResultSchema, {
      method: 'GET',
      path: devicePath(endpoint, 'discover', path),
      query: deviceQuery(options),
      signal: options.signal,
    });
    return links;
  }

  /**
   * Sets and unsets attributes for good: they are written again after each registration. `pending` when the device
   * sleeps or is not registered now.
   */
  async writeAttributes(
    endpoint: string,
    path: Path | string,
    change: AttributesInput,
    options: Readonly<DeviceCallOptions> = {},
  ): Promise<'written' | 'pending'> {
    const { status } = await this.#calls.call({
      method: 'PUT',
      path: devicePath(endpoint, 'attributes', path),
      query: { timeout: options.timeout },
      signal: options.signal,
      json: change,
    });
    return status === 202 ? 'pending' : 'written';
  }

  /** The attributes that are wished for a device. */
  async attributes(
    endpoint: string,
    options: Readonly<PathListOptions> = {},
  ): Promise<readonly DesiredAttributesDocument[]> {
    const { attributes } = await this.#calls.json(DesiredAttributesListSchema, {
      method: 'GET',
      path: `${devicePath(endpoint)}/attributes`,
      ...pathListCall(options),
    });
    return attributes;
  }

  /** Wishes no attributes at a path any more: those that were are unset. */
  async withdrawAttributes(
    endpoint: string,
    path: Path | string,
    options: Readonly<DeviceCallOptions> = {},
  ): Promise<'written' | 'pending'> {
    const { status } = await this.#calls.call({
      method: 'DELETE',
      path: devicePath(endpoint, 'attributes', path),
      query: { timeout: options.timeout },
      signal: options.signal,
    });
    return status === 202 ? 'pending' : 'written';
  }

  /** The last that is known of the Resources of a device at and below a path, whether it can be reached or not. */
  async values(
    endpoint: string,
    path: Path | string = rootPath,
    options: Readonly<PathListOptions> = {},
  ): Promise<readonly KnownValueDocument[]> {
    const { values } = await this.#calls.json(KnownValuesSchema, {
      method: 'GET',
      path: valuesPath(endpoint, path),
      ...pathListCall(options),
    });
    return values;
  }

  async observations(
    endpoint: string,
    options: Readonly<PathListOptions> = {},
  ): Promise<readonly ObservationDocument[]> {
    const { observations } = await this.#calls.json(ObservationListSchema, {
      method: 'GET',
      path: `${devicePath(endpoint)}/observations`,
      ...pathListCall(options),
    });
    return observations;
  }

  /**
   * Observes for good: again after each registration. Notifications come as events. `pending`, without content, when
   * the device sleeps or is not registered now.
   */
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

  /** Withdraws an observation. Default way: `active`, which tells the device at once, unless it sleeps. */
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
    const { endpoint, lastEventId, signal, onOpen } = options;
    const call: Call = {
      method: 'GET',
      path: '/events',
      query: { endpoint },
      signal,
      headers: lastEventId === undefined ? {} : { 'last-event-id': lastEventId },
    };
    for await (const { data, id } of this.#calls.stream(call, onOpen))
      yield { id, event: parsed(ServerEventSchema, data) };
  }
}

function contentQuery(options: Readonly<ContentCallOptions>): NonNullable<Call['query']> {
  return { ...deviceQuery(options), format: options.format };
}

function deviceQuery({
  timeout,
  wait,
  expires,
  channel,
}: Readonly<DeviceCallOptions>): NonNullable<Call['query']> {
  return { timeout, wait, expires, channel };
}

function valuesPath(endpoint: string, path: Path | string): string {
  const all = `${devicePath(endpoint)}/values`;
  const below = devicePath(endpoint, 'values', path);
  return below === `${all}/` ? all : below;
}

function devicePath(endpoint: string, family?: string, path?: Path | string): string {
  const device = `/devices/${encodeURIComponent(endpoint)}`;
  if (family === undefined || path === undefined) return device;
  const target = typeof path === 'string' ? parsePath(path) : path;
  if (target === undefined) throw new UsageError(`${JSON.stringify(path)} is not a path such as /3/0/0`);
  return `${device}/${family}${formatPath(target)}`;
}
