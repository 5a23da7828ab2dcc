import { addDuration, type Instant, noBytes, utf8Decode, utf8Encode } from '@dunlin/base';
import {
  type Binding,
  CoapEndpoint,
  type CoapOutput,
  ContentFormat,
  type Driven,
  type ExchangeId,
  formatCode,
  type IncomingRequest,
  type IncomingResponse,
  Method,
  type ObservationId,
  type OutgoingDatagram,
  type Peer,
  type Request,
  type RequestId,
  type Response,
  ResponseCode,
  type Shell,
} from '@dunlin/coap';
import {
  type Content,
  decodeContent,
  isFormatFailure,
  type ObjectDefinitions,
  parsePath,
} from '@dunlin/lwm2m';
import { milliseconds } from '@dunlin/base';

import type { Answer, Asked, KnownRegistration, Manager, Notified, Watch } from './manager.ts';

interface Registered extends KnownRegistration {
  readonly peer: Peer;
  readonly expiresAt: Instant;
}

interface RawWatch extends Watch {
  readonly id: ObservationId;
  readonly notified: Notified[];
  readonly started: () => void;
}

/** A Server made of a CoAP endpoint and nothing else: it takes registrations, and sends what a case asks for byte by byte. */
export class RawManager implements Manager, Driven {
  readonly #now: () => Instant;
  readonly #watches = new Map<ObservationId, RawWatch>();
  readonly #answers = new Map<RequestId, (response: IncomingResponse | string) => void>();
  #registered: Registered | undefined;
  #count = 0;
  #coap: CoapEndpoint | undefined;
  #shell: Shell | undefined;
  #definitions: ObjectDefinitions | undefined;

  constructor(now: () => Instant) {
    this.#now = now;
  }

  async open(binding: Binding, definitions: ObjectDefinitions): Promise<void> {
    this.#definitions = definitions;
    const shell = await binding.open(this);
    this.#coap = new CoapEndpoint({ random: shell.random });
    this.#shell = shell;
  }

  registration(): Promise<KnownRegistration | undefined> {
    const isAlive = this.#registered !== undefined && this.#registered.expiresAt > this.#now();
    return Promise.resolve(isAlive ? this.#registered : undefined);
  }

  forget(): Promise<void> {
    this.#registered = undefined;
    return Promise.resolve();
  }

  async perform(asked: Asked): Promise<Answer> {
    return this.#answerFrom(await this.send(requestFor(asked)), asked);
  }

  /** Sends any request to the device; throws when nothing comes back. */
  async send(request: Request): Promise<IncomingResponse> {
    const { promise, resolve } = Promise.withResolvers<IncomingResponse | string>();
    this.#answers.set(this.#endpoint().request(this.#device(), request, this.#now()), resolve);
    this.#shell?.flush();
    const response = await promise;
    if (typeof response === 'string') throw new Error(`no answer: ${response}`);
    return response;
  }

  async observe(path: string): Promise<Watch> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const request: Request = { method: Method.get, uriPath: segments(path), accept: ContentFormat.tlv };
    const id = this.#endpoint().observe(this.#device(), request, this.#now());
    const watch: RawWatch = { id, path, notified: [], started: resolve };
    this.#watches.set(id, watch);
    this.#shell?.flush();
    await promise;
    return watch;
  }

