import { statfs } from 'node:fs/promises';

import type { Probed } from '@dunlin/node';
import type { Logger } from 'pino';

/** Milliseconds for which what was found holds: whoever asks more often has nothing written. */
const foundHolds = 2000;

/** Milliseconds between two looks that nobody asked for. */
const lookInterval = 60_000;

/** Bytes that a disk must have: with fewer the next turn of a busy server does not fit. */
const leastFree = 1024 * 1024;

/** Watches over stores in a folder. */
export function watchStores(folder: string, log: Pick<Logger, 'error' | 'info'>): StoreWatch {
  const free = async (): Promise<number> => {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  };
  return new StoreWatch({ free, clock: () => performance.now(), log });
}

/** What a watch over stores has from its surroundings. */
export interface StoreWatchParts {
  /** Bytes that the disk of the data folder has for this process. */
  readonly free: () => Promise<number>;
  /** Milliseconds, from any beginning. */
  readonly clock: () => number;
  readonly log: Pick<Logger, 'error' | 'info'>;
}

/** Knows which stores in the data folder take no changes, and tells the log when that begins and ends. */
export class StoreWatch implements Disposable {
  readonly #parts: StoreWatchParts;
  readonly #stores = new Map<string, Probed>();
  #failing: ReadonlyMap<string, string> = new Map();
  #looking: Promise<void> | undefined;
  #lookedAt = -Infinity;
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(parts: StoreWatchParts) {
    this.#parts = parts;
  }

  /** Looks at a store too, which is called as its file is; gives it back. */
  add<Store extends Probed>(name: string, store: Store): Store {
    this.#stores.set(name, store);
    return store;
  }

  /** Whether each store took changes when it was looked at last. */
  *found(): Generator<readonly [name: string, isWritable: boolean], void, void> {
    for (const name of this.#stores.keys()) yield [name, !this.#failing.has(name)];
  }

  /** The names of stores that take no changes, as of some seconds ago. */
  async failing(): Promise<readonly string[]> {
    if (this.#parts.clock() - this.#lookedAt >= foundHolds) {
      this.#looking ??= this.#look().finally(() => {
        this.#looking = undefined;
      });
      await this.#looking;
    }
    return [...this.#failing.keys()];
  }

  /** Looks by itself from now on, until disposed. */
  start(): void {
    this.#timer ??= setInterval(() => {
      this.failing().catch((error: unknown) =>
        this.#parts.log.error({ err: error }, 'stores cannot be looked at'),
      );
    }, lookInterval);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#isOver = true;
  }

  async #look(): Promise<void> {
    const shortage = await this.#shortage();
    const failing = new Map<string, string>();
    for (const [name, store] of this.#stores) {
      const problem = shortage ?? (await problemOf(store));
      if (problem !== undefined) failing.set(name, problem);
    }
    // Stores that are closed take no changes either.
    if (this.#isOver) return;
    this.#lookedAt = this.#parts.clock();
    this.#tell(failing);
    this.#failing = failing;
  }

  /** A database writes for a while into what it has already, so that its disk can be full before it says so. */
  async #shortage(): Promise<string | undefined> {
    const free = await this.#parts.free();
    return free < leastFree ? `the disk has only ${free} bytes left` : undefined;
  }

  #tell(failing: ReadonlyMap<string, string>): void {
    const { log } = this.#parts;
    if ([...failing.keys()].some((name) => !this.#failing.has(name))) {
      log.error(
        { stores: Object.fromEntries(failing) },
        'stores cannot be written: what has to be kept there is refused until they can',
      );
    }
    const recovered = [...this.#failing.keys()].filter((name) => !failing.has(name));
    if (recovered.length > 0) log.info({ stores: recovered }, 'stores can be written again');
  }
}

async function problemOf(store: Probed): Promise<string | undefined> {
  try {
    await store.probe();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
