import { concatBytes, ProtocolError } from '@dunlin/base';
import * as Value from 'typebox/value';

import { ApiError, ApiUnreachableError, OperationQueuedError } from './api-error.ts';
import { ErrorDocumentSchema } from './error-document.ts';
import { type EventStreamMessage, EventStreamParser } from './event-stream-parser.ts';
import type { HttpAnswer, HttpBody, HttpFetch } from './http-fetch.ts';
import { parseJson, stringifyJson } from './json-text.ts';
import { OperationDocumentSchema } from './operation-document.ts';
import type { Schema } from './schema.ts';

/** Where the interface is, and who asks. */
export interface DunlinApiOptions {
  /** Where the server's HTTP interface is: `http://127.0.0.1:8080`. */
  readonly url: string | URL;
  readonly fetch: HttpFetch;
  /**
   * The token of a program, or where to get it for each request; a browser has a session instead. `undefined` for none.
   */
  readonly token?: string | (() => string | undefined | Promise<string | undefined>) | undefined;
}

/** What every call of the interface takes. */
export interface ApiCallOptions {
  readonly signal?: AbortSignal;
}

/** A request to the interface. */
export interface Call {
  readonly method: 'GET' | 'PUT' | 'PATCH' | 'POST' | 'DELETE';
  /** Below `/api/v1`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly json?: unknown;
  readonly raw?: HttpBody;
  readonly signal?: AbortSignal | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Requests to the interface, with its errors as errors and its documents checked. */
export class ApiCalls {
  readonly #base: string;
  readonly #fetch: HttpFetch;
  readonly #token: DunlinApiOptions['token'];

  constructor(options: Readonly<DunlinApiOptions>) {
    const url = new URL(options.url);
    this.#base = `${url.origin}${url.pathname.replace(/\/+$/, '')}/api/v1`;
    this.#fetch = options.fetch;
    this.#token = options.token;
  }

  /** The document of an answer. */
  async json<T>(schema: Schema<T>, call: Call): Promise<T> {
    const answer = await this.call(call);
    return parsed(schema, await this.#text(answer, call.signal));
  }

  /** The document of a device's answer; rejects with an `OperationQueuedError` when what was asked waits for it. */
  async jsonOfDevice<T>(schema: Schema<T>, call: Call): Promise<T> {
    const answer = await this.toDevice(call);
    return parsed(schema, await this.#text(answer, call.signal));
  }

  /** A device's answer; rejects with an `OperationQueuedError` when what was asked waits for it. */
  async toDevice(call: Call): Promise<HttpAnswer> {
    const answer = await this.call(call);
    if (answer.status !== 202) return answer;
    throw new OperationQueuedError(parsed(OperationDocumentSchema, await this.#text(answer, call.signal)));
  }

  /** The bytes of an answer. */
  async bytes(call: Call): Promise<Uint8Array> {
    const answer = await this.call(call);
    const chunks: Uint8Array[] = [];
    for await (const chunk of bodyOf(answer, call.signal)) chunks.push(chunk);
    return concatBytes(chunks);
  }

  /** The messages of an event stream, until it ends. */
  async *stream(call: Call, onOpen?: () => void): AsyncGenerator<EventStreamMessage, void, void> {
    const { headers } = call;
    const answer = await this.call({ ...call, headers: { ...headers, accept: 'text/event-stream' } });
    const body = bodyOf(answer, call.signal);
    onOpen?.();
    const parser = new EventStreamParser();
    for await (const chunk of body) {
      const messages = parser.push(chunk);
      if ('kind' in messages) throw new ProtocolError(`the event stream is broken: ${messages.reason}`);
      yield* messages;
    }
  }

  /** An answer that is no error. */
  async call(call: Call): Promise<HttpAnswer> {
    const url = `${this.#base}${call.path}${queryText(call.query)}`;
    const body = call.json === undefined ? call.raw : stringifyJson(call.json);
    const token = typeof this.#token === 'function' ? await this.#token() : this.#token;
    let answer: HttpAnswer;
    try {
      answer = await this.#fetch(url, {
        method: call.method,
        headers: {
          accept: 'application/json',
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...contentType(call),
          ...call.headers,
        },
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

/** The body of an answer piece by piece; rejects with `ApiUnreachableError` when the connection breaks. */
async function* bodyOf(
  { body }: HttpAnswer,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, void> {
  if (body === null) throw new ProtocolError('the answer of the server has no body');
  try {
    for await (const chunk of body) yield chunk;
  } catch (error) {
    signal?.throwIfAborted();
    throw new ApiUnreachableError('the connection to the server broke', { cause: error });
  }
}

/** The document in a text; throws a `ProtocolError` when it is not what the schema says. */
export function parsed<T>(schema: Schema<T>, text: string): T {
  const document = parseJson(text);
  if (document.kind === 'failure')
    throw new ProtocolError(`the server's answer is no JSON: ${document.reason}`);
  if (Value.Check(schema, document.value)) return document.value;
  const [problem] = Value.Errors(schema, document.value);
  throw new ProtocolError(
    `the server's answer is not as expected at ${problem?.instancePath ?? '/'}: ${problem?.message ?? ''}`,
  );
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
