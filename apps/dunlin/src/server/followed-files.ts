import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';

import { type Signal, SignalSource } from '@dunlin/base';
import type { Logger } from 'pino';

import { ExitCode } from '../program/exit-code.ts';
import { ProgramError } from '../program/program-error.ts';

/**
 * How often the files are looked at. Their content counts and not the news of the file system, which do not come for links
 * that lead elsewhere, as tools that renew certificates and orchestrators make them.
 */
const lookInterval = 5000;

export interface FollowedFilesOptions<Content> {
  /** What is in them, for the log: `certificate of HTTP`. */
  readonly name: string;
  readonly paths: readonly string[];
  /** What files with these bytes, in the order of their paths, are together; throws an error of one line when they are nothing. */
  readonly contentOf: (files: readonly Uint8Array[]) => Content;
  readonly log: Pick<Logger, 'info' | 'warn'>;
}

/** Files that belong together, such as a certificate and its key. While what they become makes no sense, it is what it was. */
export class FollowedFiles<Content> implements Disposable {
  readonly #options: FollowedFilesOptions<Content>;
  readonly #renewed = new SignalSource<Content>();
  #content: Content;
  /** The digest of what was taken last: keys are not kept twice. */
  #seen: string;
  #complained: string | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** Rejects with an error of one line when they cannot be used. */
  static async open<Content>(
    options: Readonly<FollowedFilesOptions<Content>>,
  ): Promise<FollowedFiles<Content>> {
    const files = await readAll(options.paths);
    return new FollowedFiles(options, files, options.contentOf(files));
  }

  private constructor(
    options: FollowedFilesOptions<Content>,
    files: readonly Uint8Array[],
    content: Content,
  ) {
    this.#options = options;
    this.#content = content;
    this.#seen = digestOf(files);
  }

  /** What they were when they made sense last. */
  get content(): Content {
    return this.#content;
  }

  /** Tells what they have become. */
  get renewed(): Signal<Content> {
    return this.#renewed;
  }

  /** Looks at them now and then from now on, until disposed. */
  follow(): void {
    this.#timer ??= setInterval(() => void this.look(), lookInterval);
  }

  /** Looks at them. Never rejects: it tells the log, and again what it told before when somebody `asked`. */
  async look({ isAsked = false }: { readonly isAsked?: boolean } = {}): Promise<void> {
    const { name, log } = this.#options;
    const problem = await this.#take();
    // One file is written before the other: what is wrong now may be right at the next look, so it is said once.
    if (problem === undefined || (problem === this.#complained && !isAsked)) return;
    this.#complained = problem;
    log.warn({ reason: problem }, `the new ${name} cannot be used; the one before stays`);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  /** Why they cannot be used, if so. */
  async #take(): Promise<string | undefined> {
    const { name, paths, contentOf, log } = this.#options;
    try {
      const files = await readAll(paths);
      const seen = digestOf(files);
      if (seen === this.#seen) return undefined;
      const content = contentOf(files);
      this.#renewed.emit(content);
      this.#content = content;
      this.#seen = seen;
      this.#complained = undefined;
      log.info(`the ${name} was read anew`);
      return undefined;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }
}

/** A file that was named; rejects with an error of one line. */
async function readFollowed(path: string): Promise<Uint8Array> {
  try {
    return new Uint8Array(await readFile(path));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    const reason = code === 'ENOENT' ? 'there is no such file' : `cannot be read (${code})`;
    throw new ProgramError(ExitCode.failure, `${path}: ${reason}`, { cause: error });
  }
}

function readAll(paths: readonly string[]): Promise<readonly Uint8Array[]> {
  return Promise.all(paths.map(readFollowed));
}

function digestOf(files: readonly Uint8Array[]): string {
  const digests = files.map((bytes) => createHash('sha256').update(bytes).digest('base64'));
  return digests.join(' ');
}
