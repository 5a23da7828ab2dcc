import assert from 'node:assert/strict';

import {
  type IncomingResponse,
  Method,
  type Peer,
  type Request,
  type Response,
  ResponseCode,
} from '@dunlin/coap';
import type { Binding } from '@dunlin/coap';

import { linkFormat, linksOf, opaque, parseLinks } from './checks.ts';
import { CoapParty, type Received, type Watch } from './coap-party.ts';
import { NotApplicable } from './conformance-case.ts';
import type { Pace } from './pace.ts';

/** An image that has no more bytes may have come whole when a download is cut. */
const firstBlock = 1024;

/** How long a device may take for what it does by itself, in seconds. */
const deviceTime = 60;

/** A device under test: the runner is its Server. */
export class DeviceUnderTest implements AsyncDisposable {
  readonly party: CoapParty;
  readonly pace: Pace;
  #registration: Received | undefined;
  #count = 0;
  readonly #base: () => string | undefined;
  #package: Uint8Array | undefined;
  #areDownloadsCut = false;

  /** `base` gives what devices reach this runner by once it is open: `coap://192.0.2.1:5683`; `undefined` where nobody said so. */
  constructor(pace: Pace, base: () => string | undefined = () => undefined) {
    this.pace = pace;
    this.#base = base;
    this.party = new CoapParty(pace);
    this.party.answer = (received) => this.#answer(received);
  }

  open(binding: Binding): Promise<void> {
    return this.party.open(binding);
  }

  get log(): string[] {
    return this.party.log;
  }

  /** The Register that holds. */
  get registration(): Received {
    if (this.#registration === undefined) throw new Error('the device is not registered');
    return this.#registration;
  }

  get isRegistered(): boolean {
    return this.#registration !== undefined;
  }

  /** How the device proved who it is. */
  get security(): Peer['security'] {
    return this.registration.peer.security;
  }

  /** Waits until the device has registered, for so many seconds at most. */
  async registered(seconds: number): Promise<Received> {
    await this.pace.until(() => this.isRegistered, seconds);
    return this.registration;
  }

  /** The links of the registration. */
  get objects(): Readonly<Record<string, Readonly<Record<string, string>>>> {
    return parseLinks(this.registration.request.payload);
  }

  /** Ends the case where the device has not all of these instances. */
  needs(...instances: readonly string[]): void {
    const missing = instances.find((path) => !(path in this.objects));
    if (missing !== undefined) throw new NotApplicable(`the device has no ${missing}`);
  }

  /** Ends the case where the device has not all of these Resources; the paths begin with the instance. */
  async needsResources(instance: string, ...ids: readonly number[]): Promise<void> {
    this.needs(instance);
    const links = linksOf(await this.get(instance, linkFormat));
    const missing = ids.find((id) => !(`${instance}/${id}` in links));
    if (missing !== undefined) throw new NotApplicable(`the device has no ${instance}/${missing}`);
  }

  send(request: Request): Promise<IncomingResponse> {
    return this.party.request(this.#peer, request);
  }

  get(path: string, accept?: number): Promise<IncomingResponse> {
    return this.send({ method: Method.get, uriPath: segments(path), accept });
  }

  put(path: string, contentFormat: number, payload: Uint8Array): Promise<IncomingResponse> {
    return this.send({ method: Method.put, uriPath: segments(path), contentFormat, payload });
  }

  post(path: string, contentFormat?: number, payload?: Uint8Array): Promise<IncomingResponse> {
    return this.send({ method: Method.post, uriPath: segments(path), contentFormat, payload });
  }

  delete(path: string): Promise<IncomingResponse> {
    return this.send({ method: Method.delete, uriPath: segments(path) });
  }

  writeAttributes(path: string, ...uriQuery: readonly string[]): Promise<IncomingResponse> {
    return this.send({ method: Method.put, uriPath: segments(path), uriQuery });
  }

  observe(path: string, accept?: number): Promise<Watch> {
    return this.party.observe(this.#peer, { method: Method.get, uriPath: segments(path), accept });
  }

  /** The number of requests of the device so far: where `next…` begins to look. */
  get seen(): number {
    return this.party.received.length;
  }

  /** The next Update after the first `since` requests. */
  nextUpdate(since: number, seconds: number = deviceTime): Promise<Received> {
    return this.party.next(since, 'Update', isUpdate, seconds);
  }

  /** The next Register after the first `since` requests. */
  nextRegister(since: number, seconds: number = deviceTime): Promise<Received> {
    return this.party.next(since, 'Register', isRegister, seconds);
  }

  /** The next Deregister after the first `since` requests. */
  nextDeregister(since: number, seconds: number = deviceTime): Promise<Received> {
    return this.party.next(since, 'Deregister', ({ request }) => request.method === Method.delete, seconds);
  }

  /** Offers a firmware image to the device, in place of the one before: where it can be fetched, and by which protocol. */
  offer(image: Uint8Array): { readonly uri: string; readonly protocol: number } {
    const base = this.#base();
    if (base === undefined)
      throw new NotApplicable('say where the device reaches this machine: --reachable HOST');
    this.#package = image;
    return { uri: `${base}/${packageSegment}`, protocol: base.startsWith('coaps:') ? 1 : 0 };
  }

  /** Lets downloads stop after their first block, until it is disposed of. */
  cutDownloads(): Disposable {
    const { hears } = this.party;
    this.#areDownloadsCut = true;
    return {
      [Symbol.dispose]: () => {
        this.#areDownloadsCut = false;
        this.party.hears = hears;
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.party[Symbol.asyncDispose]();
  }

  get #peer(): Peer {
    const last = this.party.received.findLast(({ request }) => request.uriPath[0] === 'rd');
    assert.ok(last !== undefined, 'nothing has come from the device');
    return last.peer;
  }

  #answer(received: Received): Response | undefined {
    const { request } = received;
    if (request.uriPath[0] === packageSegment) return this.#answerDownload(received);
    if (isRegister(received)) {
      this.#count += 1;
      this.#registration = received;
      return { code: ResponseCode.created, locationPath: ['rd', String(this.#count)] };
    }
    const isCurrent = request.uriPath.join('/') === `rd/${this.#count}` && this.isRegistered;
    if (!isCurrent) return { code: ResponseCode.notFound };
    if (request.method === Method.post) return { code: ResponseCode.changed };
    this.#registration = undefined;
    return { code: ResponseCode.deleted };
  }

  /** The endpoint cuts the image into blocks. */
  #answerDownload({ peer, request }: Received): Response | undefined {
    if (this.#package === undefined || request.method !== Method.get) return { code: ResponseCode.notFound };
    if (this.#areDownloadsCut) {
      const { hears } = this.party;
      if (this.#package.length <= firstBlock || peer.key === this.registration.peer.key) return undefined;
      this.party.hears = (other) => other.key !== peer.key && hears(other);
    }
    return { code: ResponseCode.content, contentFormat: opaque, payload: this.#package };
  }
}

/** The path of a firmware image at the runner. */
const packageSegment = 'fw';

function isRegister({ request }: Received): boolean {
  return request.method === Method.post && request.uriPath.join('/') === 'rd';
}

function isUpdate({ request }: Received): boolean {
  return request.method === Method.post && /^rd\/\d+$/.test(request.uriPath.join('/'));
}

export function segments(path: string): readonly string[] {
  return path.split('/').filter((segment) => segment !== '');
}
