import type { Instant } from '@dunlin/base';
import { FirmwareConflictError, MemoryFirmwareImageStore, NoSuchImageError } from '@dunlin/server';

import type { ManagedDeviceFirmware, ManagedFirmware } from '../../src/http/managed-server.ts';

/** Images in memory, all added at one time. Nobody fetches them. */
export function fakeFirmware(addedAt: Instant): ManagedFirmware {
  const images = new MemoryFirmwareImageStore();
  return {
    add: (bytes, facts, options) => images.add(bytes, { ...facts, addedAt }, options),
    image: (id) => Promise.resolve(images.find(id)),
    images: () => Promise.resolve(images.list()),
    remove: (id) => Promise.resolve(images.remove(id)),
    updates: () => [],
    download: () => undefined,
  };
}

/** Of a device that was never updated; tests of updates have a whole server. */
export const noFirmware: ManagedDeviceFirmware = {
  status: () => Promise.resolve(undefined),
  cancel: () => Promise.resolve(undefined),
  finished: () => Promise.resolve(undefined),
  start: (image) =>
    Promise.reject(new NoSuchImageError(`there is no image ${typeof image === 'string' ? image : image.id}`)),
  install: () => Promise.reject(new FirmwareConflictError('no update is under way')),
};
