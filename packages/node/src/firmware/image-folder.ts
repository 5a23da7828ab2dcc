import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join, parse } from 'node:path';

import { StorageError, utf8Encode } from '@dunlin/base';
import { type FirmwareImage, isImageId } from '@dunlin/server';

import { replaceFile, syncFolder } from '../files/durable-file.ts';
import { makeFolder } from '../files/make-folder.ts';
import { imageFromText, imageToText } from './image-document.ts';

const bytesSuffix = '.bin';
const factsSuffix = '.json';
const partSuffix = '.part';

/**
 * The files of images: `<SHA-256>.bin` with the bytes and `<SHA-256>.json` with the facts, which makes an image one; the
 * bytes come first and go last, so that whatever interrupts leaves no image in part.
 */
export class ImageFolder {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** Makes the folder, clears away what was interrupted and gives the images that are whole. */
  async open(): Promise<readonly FirmwareImage[]> {
    if (!existsSync(this.#path)) {
      makeFolder(this.#path);
      await chmod(this.#path, 0o700);
    }
    const images: FirmwareImage[] = [];
    for (const file of await readdir(this.#path)) {
      const { name: id, ext: suffix } = parse(file);
      if (suffix === partSuffix || file.endsWith(`${factsSuffix}.new`)) await this.#remove(file);
      else if (isImageId(id) && suffix === bytesSuffix) {
        if (!existsSync(this.#file(id, factsSuffix))) await this.#remove(file);
      } else if (isImageId(id) && suffix === factsSuffix) images.push(await this.#load(id));
    }
    return images;
  }

  /** A new file for bytes that come in. */
  newPart(): string {
    return join(this.#path, `${randomUUID()}${partSuffix}`);
  }

  /** Makes an image of bytes that are on the disk. */
  async keep(part: string, image: FirmwareImage): Promise<void> {
    await rename(part, this.#file(image.id, bytesSuffix));
    // Both names are on the disk when the folder is.
    await replaceFile(this.#file(image.id, factsSuffix), utf8Encode(imageToText(image)));
  }

  async remove(id: string): Promise<void> {
    const facts = this.#file(id, factsSuffix);
    await rm(facts, { force: true });
    await syncFolder(facts);
    await rm(this.#file(id, bytesSuffix), { force: true });
  }

  /** A part of the bytes of an image; fewer only at its end. */
  async read(id: string, offset: number, length: number): Promise<Uint8Array> {
    await using file = await open(this.#file(id, bytesSuffix), 'r');
    const bytes = new Uint8Array(length);
    let filled = 0;
    while (filled < length) {
      const { bytesRead } = await file.read(bytes, filled, length - filled, offset + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return bytes.subarray(0, filled);
  }

  async #load(id: string): Promise<FirmwareImage> {
    const path = this.#file(id, factsSuffix);
    const image = imageFromText(id, await readFile(path, 'utf8'));
    const size = await sizeOf(this.#file(id, bytesSuffix));
    if (image?.size === size && image !== undefined) return image;
    throw new StorageError(`the image of ${path} is damaged: remove that file and add the image again`);
  }

  async #remove(file: string): Promise<void> {
    await rm(join(this.#path, file), { force: true });
  }

  #file(id: string, suffix: string): string {
    return join(this.#path, `${id}${suffix}`);
  }
}

async function sizeOf(path: string): Promise<number | undefined> {
  return existsSync(path) ? (await stat(path)).size : undefined;
}
