import type { ServerContext } from '../server-context.ts';
import { FirmwareConflictError } from './firmware-errors.ts';
import { firstByName } from './first-by-name.ts';
import type { FirmwareImage } from './firmware-image.ts';
import type { AddImageOptions, FirmwareImageStore } from './firmware-image-store.ts';
import type { FirmwareRecords } from './firmware-records.ts';
import type { FirmwareUpdate } from './firmware-update.ts';
import type { FirmwareDownload, FirmwareServing } from './firmware-serving.ts';

/** Which of the updates under way are wanted. */
export interface FirmwareUpdatesOptions {
  /** An endpoint name. */
  readonly after?: string | undefined;
  readonly limit?: number | undefined;
  readonly filter?: ((update: FirmwareUpdate) => boolean) | undefined;
}

/** The images of a server, and how devices get them that fetch by another way than CoAP. */
export class ServerFirmware {
  readonly #context: ServerContext;
  readonly #images: FirmwareImageStore;
  readonly #records: FirmwareRecords;
  readonly #serving: FirmwareServing;

  constructor(parts: {
    readonly context: ServerContext;
    readonly images: FirmwareImageStore;
    readonly records: FirmwareRecords;
    readonly serving: FirmwareServing;
  }) {
    this.#context = parts.context;
    this.#images = parts.images;
    this.#records = parts.records;
    this.#serving = parts.serving;
  }

  /**
   * Takes an image in, piece by piece. Equal bytes are one image, which has the name, version and model that it
   * was given last. Rejects with `UsageError`, `ImageTooLargeError`, `ImageStoreFullError` or a `StorageError`; nothing is kept
   * then. Of what is announced and cannot be taken no byte is read.
   */
  async add(
    bytes: AsyncIterable<Uint8Array>,
    facts: Pick<FirmwareImage, 'name' | 'version' | 'model'>,
    options: Readonly<AddImageOptions> = {},
  ): Promise<FirmwareImage> {
    return await this.#images.add(bytes, { ...facts, addedAt: this.#context.now() }, options);
  }

  /** `undefined` when there is none. */
  async image(id: string): Promise<FirmwareImage | undefined> {
    return await this.#images.find(id);
  }

  /** All images, by name. */
  async images(): Promise<readonly FirmwareImage[]> {
    return await this.#images.list();
  }

  /** False when there is none. Rejects with `FirmwareConflictError` while a device is being updated to it. */
  async remove(id: string): Promise<boolean> {
    for (const { update, endpointName } of this.#records.all()) {
      if (update.image.id !== id || update.state.kind === 'cancelling') continue;
      throw new FirmwareConflictError(
        `${endpointName} is being updated to image ${id}: cancel that first, or wait until it is over`,
      );
    }
    return await this.#images.remove(id);
  }

  /** The updates that are under way, by endpoint name: at most `limit` (default 100) behind `after`. */
  updates(options: Readonly<FirmwareUpdatesOptions> = {}): readonly FirmwareUpdate[] {
    const { after, limit = 100, filter = () => true } = options;
    return firstByName(fitting(this.#records.all(), filter), { after, limit });
  }

  /** The image that the last segment of a URI stands for, as long as its device is to fetch it. */
  download(token: string): FirmwareDownload | undefined {
    return this.#serving.find(token);
  }
}

function* fitting(
  all: Iterable<{ readonly update: FirmwareUpdate }>,
  filter: (update: FirmwareUpdate) => boolean,
): Generator<FirmwareUpdate, void, void> {
  for (const { update } of all) if (filter(update)) yield update;
}
