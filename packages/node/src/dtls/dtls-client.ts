import type { Binding, Driven, Peer, Shell } from '@dunlin/coap';
import { DtlsEndpoint } from '@dunlin/dtls';

import type { ClientCredential } from './dtls-credentials.ts';
import { DtlsLayer } from './dtls-layer.ts';
import { type DtlsOptions, surroundingsOf } from './dtls-options.ts';
import { DtlsShell } from './dtls-shell.ts';
import { DtlsSocket, type JudgeSaved } from './dtls-socket.ts';
import { type ServerReachLimits, ServerReach, serverReachDefaults } from './server-reach.ts';

/** How a DTLS client binding reaches its servers. */
export interface DtlsClientOptions extends DtlsOptions {
  /**
   * What to be known by at a server, and what to know it by; `undefined` when there is nothing for it. The host is as
   * the role has it, an IPv6 address without brackets.
   */
  readonly credentialFor: (
    host: string,
    port: number,
  ) => ClientCredential | undefined | Promise<ClientCredential | undefined>;
  readonly reach?: Readonly<Partial<ServerReachLimits>>;
}

/**
 * CoAP over DTLS on one UDP socket, for devices: `resolve` of its shell makes the handshake with a server, which
 * resumes the session of an earlier one when there is one, and gives the authenticated peer. Handshakes of others are
 * not answered.
 */
export function dtlsClient(options: Readonly<DtlsClientOptions>): Binding {
  return { open: (driven) => openClient(driven, options) };
}

async function openClient(driven: Driven, options: Readonly<DtlsClientOptions>): Promise<Shell> {
  const { protocol, keyLog, connectionIdLength = 0, credentialFor } = options;
  const onDiagnostic = options.onDiagnostic ?? ((): void => undefined);
  const { now, random, transport } = surroundingsOf(options);
  const endpoint = new DtlsEndpoint({
    ...protocol,
    random,
    role: 'client',
    connectionId: connectionIdLength === 'none' ? undefined : { length: connectionIdLength },
    logsKeys: keyLog !== undefined,
  });
  const limits = { ...serverReachDefaults, ...options.reach };
  const reach = new ServerReach({ endpoint, clock: now, limits });
  const layer = new DtlsLayer({
    endpoint,
    driven,
    owner: reach,
    clock: now,
    onDiagnostic,
    keyLog,
    transport,
  });
  const judge: JudgeSaved = (saved, outcome) => {
    reach.keep(saved);
    // A server finds the association by its connection id, or else by an address that is to be the same again.
    if (saved.peerConnectionId.length > 0 || options.port !== 0) outcome.trusted();
    else outcome.refused('Its peer would not find it.');
    return Promise.resolve();
  };
  const socket = await DtlsSocket.open(layer, options, judge);
  reach.adopt(layer.associations());
  return new DtlsClientShell(socket, layer, reach, credentialFor);
}

/** An open client binding. */
class DtlsClientShell extends DtlsShell {
  readonly #socket: DtlsSocket;
  readonly #layer: DtlsLayer;
  readonly #reach: ServerReach;
  readonly #credentialFor: DtlsClientOptions['credentialFor'];

  constructor(
    socket: DtlsSocket,
    layer: DtlsLayer,
    reach: ServerReach,
    credentialFor: DtlsClientOptions['credentialFor'],
  ) {
    super(socket);
    this.#socket = socket;
    this.#layer = layer;
    this.#reach = reach;
    this.#credentialFor = credentialFor;
  }

  override async resolve(host: string, port: number): Promise<Peer> {
    const name = host.replace(/^\[(.*)\]$/, '$1');
    const address = await this.#socket.resolve(name, port);
    const credential = await this.#credentialFor(name, port);
    const reached = this.#reach.reach(address, name, credential);
    this.#socket.flush();
    return await reached;
  }

  async rebind(): Promise<void> {
    await this.#socket.rebind();
    for (const { peer } of this.#layer.associations()) {
      if (peer.association?.hasConnectionId !== true) this.#layer.disconnect(peer);
    }
    this.#reach.beginAnew();
    this.#socket.flush();
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    this.#reach.close();
    await super[Symbol.asyncDispose]();
  }
}
