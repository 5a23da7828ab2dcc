import { ProtocolError, UsageError } from '@dunlin/base';
import { formatPath, parsePath, type Path } from '@dunlin/lwm2m';
import * as Value from 'typebox/value';

import { ApiError, ApiUnreachableError } from './api-error.ts';
import { type AttributesInput, type DiscoverDocument, DiscoverResultSchema } from './attributes-document.ts';
import { type ContentDocument, ContentDocumentSchema } from './content-document.ts';
import {
  type CredentialAdded,
  CredentialAddedSchema,
  type CredentialDocument,
  CredentialDocumentSchema,
  type CredentialInput,
  type CredentialPage,
  CredentialPageSchema,
  type CredentialQuery,
  type ServerIdentityDocument,
  ServerIdentitySchema,
} from './credential-document.ts';
import {
  type DevicePage,
  DevicePageSchema,
  type DeviceQuery,
  type DeviceSummary,
  DeviceSummarySchema,
} from './device-summary.ts';
import { ErrorDocumentSchema } from './error-document.ts';
import { type ServerEvent, ServerEventSchema } from './event-document.ts';
import { EventStreamParser } from './event-stream-parser.ts';
import type { HttpAnswer, HttpFetch } from './http-fetch.ts';
import { parseJson, stringifyJson } from './json-text.ts';
import {
  type ObservationDocument,
  ObservationListSchema,
  type ObservationStarted,
  ObservationStartedSchema,
} from './observation-document.ts';
import type { Schema } from './schema.ts';
import {
  CreatedInstanceSchema,
  type CreateInput,
  type WriteInput,
  type WriteMode,
} from './write-document.ts';

export interface DunlinApiOptions {
  /** Where the server's HTTP interface is: `http://127.0.0.1:8080`. */
  readonly url: string | URL;
  readonly fetch: HttpFetch;
}

export interface ApiCallOptions {
  readonly signal?: AbortSignal;
}

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

interface Call {
  readonly method: 'GET' | 'PUT' | 'PATCH' | 'POST' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly json?: unknown;
  readonly raw?: string | Uint8Array;
  readonly signal?: AbortSignal | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * The REST interface and event stream of a running server, typed. Every method rejects with an `ApiError` when the
 * server answers with an error, with an `ApiUnreachableError` when it does not answer, with a `ProtocolError` when
 * the answer is not what the interface promises, and with the signal's reason when aborted. A path is a `Path` or
 * a text such as `/3/0/0`. Integers beyond 2^53 are `bigint`.
 */
export class DunlinApi {
  readonly #base: string;
  readonly #fetch: HttpFetch;

  constructor(options: Readonly<DunlinApiOptions>) {
    const url = new URL(options.url);
    this.#base = `${url.origin}${url.pathname.replace(/\/+$/, '')}/api/v1`;
    this.#fetch = options.fetch;
  }

