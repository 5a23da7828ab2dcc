import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The root folder of the repository. */
export const repository: string = fileURLToPath(new URL('../../', import.meta.url));

/** How long a process may take for what is asked of it: generous, because test machines are busy. */
const patience = 120_000;

/** What a finished process left. */
export interface Finished {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ProgramOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly input?: string;
}

/** A running process whose output is kept and can be waited for. */
export class Program implements AsyncDisposable {
  stdout = '';
  stderr = '';
  readonly #child: ChildProcess;
  readonly #ended: Promise<Finished>;
  readonly #name: string;
  #isClosed = false;

  constructor(command: readonly string[], options: Readonly<ProgramOptions> = {}) {
    const [file = '', ...args] = command;
    this.#name = command.join(' ');
    // A group of its own, so that a wrapper such as npm goes down with what it started.
    this.#child = spawn(file, args, {
      cwd: options.cwd ?? repository,
      env: { ...process.env, NO_COLOR: '1', ...options.env },
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.stdout += text));
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    this.#child.stdin?.on('error', () => undefined);
    if (options.input !== undefined) this.#child.stdin?.end(options.input);
    this.#ended = new Promise((resolve, reject) => {
      this.#child.once('error', (error) => {
        this.#isClosed = true;
        reject(error);
      });
      this.#child.once('close', (exitCode, signal) => {
        this.#isClosed = true;
        resolve({ exitCode, signal, stdout: this.stdout, stderr: this.stderr });
      });
    });
    this.#ended.catch(() => undefined);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Whether it has ended and all of its output was read. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  get #hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Types a line. */
  type(line: string): void {
    this.#child.stdin?.write(`${line}\n`);
  }

  /** Gives it bytes as they are. */
  send(bytes: Uint8Array): void {
    this.#child.stdin?.write(bytes);
  }

  /** Ends its standard input. */
  endInput(): void {
    this.#child.stdin?.end();
  }

  /** Waits until the output (standard output, then standard error) matches, and gives the match. */
  async waitFor(pattern: RegExp): Promise<RegExpExecArray> {
    const end = performance.now() + patience;
    for (;;) {
      const match = pattern.exec(this.stdout) ?? pattern.exec(this.stderr);
      if (match !== null) return match;
      // A process that has exited may have output that is still to be read; one that is closed has none.
      if (performance.now() > end || this.#isClosed) {
        throw new Error(`${this.#name} did not print ${pattern}\n${this.stdout}\n${this.stderr}`);
      }
      await new Promise((resolve) => {
        setTimeout(resolve, 10);
      });
    }
  }

  /** Sends a signal to the process and all it started. */
  signal(signal: NodeJS.Signals): void {
    if (this.#child.pid === undefined || this.#hasEnded) return;
    try {
      process.kill(-this.#child.pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }

  /** Waits for the end; kills the process and rejects when it does not come. */
  async ended(): Promise<Finished> {
    const timer = setTimeout(() => this.signal('SIGKILL'), patience);
    try {
      return await this.#ended;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ends it as an operator does, and waits. */
  stop(): Promise<Finished> {
    this.signal('SIGTERM');
    return this.ended();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.signal('SIGKILL');
    this.#child.stdin?.destroy();
    await this.#ended.catch(() => undefined);
  }
}

/** Runs a command to its end. */
export function run(command: readonly string[], options: Readonly<ProgramOptions> = {}): Promise<Finished> {
  return new Program(command, { input: '', ...options }).ended();
}

/** The command line of the program `dunlin` from its sources on the Node.js that runs the tests. */
export function dunlin(...args: readonly string[]): readonly string[] {
  return [process.execPath, '--conditions=dunlin:source', `${repository}apps/dunlin/src/main.ts`, ...args];
}
