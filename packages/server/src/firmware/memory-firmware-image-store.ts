import { createHash } from 'node:crypto';

import { concatBytes, StorageError, UsageError } from '@dunlin/base';

import { checkImage, type FirmwareImage, imageLabels, type NewFirmwareImage } from './firmware-image.ts';
import {
  type AddImageOptions,
  checkImageCount,
  compareImages,
  type FirmwareImageLimits,
  firmwareImageLimitsDefaults,
  type FirmwareImageStore,
} from './firmware-image-store.ts';
import { ImageAllowance } from './image-allowance.ts';

interface Kept {
  readonly image: FirmwareImage;
  readonly bytes: Uint8Array;
}

/** Images in memory, for tests and small ones: gone when the process ends. */
export class MemoryFirmwareImageStore implements FirmwareImageStore {
  readonly #limits: FirmwareImageLimits;
  readonly #allowance: ImageAllowance;
  readonly #images = new Map<string, Kept>();

  constructor(limits: Readonly<Partial<FirmwareImageLimits>> = {}) {
    this.#limits = { ...firmwareImageLimitsDefaults, ...limits };
    this.#allowance = new ImageAllowance(this.#limits);
  }

  get free(): number {
    return this.#allowance.free;
  }

  async add(
    bytes: AsyncIterable<Uint8Array>,
    facts: NewFirmwareImage,
    { announcedSize }: Readonly<AddImageOptions> = {},
  ): Promise<FirmwareImage> {
    checkImage(facts);
    return await this.#allowance.admit(announcedSize, async (incoming) => {
      const pieces: Uint8Array[] = [];
      for await (const piece of bytes) {
        incoming.take(piece.length);
        pieces.push(piece.slice());
      }
      if (incoming.size === 0) throw new UsageError('an image has at least one byte');
      return this.#keep(concatBytes(pieces), facts);
    });
  }

  find(id: string): FirmwareImage | undefined {
    return this.#images.get(id)?.image;
  }

  list(): readonly FirmwareImage[] {
    return [...this.#images.values()].map(({ image }) => image).sort(compareImages);
  }

  remove(id: string): boolean {
    const kept = this.#images.get(id);
    if (kept === undefined) return false;
    this.#allowance.release(kept.bytes.length);
    return this.#images.delete(id);
  }

  read(id: string, offset: number, length: number): Uint8Array {
    const kept = this.#images.get(id);
    if (kept === undefined) throw new StorageError(`there is no image ${id}`);
    return kept.bytes.subarray(offset, offset + length);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }

  #keep(bytes: Uint8Array, { name, addedAt, ...labels }: NewFirmwareImage): FirmwareImage {
    const id = createHash('sha256').update(bytes).digest('hex');
    if (!this.#images.has(id)) checkImageCount(this.#images.size, this.#limits);
    const image: FirmwareImage = {
      id,
      name,
      ...imageLabels(labels),
      size: bytes.length,
      addedAt,
    };
    this.remove(id);
    this.#images.set(id, { image, bytes });
    return image;
  }
}
