import { milliseconds } from '@dunlin/base';
import type { Peer } from '@dunlin/coap';
import {
  type ClientCredential,
  dtls,
  dtlsClient,
  type DtlsClientOptions,
  type DtlsServerOptions,
} from '@dunlin/node';

import { DiagnosticLog } from './diagnostic-log.ts';
import { clientCredentials, type CredentialKind, ServerCredentials } from './dtls-credentials.ts';
import { EchoRole } from './echo-role.ts';

/** A role on a DTLS binding, with all that the binding told. */
export class DtlsParty implements AsyncDisposable {
  readonly log: DiagnosticLog;
  readonly role: EchoRole;

  constructor(role: EchoRole, log: DiagnosticLog) {
    this.role = role;
    this.log = log;
  }

  get port(): number {
    return this.role.shell.local.port;
  }

  /** How many handshakes were complete, and which of them resumed a session. */
  get handshakes(): readonly ('full' | 'resumed')[] {
    return this.log.ofKind('established').map(({ isResumed }) => (isResumed ? 'resumed' : 'full'));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.role[Symbol.asyncDispose]();
  }
}

/** On loopback nothing is under way for as long as a second: neither an answer nor a record behind a close_notify. */
const impatient = {
  association: { closingTime: milliseconds(20) },
  flight: { initialTimeout: milliseconds(200) },
};

/** A server on a free port of the loopback interface. */
export async function startServer(options: Partial<DtlsServerOptions> = {}): Promise<DtlsParty> {
  const log = new DiagnosticLog();
  const binding = dtls({
    port: 0,
    address: '127.0.0.1',
    credentials: new ServerCredentials(),
    onDiagnostic: log.add,
    ...options,
    protocol: { ...impatient, ...options.protocol },
  });
  return new DtlsParty(await EchoRole.open(binding), log);
}

/** A client that has one credential for every server. */
export async function startClient(
  options: Partial<DtlsClientOptions> & {
    readonly kind?: CredentialKind;
    readonly credential?: ClientCredential | undefined;
  } = {},
): Promise<DtlsParty> {
  const { kind = 'psk', ...rest } = options;
  const credential = 'credential' in options ? options.credential : clientCredentials[kind];
  const log = new DiagnosticLog();
  const binding = dtlsClient({
    port: 0,
    address: '127.0.0.1',
    credentialFor: () => credential,
    onDiagnostic: log.add,
    ...rest,
    protocol: { ...impatient, ...options.protocol },
  });
  return new DtlsParty(await EchoRole.open(binding), log);
}

/** Reaches what listens on a port of this machine; certificates name it `localhost`. */
export function reach(client: DtlsParty, port: number): Promise<Peer> {
  return client.role.shell.resolve('localhost', port);
}