  /** One page of the registered devices, in the order of their names. */
  devices(query: Readonly<DeviceQuery> = {}, options: Readonly<ApiCallOptions> = {}): Promise<DevicePage> {
    const { prefix, contains, after, limit } = query;
    return this.#json(DevicePageSchema, {
      method: 'GET',
      path: '/devices',
      query: { prefix, contains, after, limit },
      ...options,
    });
  }

  device(endpoint: string, options: Readonly<ApiCallOptions> = {}): Promise<DeviceSummary> {
    return this.#json(DeviceSummarySchema, { method: 'GET', path: devicePath(endpoint), ...options });
  }

  /** Removes the registration; the device is not told. */
  async removeDevice(endpoint: string, options: Readonly<ApiCallOptions> = {}): Promise<void> {
    await this.#call({ method: 'DELETE', path: devicePath(endpoint), ...options });
  }

  read(
    endpoint: string,
    path: Path | string,
    options: Readonly<DeviceCallOptions> = {},
  ): Promise<ContentDocument> {
    return this.#json(ContentDocumentSchema, {
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
    await this.#call({
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
    const created = await this.#json(CreatedInstanceSchema, {
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
    await this.#call({
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
    const { links } = await this.#json(DiscoverResultSchema, {
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
    await this.#call({
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
    const { observations } = await this.#json(ObservationListSchema, {
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
    return this.#json(ObservationStartedSchema, {
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
    await this.#call({
      method: 'DELETE',
      path: devicePath(endpoint, 'observations', path),
      query: { timeout: options.timeout, way: options.way },
      signal: options.signal,
    });
  }

  /** One page of the credentials of devices, ordered by endpoint name and id. */
  credentials(
    query: Readonly<CredentialQuery> = {},
    options: Readonly<ApiCallOptions> = {},
  ): Promise<CredentialPage> {
    const { endpoint, after, limit } = query;
    return this.#json(CredentialPageSchema, {
      method: 'GET',
      path: '/credentials',
      query: { endpoint, after, limit },
      ...options,
    });
  }

  credential(id: string, options: Readonly<ApiCallOptions> = {}): Promise<CredentialDocument> {
    return this.#json(CredentialDocumentSchema, { method: 'GET', path: credentialPath(id), ...options });
  }

  /** Lets a device prove itself with something, in place of what it had with the same identity, key or certificate. */
  addCredential(input: CredentialInput, options: Readonly<ApiCallOptions> = {}): Promise<CredentialAdded> {
    return this.#json(CredentialAddedSchema, {
      method: 'POST',
      path: '/credentials',
      json: input,
      ...options,
    });
  }

  /** Removes a credential; what it was the proof for ends. */
  async removeCredential(id: string, options: Readonly<ApiCallOptions> = {}): Promise<void> {
    await this.#call({ method: 'DELETE', path: credentialPath(id), ...options });
  }

  /** What devices have to know of the server to trust it. */
  serverIdentity(options: Readonly<ApiCallOptions> = {}): Promise<ServerIdentityDocument> {
    return this.#json(ServerIdentitySchema, { method: 'GET', path: '/server-identity', ...options });
  }

  /** What happens from now on (or after `lastEventId`), until the connection ends, which ends the iteration. */
  async *events(options: Readonly<EventsOptions> = {}): AsyncGenerator<ReceivedEvent, void, void> {
    const answer = await this.#call({
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
    await this.#call({ method, path, query: { timeout: options.timeout }, signal: options.signal });
  }

  async #json<T>(schema: Schema<T>, call: Call): Promise<T> {
    const answer = await this.#call(call);
    return parsed(schema, await this.#text(answer, call.signal));
  }

  async #call(call: Call): Promise<HttpAnswer> {
    const url = `${this.#base}${call.path}${queryText(call.query)}`;
    const body = call.json === undefined ? call.raw : stringifyJson(call.json);
    let answer: HttpAnswer;
    try {
      answer = await this.#fetch(url, {
        method: call.method,
        headers: { accept: 'application/json', ...contentType(call), ...call.headers },
        ...(body === undefined ? {} : { body }),
        ...(call.signal === undefined ? {} : { signal: call.signal }),
      });
    } catch (error) {
      call.signal?.throwIfAborted();
      throw new ApiUnreachableError(`no server answers at ${this.#base}`, { cause: error });
    }
    if (answer.status < 400) return answer;
    throw apiError(answer.status, await this.#text(answer, call.signal));
  }

  async #text(answer: HttpAnswer, signal: AbortSignal | undefined): Promise<string> {
    try {
      return await answer.text();
    } catch (error) {
      signal?.throwIfAborted();
      throw new ApiUnreachableError('the connection to the server broke', { cause: error });
    }
  }
}

function credentialPath(id: string): string {
  return `/credentials/${encodeURIComponent(id)}`;
}

function devicePath(endpoint: string, family?: string, path?: Path | string): string {
  const device = `/devices/${encodeURIComponent(endpoint)}`;
  if (family === undefined || path === undefined) return device;
  const target = typeof path === 'string' ? parsePath(path) : path;
  if (target === undefined) throw new UsageError(`${JSON.stringify(path)} is not a path such as /3/0/0`);
  return `${device}/${family}${formatPath(target)}`;
}

function queryText(query: Call['query']): string {
  const pairs = Object.entries(query ?? {}).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${encodeURIComponent(String(value))}`],
  );
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}

function contentType(call: Call): Record<string, string> {
  if (call.json !== undefined) return { 'content-type': 'application/json' };
  if (call.raw === undefined) return {};
  return {
    'content-type': typeof call.raw === 'string' ? 'text/plain; charset=utf-8' : 'application/octet-stream',
  };
}

function parsed<T>(schema: Schema<T>, text: string): T {
  const document = parseJson(text);
  if (document.kind === 'failure')
    throw new ProtocolError(`the server's answer is no JSON: ${document.reason}`);
  if (Value.Check(schema, document.value)) return document.value;
  const [problem] = Value.Errors(schema, document.value);
  throw new ProtocolError(
    `the server's answer is not as expected at ${problem?.instancePath ?? '/'}: ${problem?.message ?? ''}`,
  );
}

function apiError(status: number, text: string): ApiError {
  const document = parseJson(text);
  if (document.kind === 'json' && Value.Check(ErrorDocumentSchema, document.value)) {
    return new ApiError(status, document.value);
  }
  return new ApiError(status, {
    error: status === 404 ? 'not-found' : status < 500 ? 'bad-request' : 'internal',
    message: `the server answered ${status} without saying why; is it a Dunlin server?`,
  });
}
