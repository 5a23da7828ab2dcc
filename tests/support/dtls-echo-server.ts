import type { Shell } from '@dunlin/coap';
import { dtls, type DtlsServerOptions } from '@dunlin/node';

import { DiagnosticLog } from './diagnostic-log.ts';
import { TextRole } from './text-role.ts';

/** Our DTLS server binding on a free port, with a role above it that answers each text by `heard` and the text. */
export class DtlsEchoServer implements AsyncDisposable {
  readonly log: DiagnosticLog;
  readonly role: TextRole;
  readonly #shell: Shell;

  static async open(options: Readonly<Omit<DtlsServerOptions, 'port' | 'address'>>): Promise<DtlsEchoServer> {
    const log = new DiagnosticLog();
    const role = new TextRole((text) => `heard ${text}`);
    const binding = dtls({ ...options, port: 0, address: '127.0.0.1', onDiagnostic: log.add });
    return new DtlsEchoServer(log, role, await binding.open(role));
  }

  private constructor(log: DiagnosticLog, role: TextRole, shell: Shell) {
    this.log = log;
    this.role = role;
    this.#shell = shell;
  }

  get port(): number {
    return this.#shell.local.port;
  }

  /** `127.0.0.1:` and the port. */
  get hostAndPort(): string {
    return `127.0.0.1:${this.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#shell[Symbol.asyncDispose]();
  }
}
