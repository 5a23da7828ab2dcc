import { utf8Encode } from '@dunlin/base';
import { FirmwareUpdateResult } from '@dunlin/lwm2m';

import type { FirmwareDownloader } from './firmware-downloader.ts';
import { connectionLost, FirmwareError, firmwareErrorFrom } from './firmware-error.ts';
import { FirmwareStorageAccess } from './firmware-storage-access.ts';
import type { FirmwareStorage } from './firmware-storage.ts';
import type { FirmwareStatusBoard } from './firmware-status-board.ts';
import type { FirmwarePackage } from './firmware-status.ts';

/** Says whose package it is when it is whole, or throws a `FirmwareError` that says why it is none. */
export type FirmwareVerifier = (
  storage: FirmwareStorage,
) => Promise<FirmwarePackage | void> | FirmwarePackage | void;

/** What an intake works with. */
export interface FirmwareIntakeParts {
  readonly storage: FirmwareStorage;
  readonly downloader: FirmwareDownloader | undefined;
  readonly maximumSize: number;
  readonly verify: FirmwareVerifier;
  /** Is called whenever bytes have come in. */
  readonly progressed: () => void;
}

/** Brings a package into the storage, however it comes, and judges it when it is whole. */
export class FirmwareIntake {
  readonly #parts: FirmwareIntakeParts;
  readonly #board: FirmwareStatusBoard;
  readonly #storage: FirmwareStorageAccess;
  #received = 0;

  constructor(parts: FirmwareIntakeParts, board: FirmwareStatusBoard) {
    this.#parts = parts;
    this.#board = board;
    this.#storage = new FirmwareStorageAccess(parts.storage);
  }

  /** Bytes of the package that are in the storage. */
  get received(): number {
    return this.#received;
  }

  /** Resolves when the storage has done what it was asked for so far. */
  get idle(): Promise<void> {
    return this.#storage.idle;
  }

  /**
   * Drops what is in the storage, once it is saved that it is of no use: a device that goes off before would take what
   * comes in next for the package that it knows.
   */
  async clear(signal: AbortSignal): Promise<void> {
    await this.#board.saved;
    await this.#storage.clear(signal);
    this.#received = 0;
  }

  /** Adds bytes; `size` is what the whole package is said to have. */
  async take(bytes: Uint8Array, size: number | undefined, signal: AbortSignal): Promise<void> {
    const received = this.#received + bytes.length;
    this.#checkSize(Math.max(received, size ?? 0));
    await this.#storage.append(bytes, signal);
    this.#received = received;
    this.#parts.progressed();
    this.#board.tell({ kind: 'progress', received, size });
  }

  /** Downloads, after the bytes that are there if it is known of which version they are. */
  async download(signal: AbortSignal): Promise<void> {
    const { packageUri: uri, delivery } = this.#board.status;
    const { downloader } = this.#parts;
    if (downloader === undefined || delivery?.kind !== 'pull') {
      throw new FirmwareError(FirmwareUpdateResult.unsupportedProtocol, 'Packages are taken by push only.');
    }
    const { shortServerId, validator } = delivery;
    if (validator === undefined) await this.clear(signal);
    const offset = await this.#storage.size(signal);
    const request = { uri, offset, validator: offset === 0 ? undefined : validator, shortServerId, signal };
    const download = await downloader.open(request);
    signal.throwIfAborted();
    if (download.offset !== offset) {
      if (download.offset !== 0)
        throw connectionLost(`It goes on at byte ${download.offset}, not ${offset}.`);
      await this.clear(signal);
    }
    this.#received = download.offset;
    this.#checkSize(download.size ?? 0);
    if (download.validator !== validator) {
      this.#board.change({ delivery: { ...delivery, validator: download.validator } });
      await this.#board.saved;
    }
    for await (const chunk of download.chunks) await this.take(chunk, download.size, signal);
  }

  /** Judges a package that is whole. */
  async complete(signal: AbortSignal): Promise<FirmwarePackage> {
    await this.#storage.sync(signal);
    const firmware = await this.#verified();
    signal.throwIfAborted();
    return firmware;
  }

  #checkSize(size: number): void {
    const { maximumSize } = this.#parts;
    if (size <= maximumSize) return;
    const message = `The package has more than the ${maximumSize} bytes that there is room for.`;
    throw new FirmwareError(FirmwareUpdateResult.notEnoughFlash, message);
  }

  async #verified(): Promise<FirmwarePackage> {
    const { storage, verify } = this.#parts;
    try {
      const firmware = (await verify(storage)) ?? {};
      for (const text of [firmware.name ?? '', firmware.version ?? '']) {
        if (utf8Encode(text).length > maxTextLength) throw tooLong();
      }
      return firmware;
    } catch (error) {
      throw firmwareErrorFrom(error, FirmwareUpdateResult.integrityCheckFailure);
    }
  }
}

/** In bytes (1.0 E.6). */
const maxTextLength = 255;

function tooLong(): FirmwareError {
  const message = `The name or version of the package has more than ${maxTextLength} bytes.`;
  return new FirmwareError(FirmwareUpdateResult.unsupportedPackageType, message);
}
