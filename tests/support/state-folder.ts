import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Secret } from '@dunlin/base';
import { type SavedState, savedStateFile } from '@dunlin/node';

/** Where one party keeps its associations, and whatever else. */
export class StateFolder implements Disposable {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'dunlin-dtls-'));

  /** The saved state, as each process would make it. */
  state(changes: Partial<Parameters<typeof savedStateFile>[0]> = {}): SavedState {
    return savedStateFile({ path: this.path, key: new Secret(new Uint8Array(32).fill(3)), ...changes });
  }

  get path(): string {
    return join(this.folder, 'associations');
  }

  get copy(): string {
    return join(this.folder, 'copy');
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
