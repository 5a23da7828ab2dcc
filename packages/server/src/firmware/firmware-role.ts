import { type Response, ResponseCode, type ResponseDelivery } from '@dunlin/coap';

import { inBackground } from '../in-background.ts';
import type { Call, Listener } from '../listener.ts';
import type { LwM2mServerOptions } from '../server.ts';
import type { FirmwareImageStore } from './firmware-image-store.ts';
import { FirmwareServing } from './firmware-serving.ts';
import { type FirmwareParts, FirmwareUpdates } from './firmware-updates.ts';
import { FirmwareUris } from './firmware-uris.ts';
import { MemoryFirmwareImageStore } from './memory-firmware-image-store.ts';
import { ServerFirmware } from './server-firmware.ts';

/** All that a server has to do with firmware, put together. */
export class FirmwareRole {
  readonly images: FirmwareImageStore;
  readonly updates: FirmwareUpdates;
  readonly serverFirmware: ServerFirmware;
  readonly #parts: Omit<FirmwareParts, 'images' | 'uris'>;
  readonly #serving: FirmwareServing;

  constructor(
    parts: Omit<FirmwareParts, 'images' | 'uris'>,
    { firmware = {}, coap = {} }: Readonly<LwM2mServerOptions>,
    listeners: readonly Listener[],
  ) {
    const { context } = parts;
    this.#parts = parts;
    this.images = firmware.images ?? new MemoryFirmwareImageStore();
    const { images } = this;
    this.updates = new FirmwareUpdates({
      ...parts,
      images,
      uris: new FirmwareUris(firmware, listeners),
    });
    const { records } = this.updates;
    const { blockSize } = coap.blockwise ?? {};
    const serving = new FirmwareServing({ context, images, records, blockSize });
    this.#serving = serving;
    this.serverFirmware = new ServerFirmware({ context, images, records, serving });
  }

  /**
   * Answers a device that fetches an image; that comes from a store, which takes its time. `refused` hears of an answer
   * that is none.
   */
  answer(call: Call, refused: (code: ResponseCode) => void): void {
    const respond = (response: Response, delivery: ResponseDelivery = {}): void => {
      call.listener.respond(call, response, delivery);
      call.listener.flush();
    };
    inBackground(this.#parts.context, 'giving an image to a device', async () => {
      try {
        const { response, isAddressVerified = false } = await this.#serving.answer(call);
        respond(response, { isAddressVerified });
        if (response.code !== ResponseCode.content) refused(response.code);
      } catch (error) {
        respond({ code: ResponseCode.internalServerError });
        throw error;
      }
    });
  }

  /** Writes what is not written yet, when devices are not heard any more. */
  async close(): Promise<void> {
    await this.updates.records.writeAll();
    await this.images[Symbol.asyncDispose]();
  }
}
