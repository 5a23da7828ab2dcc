import type { Logger } from 'pino';

/** Files that can be looked at again. */
export interface LookedAt {
  look(options: { readonly isAsked: boolean }): Promise<void>;
}

/** All files of keys and certificates of a server, to be looked at when an operator asks for it. */
export class CertificateFiles {
  readonly #files: readonly (LookedAt | undefined)[];
  readonly #log: Pick<Logger, 'info'>;

  constructor(files: readonly (LookedAt | undefined)[], log: Pick<Logger, 'info'>) {
    this.#files = files;
    this.#log = log;
  }

  /** Looks at all of them now. Never rejects: the log has what became of it. */
  async look(): Promise<void> {
    this.#log.info('keys and certificates are looked at, as was asked for');
    await Promise.all(this.#files.map(async (files) => files?.look({ isAsked: true })));
  }
}
