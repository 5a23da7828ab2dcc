import { FirmwareUpdateResult } from '@dunlin/lwm2m';

import { firmwareErrorFrom } from './firmware-error.ts';
import type { FirmwareStorage } from './firmware-storage.ts';

/** Lets one call after the other at a storage, and none of what has been given up meanwhile. */
export class FirmwareStorageAccess {
  readonly #storage: FirmwareStorage;
  #turn: Promise<void> = Promise.resolve();

  constructor(storage: FirmwareStorage) {
    this.#storage = storage;
  }

  /** Resolves when all calls so far are over. */
  get idle(): Promise<void> {
    return this.#turn;
  }

  size(signal: AbortSignal): Promise<number> {
    return this.#use(signal, () => this.#storage.size());
  }

  append(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    return this.#use(signal, () => this.#storage.append(bytes));
  }

  sync(signal: AbortSignal): Promise<void> {
    return this.#use(signal, () => this.#storage.sync());
  }

  clear(signal: AbortSignal): Promise<void> {
    return this.#use(signal, () => this.#storage.clear());
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