  cancel(watch: Watch, way: 'active' | 'passive'): Promise<void> {
    const raw = [...this.#watches.values()].find((each) => each === watch);
    if (raw === undefined) throw new Error('not a watch of this manager');
    this.#endpoint().cancelObservation(raw.id, way, this.#now());
    this.#shell?.flush();
    return Promise.resolve();
  }

  get deadline(): Instant | undefined {
    return this.#coap?.deadline;
  }

  handle(datagram: Uint8Array, peer: Peer, now: Instant): void {
    this.#coap?.handle(datagram, peer, now);
  }

  wake(now: Instant): void {
    this.#coap?.wake(now);
  }

  poll(): OutgoingDatagram | undefined {
    for (;;) {
      const output = this.#coap?.poll();
      if (output === undefined || output.kind === 'transmit') return output;
      this.#take(output);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#shell?.[Symbol.asyncDispose]();
  }

  #take(output: Exclude<CoapOutput, { kind: 'transmit' }>): void {
    switch (output.kind) {
      case 'request':
        this.#serve(output.exchange, output.peer, output.request);
        break;
      case 'response':
        this.#answers.get(output.request)?.(output.response);
        break;
      case 'request-failed':
        this.#answers.get(output.request)?.(output.reason);
        break;
      case 'notification': {
        const watch = this.#watches.get(output.observation);
        const content = watch && this.#contentOf(watch.path, output.response);
        if (watch === undefined || content === undefined) throw new Error('an odd notification');
        watch.notified.push({ at: this.#now(), content });
        watch.started();
        break;
      }
      case 'observation-ended':
      case 'relation-ended':
      case 'notification-acknowledged':
      case 'pong':
        break;
    }
  }

  #serve(exchange: ExchangeId, peer: Peer, request: IncomingRequest): void {
    const location = `/${request.uriPath.join('/')}`;
    const lifetime = request.uriQuery.find((query) => query.startsWith('lt='))?.slice(3);
    let response: Response = { code: ResponseCode.notFound };
    if (location === '/rd' && request.method === Method.post) {
      this.#count += 1;
      response = { code: ResponseCode.created, locationPath: ['rd', String(this.#count)] };
      this.#register(`/rd/${this.#count}`, peer, Number(lifetime ?? 86_400));
    } else if (location === this.#registered?.location) {
      const isUpdate = request.method === Method.post;
      response = { code: isUpdate ? ResponseCode.changed : ResponseCode.deleted };
      if (isUpdate) this.#register(location, peer, Number(lifetime ?? this.#registered.lifetime));
      else this.#registered = undefined;
    }
    this.#endpoint().respond(exchange, response, this.#now());
  }

  #register(location: string, peer: Peer, lifetime: number): void {
    const expiresAt = addDuration(this.#now(), milliseconds(lifetime * 1000));
    this.#registered = { location, peer, lifetime, expiresAt };
  }

  #answerFrom(response: IncomingResponse, asked: Asked): Answer {
    const { payload, contentFormat, locationPath } = response;
    const isContent = asked.kind === 'read' && response.code === ResponseCode.content;
    return {
      code: formatCode(response.code),
      contentFormat,
      payload,
      text: utf8Decode(payload) ?? '',
      content: isContent ? this.#contentOf(asked.path, response) : undefined,
      location: locationPath === undefined ? undefined : `/${locationPath.join('/')}`,
    };
  }

  #contentOf(pathText: string, { contentFormat, payload }: IncomingResponse): Content | undefined {
    const path = parsePath(pathText);
    if (path === undefined || path.kind === 'root' || contentFormat === undefined) return undefined;
    const content = decodeContent(contentFormat, path, payload, this.#definitions?.find(path.objectId));
    if (isFormatFailure(content)) throw new Error(`${pathText}: ${content.reason}`);
    return content;
  }

  #endpoint(): CoapEndpoint {
    if (this.#coap === undefined) throw new Error('the manager is not open');
    return this.#coap;
  }

  #device(): Peer {
    if (this.#registered === undefined) throw new Error('no device is registered');
    return this.#registered.peer;
  }
}

/** The CoAP request of an operation (1.0 §8.2.5 Table 25). */
function requestFor(asked: Asked): Request {
  const uriPath = segments(asked.path);
  switch (asked.kind) {
    case 'read':
      return { method: Method.get, uriPath, accept: asked.accept };
    case 'discover':
      return { method: Method.get, uriPath, accept: ContentFormat.linkFormat };
    case 'write': {
      const method = asked.mode === 'replace' ? Method.put : Method.post;
      return { method, uriPath, contentFormat: asked.format, payload: asked.payload };
    }
    case 'write-attributes':
      return { method: Method.put, uriPath, uriQuery: asked.query };
    case 'execute':
      return asked.args === undefined
        ? { method: Method.post, uriPath, payload: noBytes }
        : {
            method: Method.post,
            uriPath,
            contentFormat: ContentFormat.text,
            payload: utf8Encode(asked.args),
          };
    case 'create':
      return { method: Method.post, uriPath, contentFormat: asked.format, payload: asked.payload };
    case 'delete':
      return { method: Method.delete, uriPath };
  }
}

/** The segments of a path such as `/3/0`. */
export function segments(path: string): readonly string[] {
  return path.split('/').filter((segment) => segment !== '');
}
