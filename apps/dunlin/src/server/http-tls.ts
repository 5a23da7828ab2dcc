import { readFile } from 'node:fs/promises';
import { createSecureContext, Server } from 'node:tls';

import { UsageError } from '@dunlin/base';
import type { Logger } from 'pino';

import { ExitCode } from '../program/exit-code.ts';
import { ProgramError } from '../program/program-error.ts';

/**
 * How often the files are looked at. Their content counts and not the news of the file system, which do not come for links
 * that lead elsewhere, as tools that renew certificates and orchestrators make them.
 */
const lookInterval = 5000;

/** PEM texts of a certificate, with those above it, and of its key. */
interface TlsFiles {
  readonly cert: string;
  readonly key: string;
}

/** The certificate of HTTP over TLS. */
export interface HttpTls {
  readonly files: TlsFiles;
  /** Gives the server, which speaks TLS, what the files become, until disposed. */
  follow(server: object): Disposable;
}

/** Reads the files of TLS; rejects with an error of one line when they are none. */
export async function openHttpTls(
  paths: { readonly certificate: string; readonly key: string } | undefined,
  log: Logger,
): Promise<HttpTls | undefined> {
  if (paths === undefined) return undefined;
  const read = async (): Promise<TlsFiles> => {
    const [cert, key] = await Promise.all([text(paths.certificate), text(paths.key)]);
    return { cert, key };
  };
  const files = await read();
  const problem = problemOf(files);
  if (problem !== undefined) {
    throw new ProgramError(
      ExitCode.failure,
      `http-certificate ${paths.certificate} and http-key ${paths.key} cannot be used: ${problem}`,
    );
  }
  return {
    files,
    follow(server) {
      if (!(server instanceof Server)) throw new UsageError('a server without TLS has no certificate');
      const follower = new TlsFollower(server, { files, read, log });
      const timer = setInterval(() => void follower.look(), lookInterval);
      return { [Symbol.dispose]: () => clearInterval(timer) };
    },
  };
}

/** Gives a server what the files of its certificate become; while they make no sense it goes on with what it had. */
class TlsFollower {
  readonly #server: Server;
  readonly #read: () => Promise<TlsFiles>;
  readonly #log: Logger;
  #seen: string;
  #complained: string | undefined;

  constructor(
    server: Server,
    options: { readonly files: TlsFiles; readonly read: () => Promise<TlsFiles>; readonly log: Logger },
  ) {
    this.#server = server;
    this.#read = options.read;
    this.#log = options.log;
    this.#seen = JSON.stringify(options.files);
  }

  /** Never rejects: it tells the log. */
  async look(): Promise<void> {
    let problem: string | undefined;
    try {
      const files = await this.#read();
      const seen = JSON.stringify(files);
      if (seen === this.#seen) return;
      problem = problemOf(files);
      if (problem === undefined) {
        this.#server.setSecureContext({ ...files, minVersion: 'TLSv1.2' });
        this.#seen = seen;
        this.#complained = undefined;
        this.#log.info('the certificate of HTTP was read anew');
      }
    } catch (error) {
      problem = error instanceof Error ? error.message : String(error);
    }
    // One file is written before the other: what is wrong now may be right at the next look, so it is said once.
    if (problem === undefined || problem === this.#complained) return;
    this.#complained = problem;
    this.#log.warn({ reason: problem }, 'the new certificate of HTTP cannot be used; the one before stays');
  }
}

/** Why the files are no certificate and its key; `undefined` when they are. */
function problemOf(files: TlsFiles): string | undefined {
  try {
    createSecureContext(files);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function text(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    const reason = isMissing ? 'there is no such file' : 'it cannot be read';
    throw new ProgramError(ExitCode.failure, `${path}: ${reason}`, { cause: error });
  }
}
