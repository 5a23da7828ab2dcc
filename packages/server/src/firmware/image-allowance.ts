import { type FirmwareImageLimits, ImageStoreFullError, ImageTooLargeError } from './firmware-image-store.ts';

/** Divides the room for images among those that are there and those that come in. */
export class ImageAllowance {
  readonly #limits: FirmwareImageLimits;
  #total: number;

  /** `total` are the bytes of those that are there, which may be more than the limits say by now. */
  constructor(limits: FirmwareImageLimits, total: number = 0) {
    this.#limits = limits;
    this.#total = total;
  }

  /** Bytes that are neither taken nor kept for what is coming in. */
  get free(): number {
    return Math.max(this.#limits.totalSize - this.#total, 0);
  }

  /**
   * Keeps room for an image while it is received, of which so many bytes are announced; rejects when there is none. What
   * was announced and did not come is given back, all of it when the image is not kept.
   */
  async admit<Image>(
    announcedSize: number | undefined,
    receive: (incoming: IncomingImage) => Promise<Image>,
  ): Promise<Image> {
    const incoming = new IncomingImage((from, to) => this.#grow(from, to));
    incoming.reserve(announcedSize ?? 0);
    try {
      const image = await receive(incoming);
      incoming.complete();
      return image;
    } catch (error) {
      incoming.refuse();
      throw error;
    }
  }

  /** An image of so many bytes is gone. */
  release(size: number): void {
    this.#total -= size;
  }

  /** Room for an image of `to` bytes instead of `from`. */
  #grow(from: number, to: number): void {
    const { imageSize, totalSize } = this.#limits;
    if (to > from) {
      if (to > imageSize)
        throw new ImageTooLargeError(`an image of more than ${imageSize} bytes is not taken`);
      const free = Math.max(totalSize - (this.#total - from), 0);
      if (to > free) {
        throw new ImageStoreFullError(
          `there is no room for the image: ${free} of ${totalSize} bytes for images are free; remove some images first`,
        );
      }
    }
    this.#total += to - from;
  }
}

/** The room of an image that comes in. */
class IncomingImage {
  readonly #grow: (from: number, to: number) => void;
  #reserved = 0;
  #size = 0;

  constructor(grow: (from: number, to: number) => void) {
    this.#grow = grow;
  }

  /** Bytes that came. */
  get size(): number {
    return this.#size;
  }

  reserve(size: number): void {
    if (size <= this.#reserved) return;
    this.#grow(this.#reserved, size);
    this.#reserved = size;
  }

  /** More bytes come; throws when there is no room for them. */
  take(length: number): void {
    this.reserve(this.#size + length);
    this.#size += length;
  }

  /** It is whole: gives back what was announced and did not come. */
  complete(): void {
    this.#giveBackTo(this.#size);
  }

  /** Nothing of it is kept. */
  refuse(): void {
    this.#giveBackTo(0);
  }

  #giveBackTo(size: number): void {
    this.#grow(this.#reserved, size);
    this.#reserved = size;
  }
}

export type { IncomingImage };
