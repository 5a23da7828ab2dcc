import { milliseconds } from '@dunlin/base';
import type { Peer } from '@dunlin/coap';
import {
  type ClientCredential,
  dtls,
  dtlsClient,
  type DtlsClientOptions,
  type DtlsDiagnostic,
  type DtlsServerOptions,
} from '@dunlin/node';

import { EchoRole } from './echo-role.ts';
import { clientCredentials, type CredentialKind, ServerCredentials } from './dtls-credentials.ts';

/** The diagnostic of one kind. */
export type DiagnosticOf<Kind extends DtlsDiagnostic['kind']> = Extract<DtlsDiagnostic, { kind: Kind }>;

/** A role on a DTLS binding, with all that the binding told. */
export class DtlsParty implements AsyncDisposable {
  readonly diagnostics: DtlsDiagnostic[];
  readonly role: EchoRole;

  constructor(role: EchoRole, diagnostics: DtlsDiagnostic[]) {
    this.role = role;
    this.diagnostics = diagnostics;
  }

  get port(): number {
    return this.role.shell.local.port;
  }

  /** All diagnostics of a kind so far. */
  told<Kind extends DtlsDiagnostic['kind']>(kind: Kind): readonly DiagnosticOf<Kind>[] {
    return this.diagnostics.filter((each): each is DiagnosticOf<Kind> => each.kind === kind);
  }

  /** How many handshakes were complete, and which of them resumed a session. */
  get handshakes(): readonly ('full' | 'resumed')[] {
    return this.told('established').map(({ isResumed }) => (isResumed ? 'resumed' : 'full'));
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
  const diagnostics: DtlsDiagnostic[] = [];
  const binding = dtls({
    port: 0,
    address: '127.0.0.1',
    credentials: new ServerCredentials(),
    onDiagnostic: (diagnostic) => diagnostics.push(diagnostic),
    ...options,
    protocol: { ...impatient, ...options.protocol },
  });
  return new DtlsParty(await EchoRole.open(binding), diagnostics);
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
  const diagnostics: DtlsDiagnostic[] = [];
  const binding = dtlsClient({
    port: 0,
    address: '127.0.0.1',
    credentialFor: () => credential,
    onDiagnostic: (diagnostic) => diagnostics.push(diagnostic),
    ...rest,
    protocol: { ...impatient, ...options.protocol },
  });
  return new DtlsParty(await EchoRole.open(binding), diagnostics);
}

/** Reaches what listens on a port of this machine; certificates name it `localhost`. */
export function reach(client: DtlsParty, port: number): Promise<Peer> {
  return client.role.shell.resolve('localhost', port);
}
