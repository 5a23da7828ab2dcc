import { appendFileSync, chmodSync } from 'node:fs';

import { StorageError } from '@dunlin/base';
import type { KeyLogSink } from '@dunlin/dtls';

/**
 * Appends to a file in the NSS key log format, which Wireshark reads; nobody but its owner can read it (0600). Who has
 * it can read every association of that time: for debugging only. Throws a `StorageError` when the file cannot be
 * written.
 */
export function keyLogFile(path: string): KeyLogSink {
  const append = (text: string): void => {
    try {
      appendFileSync(path, text, { mode: 0o600 });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new StorageError(`the key log cannot be written: ${reason}`, { cause: error });
    }
  };
  append('');
  chmodSync(path, 0o600);
  return (line) => append(`${line}\n`);
}
