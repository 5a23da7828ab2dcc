import type { Peer, Shell } from '@dunlin/coap';
import { type ClientCredential, dtlsClient, type DtlsClientOptions } from '@dunlin/node';

import { DiagnosticLog } from './diagnostic-log.ts';
import { TextRole } from './text-role.ts';

/** Our DTLS client binding with a role above it that speaks text. */
export class DtlsTextClient implements AsyncDisposable {
  readonly log: DiagnosticLog;
  readonly role: TextRole;
  readonly shell: Shell;

  static async open(
    credential: ClientCredential,
    options: Readonly<Partial<DtlsClientOptions>> = {},
  ): Promise<DtlsTextClient> {
    const log = new DiagnosticLog();
    const role = new TextRole();
    const binding = dtlsClient({
      port: 0,
      address: '127.0.0.1',
      credentialFor: () => credential,
      ...options,
      onDiagnostic: log.add,
    });
    return new DtlsTextClient(log, role, await binding.open(role));
  }

  private constructor(log: DiagnosticLog, role: TextRole, shell: Shell) {
    this.log = log;
    this.role = role;
    this.shell = shell;
  }

  /** Reaches the server on a port of this machine. */
  connect(port: number, host = '127.0.0.1'): Promise<Peer> {
    return this.shell.resolve(host, port);
  }

  /** Sends a text. */
  say(text: string, peer: Peer): void {
    this.role.say(text, peer);
    this.shell.flush();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.shell[Symbol.asyncDispose]();
  }
}
