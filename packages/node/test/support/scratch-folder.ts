import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { StorageError } from '@dunlin/base';

/** A folder for the files of one test, which goes with it. */
export class ScratchFolder implements Disposable {
  readonly path: string = mkdtempSync(join(tmpdir(), 'dunlin-node-'));

  file(...names: readonly string[]): string {
    return join(this.path, ...names);
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** Holds for a `StorageError` whose message is one line that says this. */
export function clearLine(pattern: RegExp): (error: unknown) => boolean {
  return (error) =>
    error instanceof StorageError && pattern.test(error.message) && !error.message.includes('\n');
}
