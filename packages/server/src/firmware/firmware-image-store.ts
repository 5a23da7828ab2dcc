import { DunlinError } from '@dunlin/base';

import type { MaybePromise } from '../registration-store.ts';
import type { FirmwareImage, NewFirmwareImage } from './firmware-image.ts';

/** How much a store of images keeps. */
export interface FirmwareImageLimits {
  /** Bytes of one image. */
  readonly imageSize: number;
  /** Bytes of all images together, those that are being added included. */
  readonly totalSize: number;
  readonly images: number;
}

/** How much firmware is kept when nothing else is said, each with its reason. */
export const firmwareImageLimitsDefaults: FirmwareImageLimits = {
  /** Whole Linux images of gateways; as many bytes as blocks of 1024 can be counted are four times that. */
  imageSize: 268_435_456,
  /** Forty of the largest. */
  totalSize: 10_737_418_240,
  images: 1000,
};

/** What may be known of an image before its bytes come. */
export interface AddImageOptions {
  /** How many bytes there will be: room for them is kept, and what there is no room for is refused before it is read. */
  readonly announcedSize?: number | undefined;
}

/** An image that is longer than what a store takes. */
export class ImageTooLargeError extends DunlinError {
  readonly code = 'image-too-large';
}

/** There is no room for another image. */
export class ImageStoreFullError extends DunlinError {
  readonly code = 'image-store-full';
}

/**
 * Port: firmware images, by the SHA-256 of their bytes. An image never changes, and is nowhere in memory as a whole:
 * it comes in piece by piece and is read in parts. What a method promises holds when it answers; one that cannot keep
 * its promise throws or rejects with a `StorageError`.
 */
export interface FirmwareImageStore extends AsyncDisposable {
  /** Bytes that there is room for beside the images that are there and those that are being added. */
  readonly free: number;
  /**
   * Takes an image in. When there is one of the same bytes, it is the same and has the new name, version and model from
   * now on. Rejects with a `UsageError` (a bad name, no bytes at all), `ImageTooLargeError` or `ImageStoreFullError`, or
   * what the bytes reject with; nothing is kept then.
   */
  add(
    bytes: AsyncIterable<Uint8Array>,
    facts: NewFirmwareImage,
    options?: Readonly<AddImageOptions>,
  ): Promise<FirmwareImage>;
  find(id: string): MaybePromise<FirmwareImage | undefined>;
  /** All of them, by name and then by time. */
  list(): MaybePromise<readonly FirmwareImage[]>;
  /** False when there is none. */
  remove(id: string): MaybePromise<boolean>;
  /** The bytes from `offset`, `length` of them, fewer only at the end. The caller may keep but not change them. */
  read(id: string, offset: number, length: number): MaybePromise<Uint8Array>;
}

/** Throws when there is no room for another one. */
export function checkImageCount(count: number, { images }: FirmwareImageLimits): void {
  if (count < images) return;
  throw new ImageStoreFullError(`there are ${images} images already: remove some first`);
}

/** By name, and the older first of those that are called the same. */
export function compareImages(one: FirmwareImage, other: FirmwareImage): number {
  if (one.name !== other.name) return one.name < other.name ? -1 : 1;
  return one.addedAt - other.addedAt;
}
