import { FirmwareUpdateResult } from '@dunlin/lwm2m';

import { firmwareErrorFrom } from './firmware-error.ts';
import type { FirmwareImage } from './firmware-image.ts';

/** Lets one call after the other at an image, and none of what has been given up meanwhile. */
export class FirmwareImageAccess {
  readonly #image: FirmwareImage;
  #turn: Promise<void> = Promise.resolve();

  constructor(image: FirmwareImage) {
    this.#image = image;
  }

  size(signal: AbortSignal): Promise<number> {
    return this.#use(signal, () => this.#image.size());
  }

  append(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    return this.#use(signal, () => this.#image.append(bytes));
  }

  sync(signal: AbortSignal): Promise<void> {
    return this.#use(signal, () => this.#image.sync());
  }

  clear(signal: AbortSignal): Promise<void> {
    return this.#use(signal, () => this.#image.clear());
  }

  async #use<T>(signal: AbortSignal, call: () => Promise<T>): Promise<T> {
    const earlier = this.#turn;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#turn = promise;
    try {
      await earlier;
      signal.throwIfAborted();
      return await call();
    } catch (error) {
      throw signal.aborted ? error : firmwareErrorFrom(error, FirmwareUpdateResult.notEnoughFlash);
    } finally {
      resolve();
    }
  }
}
