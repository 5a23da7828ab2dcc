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

/** The token that every server of the tests takes as an administrator's. */
export const testToken = 'token-of-the-tests-for-every-server';

/** Who signs in to every server of the tests as an administrator. */
export const testAdministrator = { name: 'admin', password: 'password of the tests' } as const;

/** What makes a server take that token and that password, and commands send the token. */
export const testEnvironment = {
  DUNLIN_API_TOKEN: testToken,
  DUNLIN_ADMIN_PASSWORD: testAdministrator.password,
} as const;

/** Where a `dunlin server` listens on loopback. */
export interface DunlinPorts {
  readonly coap: number;
  readonly coaps: number;
  readonly bootstrapCoap: number;
  readonly bootstrapCoaps: number;
  readonly http: number;
}

/** A request to a server. */
export interface ServerRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;
  readonly redirect?: 'follow' | 'manual';
  readonly signal?: AbortSignal;
}

/** A running `dunlin server` and where it is. */
export class DunlinServer implements AsyncDisposable {
  readonly program: Program;
  readonly coap: string;
  readonly coaps: string;
  /** The Bootstrap-Server in it. */
  readonly bootstrapCoap: string;
  readonly bootstrapCoaps: string;
  readonly http: string;

  /** Starts it on loopback ports (free ones unless given) and waits until it listens. */
  static async start(
    data: string,
    ports: Partial<DunlinPorts> = {},
    command: readonly string[] = dunlin('server'),
    env: Readonly<Record<string, string>> = {},
  ): Promise<DunlinServer> {
    const where = [
      '--coap',
      `127.0.0.1:${ports.coap ?? 0}`,
      '--coaps',
      `127.0.0.1:${ports.coaps ?? 0}`,
      '--bootstrap-coap',
      `127.0.0.1:${ports.bootstrapCoap ?? 0}`,
      '--bootstrap-coaps',
      `127.0.0.1:${ports.bootstrapCoaps ?? 0}`,
      '--http',
      `127.0.0.1:${ports.http ?? 0}`,
      '--data',
      data,
    ];
    const program = new Program([...command, ...where], { env: { ...testEnvironment, ...env } });
    try {
      const [, coap = ''] = await program.waitFor(/CoAP\s+(coap:\/\/\S+)/);
      const [, coaps = ''] = await program.waitFor(/CoAPs\s+(coaps:\/\/\S+)/);
      const [, bootstrapCoap = ''] = await program.waitFor(/Bootstrap\s+(coap:\/\/\S+)/);
      const [, bootstrapCoaps = ''] = await program.waitFor(/Bootstrap\s+(coaps:\/\/\S+)/);
      const [, http = ''] = await program.waitFor(/HTTP\s+(https?:\/\/\S+)/);
      return new DunlinServer(program, { coap, coaps, bootstrapCoap, bootstrapCoaps, http });
    } catch (error) {
      await program[Symbol.asyncDispose]();
      throw error;
    }
  }

  private constructor(program: Program, where: Readonly<Record<keyof DunlinPorts, string>>) {
    this.program = program;
    this.coap = where.coap;
    this.coaps = where.coaps;
    this.bootstrapCoap = where.bootstrapCoap;
    this.bootstrapCoaps = where.bootstrapCoaps;
    this.http = where.http;
  }

  get ports(): DunlinPorts {
    const portOf = (uri: string): number => Number(new URL(uri).port);
    return {
      coap: portOf(this.coap),
      coaps: portOf(this.coaps),
      bootstrapCoap: portOf(this.bootstrapCoap),
      bootstrapCoaps: portOf(this.bootstrapCoaps),
      http: portOf(this.http),
    };
  }

  /** Runs a command of the program against this server. */
  command(...args: readonly string[]): Promise<Finished> {
    return run(dunlin(...args), { env: { DUNLIN_URL: this.http, ...testEnvironment } });
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

  /** Starts a simulated device that comes over DTLS and waits until it is registered. */
  async securedDevice(endpoint: string, ...args: readonly string[]): Promise<Program> {
    const device = new Program(dunlin('client', '--server', this.coaps, '--endpoint', endpoint, ...args));
    await device.waitFor(/registered/);
    return device;
  }

  /** A request as an administrator, unless it shows something else. */
  fetch(path: string, { headers = {}, ...request }: ServerRequest = {}): Promise<Response> {
    return fetch(`${this.http}${path}`, {
      ...request,
      ...(request.body instanceof ReadableStream && { duplex: 'half' }),
      headers: { authorization: `Bearer ${testToken}`, ...headers },
    });
  }

  get(path: string): Promise<Response> {
    return this.request('GET', path);
  }

  /** Sends a request with a JSON body, or with none. */
  request(method: string, path: string, body?: unknown): Promise<Response> {
    return this.fetch(path, {
      method,
      ...(body !== undefined && {
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.program[Symbol.asyncDispose]();
  }
}
