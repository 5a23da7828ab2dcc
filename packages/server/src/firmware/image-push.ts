import type { BodySource, IncomingResponse } from '@dunlin/coap';
import { codeClass, ContentFormat, diagnosticText, ResponseCode } from '@dunlin/coap';
import { pathOf, requestForOperation } from '@dunlin/lwm2m';
import { StorageError } from '@dunlin/base';

import type { DeviceSessions } from '../device-session.ts';
import { ResponseError } from '../errors.ts';
import type { Registration } from '../registration.ts';
import { type ActiveUpdate, transferOf } from './active-update.ts';
import type { DeviceTurns } from './device-turns.ts';
import type { FirmwareImageStore } from './firmware-image-store.ts';
import type { FirmwareRecords } from './firmware-records.ts';

/** How a push ended; what interrupts it rejects, and it goes on from there. */
export type PushOutcome =
  /** The device has every byte. */
  | { readonly kind: 'whole' }
  /** The device wants it from the beginning (RFC 7959 §2.9.2). */
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'refused'; readonly error: ResponseError }
  | { readonly kind: 'unreadable'; readonly message: string };

/**
 * How much is sent by one request of ours: four blocks of the largest size, so that what else is asked of the device
 * has its turn in between.
 */
const sliceLength = 4096;

/** Writes images to `/5/0/0` block by block; one slice of an image is in memory at a time (R-1054). */
export class ImagePush {
  readonly #images: FirmwareImageStore;
  readonly #sessions: DeviceSessions;
  readonly #turns: DeviceTurns;
  readonly #records: FirmwareRecords;

  constructor(parts: {
    readonly images: FirmwareImageStore;
    readonly sessions: DeviceSessions;
    readonly turns: DeviceTurns;
    readonly records: FirmwareRecords;
  }) {
    this.#images = parts.images;
    this.#sessions = parts.sessions;
    this.#turns = parts.turns;
    this.#records = parts.records;
  }

  /** Goes on where the device is. */
  async run(active: ActiveUpdate, registration: Registration, signal: AbortSignal): Promise<PushOutcome> {
    const { image, endpointName } = active.update;
    for (let isResumed = true; ; isResumed = false) {
      const transfer = transferOf(active.update);
      if (transfer?.method !== 'push' || transfer.sent >= image.size) return { kind: 'whole' };
      const { sent } = transfer;
      const bytes = await this.#read(image.id, sent);
      if (typeof bytes === 'string') return { kind: 'unreadable', message: bytes };
      const body = new AcknowledgedSlice(bytes, (offset) => this.#records.progressed(active, sent + offset));
      const response = await this.#send(active, registration, { body, offset: sent }, signal);
      // Some devices have no other word for a block in the middle of what they do not know.
      const isUnknown = isResumed && sent > 0 && response.code === ResponseCode.badRequest;
      if (isUnknown || response.code === ResponseCode.requestEntityIncomplete) return { kind: 'incomplete' };
      if (codeClass(response.code) !== 2) {
        const refusal = { code: response.code, diagnostic: diagnosticText(response) };
        return { kind: 'refused', error: new ResponseError(endpointName, 'the image', refusal) };
      }
      this.#records.progressed(active, sent + bytes.length);
    }
  }

  async #read(id: string, offset: number): Promise<Uint8Array | string> {
    try {
      return await this.#images.read(id, offset, sliceLength);
    } catch (error) {
      if (error instanceof StorageError) return error.message;
      throw error;
    }
  }

  async #send(
    { update: { image, delivery } }: ActiveUpdate,
    registration: Registration,
    { body, offset }: { readonly body: BodySource; readonly offset: number },
    signal: AbortSignal,
  ): Promise<IncomingResponse> {
    const operation = {
      name: 'write-replace',
      path: pathOf(5, 0, 0),
      contentFormat: ContentFormat.opaque,
      payload: body,
    } as const;
    const { blockSize } = delivery;
    const travel = {
      bodySlice: { offset, total: image.size },
      ...(blockSize === undefined ? {} : { uploadBlockSize: blockSize }),
    };
    return await this.#turns.run(registration, signal, (present, wait) =>
      this.#sessions.request(present, requestForOperation(operation, present.rootPath), { ...wait, travel }),
    );
  }
}

/** A slice of an image. When a block of it is asked for, the device has acknowledged all before that. */
class AcknowledgedSlice implements BodySource {
  readonly length: number;
  readonly #bytes: Uint8Array;
  readonly #onAcknowledged: (offset: number) => void;

  constructor(bytes: Uint8Array, onAcknowledged: (offset: number) => void) {
    this.length = bytes.length;
    this.#bytes = bytes;
    this.#onAcknowledged = onAcknowledged;
  }

  read(offset: number, length: number): Uint8Array {
    if (offset > 0) this.#onAcknowledged(offset);
    return this.#bytes.subarray(offset, offset + length);
  }
}
