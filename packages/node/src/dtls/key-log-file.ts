import { appendFileSync } from 'node:fs';

import type { KeyLogSink } from '@dunlin/dtls';

/**
 * Appends to a file in the NSS key log format, which Wireshark reads; it is made with mode 0600. Who has it can read
 * every association of that time: for debugging only. Throws what the file system says.
 */
export function keyLogFile(path: string): KeyLogSink {
  return (line) => appendFileSync(path, `${line}\n`, { mode: 0o600 });
}
