import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { TemporaryFolder } from './dunlin-server.ts';
import { repository, run } from './program.ts';

/** What keeps a disk from taking anything. */
export type DiskTrouble = 'full' | 'read-only';

/** A folder whose disk a program finds full or read-only when the test says so. */
export class TroubledDisk implements Disposable {
  readonly #folder = new TemporaryFolder();
  /** Where the program keeps its files. */
  readonly data: string = join(this.#folder.path, 'data');
  readonly #marker = join(this.#folder.path, 'trouble');
  readonly #library = join(this.#folder.path, 'full-disk.so');

  static async make(): Promise<TroubledDisk> {
    const disk = new TroubledDisk();
    const source = `${repository}tests/support/full-disk.c`;
    const built = await run(['gcc', '-O2', '-Wall', '-shared', '-fPIC', '-o', disk.#library, source, '-ldl']);
    assert.equal(built.exitCode, 0, built.stderr);
    return disk;
  }

  /** What makes a program see it. */
  get environment(): Readonly<Record<string, string>> {
    return {
      LD_PRELOAD: this.#library,
      DUNLIN_FULL_FOLDER: this.data,
      DUNLIN_FULL_WHEN: this.#marker,
    };
  }

  begin(trouble: DiskTrouble): void {
    writeFileSync(this.#marker, trouble === 'full' ? 'full' : 'read-only');
  }

  end(): void {
    rmSync(this.#marker, { force: true });
  }

  [Symbol.dispose](): void {
    this.#folder[Symbol.dispose]();
  }
}
