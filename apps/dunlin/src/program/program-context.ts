import type { HttpFetch } from '@dunlin/api';

/** A stream the program writes to. */
export interface Output {
  /** Resolves when more may be written; rejects when nobody reads any more (EPIPE). */
  write(text: string): Promise<void>;
  readonly isTerminal: boolean;
}

/** The lines that are typed or piped in. */
interface Input extends AsyncIterable<string> {
  readonly isTerminal: boolean;
}

/** The bytes of a file, piece by piece, once. */
export interface NamedBytes {
  readonly size: number;
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** Everything the program gets from the system, so that tests can give it something else. */
export interface ProgramContext {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly stdin: Input;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly fetch: HttpFetch;
  /** Aborted by the first Ctrl-C or SIGTERM: what runs ends cleanly. */
  readonly interrupted: AbortSignal;
  /** SIGHUP calls the listener, until disposed, in place of ending the program. */
  onHangUp(listener: () => void): Disposable;
  readFile(path: string): Promise<Uint8Array>;
  /** In place of a file that is there. */
  writeFile(path: string, bytes: Uint8Array): Promise<void>;
  /** A file that may be larger than the memory; rejects when it is none. */
  openFile(path: string): Promise<NamedBytes>;
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Waits, unless interrupted. */
  sleep(milliseconds: number): Promise<void>;
  /** The version of the program. */
  readonly version: string;
}
