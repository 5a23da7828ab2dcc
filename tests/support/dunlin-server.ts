import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { dunlin, type Finished, Program, run } from './program.ts';

/** A folder that goes when the test does. */
export class TemporaryFolder implements Disposable {
  readonly path: string = mkdtempSync(join(tmpdir(), 'dunlin-'));

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** A running `dunlin server` and where it is. */
export class DunlinServer implements AsyncDisposable {
  readonly program: Program;
  readonly coap: string;
  readonly http: string;

  /** Starts it on loopback ports (free ones unless given) and waits until it listens. */
  static async start(
    data: string,
    ports: { readonly coap?: number; readonly http?: number } = {},
    command: readonly string[] = dunlin('server'),
  ): Promise<DunlinServer> {
    const where = [
      '--coap',
      `127.0.0.1:${ports.coap ?? 0}`,
      '--http',
      `127.0.0.1:${ports.http ?? 0}`,
      '--data',
      data,
    ];
    const program = new Program([...command, ...where]);
    try {
      const [, coap = ''] = await program.waitFor(/CoAP\s+(coap:\/\/\S+)/);
      const [, http = ''] = await program.waitFor(/HTTP\s+(http:\/\/\S+)/);
      return new DunlinServer(program, coap, http);
    } catch (error) {
      await program[Symbol.asyncDispose]();
      throw error;
    }
  }

  private constructor(program: Program, coap: string, http: string) {
    this.program = program;
    this.coap = coap;
    this.http = http;
  }

  get ports(): { readonly coap: number; readonly http: number } {
    return { coap: Number(new URL(this.coap).port), http: Number(new URL(this.http).port) };
  }

  /** Runs a command of the program against this server. */
  command(...args: readonly string[]): Promise<Finished> {
    return run(dunlin(...args), { env: { DUNLIN_URL: this.http } });
  }

  /** Runs a command with `--json` that must succeed, and gives what it printed. */
  async json<T>(...args: readonly string[]): Promise<T> {
    const { exitCode, stdout, stderr } = await this.command(...args, '--json');
    if (exitCode !== 0) throw new Error(`dunlin ${args.join(' ')} ended with ${exitCode}: ${stderr}`);
    return JSON.parse(stdout) as T;
  }

  /** Starts a simulated device and waits until it is registered. */
  async device(endpoint: string, ...args: readonly string[]): Promise<Program> {
    const device = new Program(dunlin('client', '--server', this.coap, '--endpoint', endpoint, ...args));
    await device.waitFor(/registered/);
    return device;
  }

  get(path: string): Promise<Response> {
    return fetch(`${this.http}${path}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.program[Symbol.asyncDispose]();
  }
}
