import { concatBytes } from '@dunlin/base';
import { FirmwareUpdateResult } from '@dunlin/lwm2m';

import { FirmwareError } from './firmware-error.ts';

/**
 * Port: where a device keeps the package while it comes in and until it is installed. One call is under way at a time.
 * What rejects with a `FirmwareError` says the result, such as not enough flash, which anything else comes to as well.
 */
export interface FirmwareStorage {
  /** The bytes that are kept, also those of an earlier run of the program: a download goes on after them. */
  size(): Promise<number>;
  /** Adds bytes at the end; they are lent for the time of the call. */
  append(bytes: Uint8Array): Promise<void>;
  /** Says that the package is complete: whatever was added outlives a loss of power when this resolves. */
  sync(): Promise<void>;
  /** Drops all bytes. */
  clear(): Promise<void>;
  /** The bytes from the beginning, in pieces. */
  read(): AsyncIterable<Uint8Array>;
}

/** A storage in memory, gone with the process: for small packages, and for tests. `capacity` in bytes. */
export function memoryFirmwareStorage(capacity: number): FirmwareStorage {
  let parts: Uint8Array[] = [];
  let size = 0;
  return {
    size: () => Promise.resolve(size),
    append: (bytes) => {
      if (size + bytes.length > capacity) {
        const message = `The storage has room for ${capacity} bytes.`;
        return Promise.reject(new FirmwareError(FirmwareUpdateResult.outOfRam, message));
      }
      parts.push(bytes.slice());
      size += bytes.length;
      return Promise.resolve();
    },
    sync: () => Promise.resolve(),
    clear: () => {
      parts = [];
      size = 0;
      return Promise.resolve();
    },
    async *read() {
      yield concatBytes(parts);
      await Promise.resolve();
    },
  };
}
