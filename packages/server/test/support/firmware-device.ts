import assert from 'node:assert/strict';

import { concatBytes, type Instant, milliseconds, utf8Decode } from '@dunlin/base';
import {
  type CoapEndpointOptions,
  ContentFormat,
  type IncomingRequest,
  type IncomingResponse,
  Method,
  type Response,
  ResponseCode,
  udpPeer,
} from '@dunlin/coap';
import { type Content, decodeContent, isFormatFailure, pathOf, type ResourceContent } from '@dunlin/lwm2m';
import type { SimulatedNetwork } from '@dunlin/simulation';

import { RawDevice } from './raw-device.ts';
import { contentResponse, serverAddress, single } from './test-server.ts';

/** What the Firmware Update Object of a device says (1.0 E.6). */
export interface FirmwareResources {
  state: number;
  result: number;
  packageUri: string;
  protocols: readonly number[];
  deliveryMethod: number | undefined;
}

/** How a device departs from what the enabler says. */
export interface Quirks {
  /** Answers in place of the device; `undefined` leaves it to the device. */
  answer?: (request: IncomingRequest) => Response | 'silence' | undefined;
  /** What becomes of a package that is whole: by default it is downloaded. */
  verify?: () => { state: number; result: number };
  /** Does not clear its result when it is told to forget the image. */
  keepsResult?: boolean;
  /** Does not fetch by itself what it is told to. */
  isLazy?: boolean;
  /** Called before an installation. */
  onExecute?: () => void;
  /** Cannot be observed. */
  isUnobservable?: boolean;
}

/** A device with the Firmware Update Object as 1.0 E.6 wants it, played by a CoAP endpoint; its tests say how it fails. */
export class FirmwareDevice {
  readonly raw: RawDevice;
  readonly endpointName: string;
  readonly resources: FirmwareResources = {
    state: 0,
    result: 0,
    packageUri: '',
    protocols: [0],
    deliveryMethod: 2,
  };
  quirks: Quirks = {};
  version = '1.0';
  /** What it says of its model; nothing when absent. */
  model: string | undefined;
  /** The version that an installation leads to. */
  nextVersion = '2.0';
  /** The image as far as it came. */
  image: Uint8Array = new Uint8Array(0);
  /** What the device was asked, such as `PUT /5/0/1`, the blocks of an image once. */
  readonly asked: string[] = [];
  /** Executes of `/5/0/2` that were taken. */
  installations = 0;
  readonly #network: SimulatedNetwork;
  readonly #binding: string;
  readonly #server: { readonly address: string; readonly port: number };
  #location: readonly string[] = [];
  #parts: Uint8Array[] = [];
  /** How often it started again. */
  #starts = 0;

  private constructor(
    network: SimulatedNetwork,
    raw: RawDevice,
    facts: {
      readonly endpointName: string;
      readonly binding: string;
      readonly server: { readonly address: string; readonly port: number };
    },
  ) {
    this.#network = network;
    this.#binding = facts.binding;
    this.#server = facts.server;
    this.raw = raw;
    this.endpointName = facts.endpointName;
    raw.behaviour = (request) => this.#answer(request);
  }

  static async open(
    network: SimulatedNetwork,
    facts: {
      readonly endpointName?: string;
      readonly address?: string;
      readonly binding?: string;
      readonly blockSize?: number;
      readonly port?: number;
      /** Where its server is; by default that of `openTestServer`. */
      readonly server?: { readonly address: string; readonly port: number };
    } = {},
  ): Promise<FirmwareDevice> {
    const { endpointName = 'node-1', address = '10.0.0.3', binding = 'U', blockSize = 1024 } = facts;
    const coap: Partial<CoapEndpointOptions> = {
      takesBodyInParts: (_, { uriPath }) => uriPath.join('/') === '5/0/0',
      blockwise: { blockSize },
    };
    const { port = serverAddress.port, server = { ...serverAddress, port } } = facts;
    const raw = await RawDevice.open(network, server, address, 0, coap);
    return new FirmwareDevice(network, raw, { endpointName, binding, server });
  }

