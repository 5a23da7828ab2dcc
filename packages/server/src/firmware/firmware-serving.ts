import { hexDecode } from '@dunlin/base';
import {
  blockwiseLimitsDefaults,
  ContentFormat,
  type IncomingRequest,
  Method,
  type Response,
  ResponseCode,
} from '@dunlin/coap';

import type { Call } from '../listener.ts';
import type { Registration } from '../registration.ts';
import { samePrincipal } from '../same-principal.ts';
import type { ServerContext } from '../server-context.ts';
import type { ActiveUpdate } from './active-update.ts';
import type { FirmwareImageStore } from './firmware-image-store.ts';
import type { FirmwareRecords } from './firmware-records.ts';
import type { FirmwareUpdate } from './firmware-update.ts';
import { usesQueueMode } from '@dunlin/lwm2m';

/** An image as one device may fetch it. */
export interface FirmwareDownload {
  readonly endpointName: string;
  readonly image: FirmwareUpdate['image'];
  /** Bytes from `offset`, fewer only at the end. They count as fetched. Rejects with a `StorageError`. */
  read(offset: number, length: number): Promise<Uint8Array>;
}

/**
 * Gives images to the devices that are to fetch them, piece by piece and at random: nothing is kept of a transfer, so
 * that it goes on over restarts of either side (RFC 7959 §2.4). Who knows the URI has it from us, as nobody guesses it;
 * over DTLS it also has to be the device itself.
 */
export class FirmwareServing {
  readonly #context: ServerContext;
  readonly #images: FirmwareImageStore;
  readonly #records: FirmwareRecords;
  readonly #blockSize: number;

  constructor(parts: {
    readonly context: ServerContext;
    readonly images: FirmwareImageStore;
    readonly records: FirmwareRecords;
    /** The largest block of the CoAP layer. */
    readonly blockSize: number | undefined;
  }) {
    this.#context = parts.context;
    this.#images = parts.images;
    this.#records = parts.records;
    this.#blockSize = parts.blockSize ?? blockwiseLimitsDefaults.blockSize;
  }

  /** The image behind a token, as long as a device is to fetch it. */
  find(token: string): FirmwareDownload | undefined {
    const active = this.#records.findByToken(token);
    if (active === undefined) return undefined;
    const { endpointName, image } = active.update;
    return { endpointName, image, read: (offset, length) => this.#read(active, offset, length) };
  }

  /** The answer to a request for `/fw/{token}`; why it is refused is its diagnostic text. */
  async answer({ peer, request, listener }: Call): Promise<{
    readonly response: Response;
    readonly isAddressVerified?: boolean;
  }> {
    const [, token = '', ...rest] = request.uriPath;
    const active = rest.length === 0 ? this.#records.findByToken(token) : undefined;
    if (active === undefined) return { response: { code: ResponseCode.notFound } };
    const registration = await this.#context.store.findByEndpoint(active.endpointName);
    const isSecured = registration !== undefined && registration.peer.security.kind !== 'none';
    if (isSecured && peer.security.kind !== 'none' && !samePrincipal(peer, registration.peer))
      return { response: { code: ResponseCode.forbidden } };
    if (request.method !== Method.get) return { response: { code: ResponseCode.methodNotAllowed } };
    if (request.accept !== undefined && request.accept !== ContentFormat.opaque)
      return { response: { code: ResponseCode.notAcceptable } };
    const response = await this.#block(active, request);
    if (registration === undefined) return { response };
    if (registration.peer.key === peer.key) this.#heard(registration, listener.now());
    // The device has the token from us at its address, from whatever port it asks.
    return { response, isAddressVerified: registration.peer.address === peer.address };
  }

  async #block(active: ActiveUpdate, { askedSlice }: IncomingRequest): Promise<Response> {
    const { image } = active.update;
    const { offset, length } = askedSlice ?? { offset: 0, length: this.#blockSize };
    if (offset >= image.size) return { code: ResponseCode.badRequest };
    const payload = await this.#read(active, offset, length);
    return {
      code: ResponseCode.content,
      contentFormat: ContentFormat.opaque,
      payload,
      etag: hexDecode(image.id.slice(0, entityTagDigits)),
      bodySlice: { offset, total: image.size },
    };
  }

  async #read(active: ActiveUpdate, offset: number, length: number): Promise<Uint8Array> {
    const bytes = await this.#images.read(active.update.image.id, offset, length);
    this.#records.progressed(active, offset + bytes.length);
    return bytes;
  }

  #heard({ endpointName, bindingMode }: Registration, now: ReturnType<Call['listener']['now']>): void {
    this.#context.presence.messageHeard(endpointName, usesQueueMode(bindingMode), now);
  }
}

/** An ETag has up to 8 bytes (RFC 7252 §5.10.6). */
const entityTagDigits = 16;
