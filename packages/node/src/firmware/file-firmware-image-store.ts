import { createHash } from 'node:crypto';
import { open, rm, writeFile } from 'node:fs/promises';

import { StorageError, UsageError } from '@dunlin/base';
import {
  type AddImageOptions,
  checkImage,
  checkImageCount,
  compareImages,
  type FirmwareImage,
  type FirmwareImageLimits,
  firmwareImageLimitsDefaults,
  type FirmwareImageStore,
  ImageAllowance,
  type IncomingImage,
  type NewFirmwareImage,
} from '@dunlin/server';

import type { Probed } from '../probed.ts';
import { ChunkCache, chunkLength } from './chunk-cache.ts';
import { ImageFolder } from './image-folder.ts';

/** Where images of firmware are kept, and how many. */
export interface FileFirmwareImageStoreOptions {
  /** Made with mode 0700 when there is none. One process at a time. */
  readonly folder: string;
  readonly limits?: Readonly<Partial<FirmwareImageLimits>> | undefined;
}

/**
 * Opens the images in a folder. What an earlier process was interrupted at is cleared away. Rejects with a
 * `StorageError` of one line when the folder cannot be used or an image is damaged.
 */
export async function fileFirmwareImageStore(
  options: Readonly<FileFirmwareImageStoreOptions>,
): Promise<FirmwareImageStore & Probed> {
  const folder = new ImageFolder(options.folder);
  const images = await told(`the folder of images ${options.folder} cannot be used`, () => folder.open());
  return new FileFirmwareImageStore(folder, images, { ...firmwareImageLimitsDefaults, ...options.limits });
}

/** Images in files of mode 0600, read in chunks that are kept for those who come next. */
class FileFirmwareImageStore implements FirmwareImageStore, Probed {
  readonly #folder: ImageFolder;
  readonly #limits: FirmwareImageLimits;
  readonly #allowance: ImageAllowance;
  readonly #images: Map<string, FirmwareImage>;
  readonly #chunks = new ChunkCache((id, offset) => this.#readChunk(id, offset));
  /** Changes are made one after the other. */
  #changes: Promise<unknown> = Promise.resolve();

  constructor(folder: ImageFolder, images: readonly FirmwareImage[], limits: FirmwareImageLimits) {
    this.#folder = folder;
    this.#limits = limits;
    this.#images = new Map(images.map((image) => [image.id, image]));
    this.#allowance = new ImageAllowance(
      limits,
      images.reduce((sum, { size }) => sum + size, 0),
    );
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
      const part = this.#folder.newPart();
      try {
        const id = await this.#receive(part, bytes, incoming);
        return await this.#change(() => this.#keep(part, { id, size: incoming.size, ...facts }));
      } finally {
        await rm(part, { force: true });
      }
    });
  }

  find(id: string): FirmwareImage | undefined {
    return this.#images.get(id);
  }

  list(): readonly FirmwareImage[] {
    return [...this.#images.values()].sort(compareImages);
  }

  remove(id: string): Promise<boolean> {
    return this.#change(async () => {
      const image = this.#images.get(id);
      if (image === undefined) return false;
      await told(`image ${id} cannot be removed`, () => this.#folder.remove(id));
      this.#forget(image);
      return true;
    });
  }

  async read(id: string, offset: number, length: number): Promise<Uint8Array> {
    const image = this.#images.get(id);
    if (image === undefined) throw new StorageError(`there is no image ${id}`);
    const end = Math.min(offset + length, image.size);
    const first = offset - (offset % chunkLength);
    if (end <= first + chunkLength) {
      if (end <= offset) return new Uint8Array(0);
      return (await this.#chunks.get(id, first)).subarray(offset - first, end - first);
    }
    const bytes = new Uint8Array(end - offset);
    for (let begin = first; begin < end; begin += chunkLength) {
      const chunk = (await this.#chunks.get(id, begin)).subarray(Math.max(offset - begin, 0), end - begin);
      bytes.set(chunk, Math.max(begin, offset) - offset);
    }
    return bytes;
  }

  async probe(): Promise<void> {
    const part = this.#folder.newPart();
    try {
      await told('an image cannot be written', () => writeFile(part, new Uint8Array(4096), { mode: 0o600 }));
    } finally {
      await rm(part, { force: true });
    }
  }

  /** Waits for the change under way. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#changes;
  }

  /** Writes bytes to a file and on the disk, and gives their SHA-256. */
  async #receive(part: string, bytes: AsyncIterable<Uint8Array>, incoming: IncomingImage): Promise<string> {
    const hash = createHash('sha256');
    await using file = await told('an image cannot be written', () => open(part, 'wx', 0o600));
    for await (const piece of bytes) {
      incoming.take(piece.length);
      hash.update(piece);
      await told('an image cannot be written', () => file.writeFile(piece));
    }
    if (incoming.size === 0) throw new UsageError('an image has at least one byte');
    await told('an image cannot be written', () => file.sync());
    return hash.digest('hex');
  }

  async #keep(part: string, image: FirmwareImage): Promise<FirmwareImage> {
    const { id } = image;
    const present = this.#images.get(id);
    if (present === undefined) checkImageCount(this.#images.size, this.#limits);
    await told('an image cannot be written', () => this.#folder.keep(part, image));
    if (present !== undefined) this.#forget(present);
    this.#images.set(id, image);
    return image;
  }

  #forget({ id, size }: FirmwareImage): void {
    this.#images.delete(id);
    this.#chunks.forget(id);
    this.#allowance.release(size);
  }

  async #readChunk(id: string, offset: number): Promise<Uint8Array> {
    const { size = 0 } = this.#images.get(id) ?? {};
    const length = Math.min(chunkLength, size - offset);
    const bytes = await told(`image ${id} cannot be read`, () => this.#folder.read(id, offset, length));
    if (bytes.length < length)
      throw new StorageError(`image ${id} is damaged: ${offset + bytes.length} of ${size} bytes are there`);
    return bytes;
  }

  #change<T>(change: () => Promise<T>): Promise<T> {
    const result = this.#changes.then(change);
    this.#changes = result.catch(() => undefined);
    return result;
  }
}

async function told<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof StorageError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new StorageError(`${what}: ${reason}`, { cause: error });
  }
}
