import { type ChildProcess, fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** What a server process used so far. */
export interface Usage {
  /** User and system time in microseconds. */
  readonly cpu: number;
  readonly residentBytes: number;
}

const canPin = spawnSync('taskset', ['--version']).status === 0;

/** Keeps the generator off the processor that the server under test runs on, where the system has `taskset`. */
export function pinGenerator(): boolean {
  return canPin && spawnSync('taskset', ['-a', '-p', '-c', '1', String(process.pid)]).status === 0;
}

/** A server under test, in a process of its own pinned to one processor. */
export class ServerProcess implements AsyncDisposable {
  readonly port: number;
  readonly #child: ChildProcess;

  static async start(file: string, args: readonly string[] = []): Promise<ServerProcess> {
    const path = fileURLToPath(new URL(`servers/${file}`, import.meta.url));
    const child = fork(path, args, {
      execArgv: ['--conditions=dunlin:source', '--expose-gc'],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    if (canPin && child.pid !== undefined) spawnSync('taskset', ['-a', '-p', '-c', '0', String(child.pid)]);
    const [ready] = (await once(child, 'message')) as [{ readonly port: number }];
    return new ServerProcess(child, ready.port);
  }

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
  }

  /** Asks the process; `command` is one that its `serveCommands` knows. */
  async ask<Answer>(command: string): Promise<Answer> {
    this.#child.send(command);
    const [answer] = (await once(this.#child, 'message')) as [Answer];
    return answer;
  }

  usage(): Promise<Usage> {
    return this.ask<Usage>('usage');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const exited = once(this.#child, 'exit');
    this.#child.kill();
    await exited;
  }
}

/** The server's side: says where it listens, and answers commands. */
export function serveCommands(port: number, commands: Readonly<Record<string, () => unknown>> = {}): void {
  process.on('message', (command) => {
    if (command === 'usage') {
      const { user, system } = process.cpuUsage();
      process.send?.({ cpu: user + system, residentBytes: process.memoryUsage.rss() } satisfies Usage);
      return;
    }
    process.send?.(commands[String(command)]?.() ?? null);
  });
  process.send?.({ port });
}