  async register(links = '</1/0>,</3/0>,</5/0>'): Promise<void> {
    const query = [`ep=${this.endpointName}`, 'lt=86400', 'lwm2m=1.0', `b=${this.#binding}`];
    const { locationPath } = await this.raw.register(query, links);
    this.#location = locationPath ?? assert.fail('the Register was refused');
  }

  async update(): Promise<IncomingResponse> {
    return await this.raw.exchange({ method: Method.post, uriPath: this.#location });
  }

  /** Changes what the device says, and tells those who observe it. */
  become(change: Partial<FirmwareResources>): void {
    const before = { ...this.resources };
    Object.assign(this.resources, change);
    if (before.state !== this.resources.state) this.#notify('/5/0/3', this.resources.state);
    if (before.result !== this.resources.result) this.#notify('/5/0/5', this.resources.result);
  }

  /** The device starts again, by default with nothing of the image; it registers anew. */
  async restart(change: Partial<FirmwareResources> = { state: 0, result: 0, packageUri: '' }): Promise<void> {
    this.#starts += 1;
    this.raw.endpoint.forgetPeer(udpPeer(this.#server.address, this.#server.port), this.now);
    this.raw.relations.splice(0);
    this.raw.observers.clear();
    this.#parts = [];
    Object.assign(this.resources, change);
    await this.register();
    const { state, packageUri } = this.resources;
    if (state === 1 && packageUri !== '' && this.quirks.isLazy !== true) this.#fetchInBackground();
  }

  /** The installation that was begun succeeds: the device starts again with other firmware. */
  async installed(): Promise<void> {
    assert.equal(this.resources.state, 3);
    this.version = this.nextVersion;
    await this.restart({ state: 0, result: 1, packageUri: '' });
  }

  /** Fetches the image from where it was told to. */
  async fetch(): Promise<void> {
    const uri = new URL(this.resources.packageUri);
    assert.equal(uri.protocol, 'coap:');
    const uriPath = uri.pathname.split('/').slice(1);
    const start = this.#starts;
    const outcome = await this.raw.request({ method: Method.get, uriPath });
    if (this.resources.state !== 1 || this.#starts !== start) return;
    if (typeof outcome === 'string' || outcome.code !== ResponseCode.content) {
      this.become({ state: 0, result: typeof outcome === 'string' ? 4 : 7 });
      return;
    }
    this.image = outcome.payload;
    this.become(this.quirks.verify?.() ?? { state: 2, result: 0 });
  }

  /** Lets time pass until a condition holds. */
  async until(condition: () => boolean, limit = 600_000): Promise<void> {
    await this.#network.runUntil(condition, milliseconds(limit));
  }

  get now(): Instant {
    return this.#network.clock.now;
  }

  #notify(path: string, value: number): void {
    const relation = this.raw.observers.get(path);
    if (relation !== undefined) this.raw.notify(relation, contentResponse(path, single('integer', value)));
  }

  #answer(request: IncomingRequest): Response | 'silence' {
    const path = `/${request.uriPath.join('/')}`;
    const isFirstPart = (request.part?.offset ?? 0) === 0;
    if (isFirstPart) this.asked.push(`${methodNames[request.method]} ${path}`);
    const odd = this.quirks.answer?.(request);
    if (odd !== undefined) return odd;
    if (request.method === Method.get) return this.#read(path, request.observe === 'register');
    switch (path) {
      case '/5/0/0':
        return this.#takePackage(request);
      case '/5/0/1':
        return this.#takeUri(request);
      case '/5/0/2':
        return this.#execute();
    }
    return { code: ResponseCode.changed };
  }

  #read(path: string, isObserved: boolean): Response {
    const { state, result, packageUri, protocols, deliveryMethod } = this.resources;
    switch (path) {
      case '/5/0/3':
      case '/5/0/5':
        if (isObserved && this.quirks.isUnobservable === true) return { code: ResponseCode.methodNotAllowed };
        return contentResponse(path, single('integer', path === '/5/0/3' ? state : result));
      case '/3/0/1':
        if (this.model === undefined) return { code: ResponseCode.notFound };
        return contentResponse(path, single('string', this.model));
      case '/3/0/3':
        return contentResponse(path, single('string', this.version));
      case '/5/0': {
        const resources = new Map<number, ResourceContent>([
          [1, { kind: 'single', type: 'string', value: packageUri }],
          [3, { kind: 'single', type: 'integer', value: state }],
          [5, { kind: 'single', type: 'integer', value: result }],
        ]);
        if (protocols.length > 0)
          resources.set(8, { kind: 'multiple', type: 'integer', values: new Map(protocols.entries()) });
        if (deliveryMethod !== undefined)
          resources.set(9, { kind: 'single', type: 'integer', value: deliveryMethod });
        return contentResponse(path, { kind: 'object-instance', resources });
      }
    }
    return { code: ResponseCode.notFound };
  }

  /** R-1053, R-1056, R-1057. */
  #takePackage({ payload, part, contentFormat }: IncomingRequest): Response {
    const { state } = this.resources;
    if (state === 3) return { code: ResponseCode.methodNotAllowed };
    const isReset = part === undefined && payload.length <= 4 && payload.at(-1) === 0;
    if (isReset) return this.#forget();
    if (part === undefined) {
      if (state !== 0) return { code: ResponseCode.badRequest };
      assert.equal(contentFormat, ContentFormat.opaque);
      this.image = payload;
      this.become({ state: 1, result: 0 });
      this.become(this.quirks.verify?.() ?? { state: 2, result: 0 });
      return { code: ResponseCode.changed };
    }
    if (part.offset === 0) {
      if (state !== 0) return { code: ResponseCode.badRequest };
      this.#parts = [];
      this.become({ state: 1, result: 0 });
    }
    if (this.resources.state !== 1) return { code: ResponseCode.requestEntityIncomplete };
    this.#parts.push(payload);
    if (!part.isLast) return { code: ResponseCode.continue };
    this.image = concatBytes(this.#parts);
    this.become(this.quirks.verify?.() ?? { state: 2, result: 0 });
    return { code: ResponseCode.changed };
  }

  #takeUri({ payload, contentFormat }: IncomingRequest): Response {
    const uri = textOf(payload, contentFormat);
    if (this.resources.state === 3) return { code: ResponseCode.methodNotAllowed };
    if (uri === '') return this.#forget();
    if (this.resources.state !== 0) return { code: ResponseCode.badRequest };
    this.resources.packageUri = uri;
    if (this.quirks.isLazy === true) return { code: ResponseCode.changed };
    this.become({ state: 1, result: 0 });
    this.#fetchInBackground();
    return { code: ResponseCode.changed };
  }

  #fetchInBackground(): void {
    this.fetch().catch(() => this.become({ state: 0, result: 7 }));
  }

  #forget(): Response {
    this.#parts = [];
    const result = this.quirks.keepsResult === true ? this.resources.result : 0;
    this.become({ state: 0, result, packageUri: '' });
    return { code: ResponseCode.changed };
  }

  #execute(): Response {
    if (this.resources.state !== 2) return { code: ResponseCode.methodNotAllowed };
    this.quirks.onExecute?.();
    this.installations += 1;
    this.become({ state: 3, result: 0 });
    return { code: ResponseCode.changed };
  }
}

const methodNames: Readonly<Record<number, string>> = {
  [Method.get]: 'GET',
  [Method.post]: 'POST',
  [Method.put]: 'PUT',
};

function textOf(payload: Uint8Array, contentFormat: number | undefined): string {
  if (contentFormat === undefined) throw new Error('a Write without a format');
  const content: Content | ReturnType<typeof decodeContent> = decodeContent(
    contentFormat,
    pathOf(5, 0, 1),
    payload,
    undefined,
  );
  if (isFormatFailure(content) || content.kind !== 'resource' || content.resource.kind !== 'single')
    throw new Error('a URI that is none');
  const { value } = content.resource;
  return typeof value === 'string'
    ? value
    : (utf8Decode(value instanceof Uint8Array ? value : payload) ?? '');
}
