import { TransmissionError } from '@dunlin/base';
import type { Binding, Driven, Peer, Shell } from '@dunlin/coap';
import { DtlsEndpoint, type ServerCredentials } from '@dunlin/dtls';

import { CredentialLookups } from './credential-lookups.ts';
import type { DtlsCredentials, OwnCredentials } from './dtls-credentials.ts';
import { DtlsLayer } from './dtls-layer.ts';
import { type DtlsOptions, surroundingsOf } from './dtls-options.ts';
import { DtlsShell } from './dtls-shell.ts';
import { DtlsSocket } from './dtls-socket.ts';

/** How a DTLS server binding listens and whom it trusts. */
export interface DtlsServerOptions extends DtlsOptions {
  readonly credentials: DtlsCredentials;
  /** The most look-ups of credentials under way at once; see `dtlsServerDefaults`. */
  readonly maxLookups?: number;
}

/**
 * Connection ids: 8 bytes are enough to tell 100,000 associations apart at random, and to be guessed by nobody.
 * Look-ups: as many as there may be handshakes, and as many again that were given up but not answered.
 */
export const dtlsServerDefaults: Readonly<{ connectionIdLength: number; maxLookups: number }> = {
  connectionIdLength: 8,
  maxLookups: 4000,
};

/**
 * CoAP over DTLS on one UDP socket, for servers: it answers handshakes and never begins one (RFC 7252 §9.1). Peers of
 * the role above are authenticated, and have the same key as long as their association lives, wherever they move.
 * What is sent to a peer without an association is not sent, and the role is told `peerLost`.
 */
export function dtls(options: Readonly<DtlsServerOptions>): Binding {
  return { open: (driven) => openServer(driven, options) };
}

async function openServer(driven: Driven, options: Readonly<DtlsServerOptions>): Promise<Shell> {
  const { credentials, protocol, keyLog } = options;
  const onDiagnostic = options.onDiagnostic ?? ((): void => undefined);
  const { connectionIdLength, maxLookups } = { ...dtlsServerDefaults, ...options };
  const { now, random, transport } = surroundingsOf(options);
  let socket: DtlsSocket | undefined;
  const endpoint = new DtlsEndpoint({
    ...protocol,
    random,
    role: 'server',
    credentials: serverCredentials(credentials.own),
    connectionId: connectionIdLength === 'none' ? undefined : { length: connectionIdLength },
    logsKeys: keyLog !== undefined,
  });
  const lookups = new CredentialLookups({
    endpoint,
    credentials,
    maxLookups,
    clock: now,
    onDiagnostic,
    flush: () => socket?.flush(),
  });
  const owner = { ask: lookups.ask.bind(lookups) };
  const layer = new DtlsLayer({ endpoint, driven, owner, clock: now, onDiagnostic, keyLog, transport });
  // From now on, since a credential may be revoked while saved associations are looked through.
  const subscriptions = new DisposableStack();
  const renewed = credentials.renewed?.subscribe((own) => endpoint.renewCredentials(serverCredentials(own)));
  if (renewed !== undefined) subscriptions.use(renewed);
  const revoked = credentials.revoked?.subscribe((credentialId) => {
    lookups.noteRevocation();
    endpoint.revoke(credentialId, now());
    socket?.flush();
  });
  if (revoked !== undefined) subscriptions.use(revoked);
  try {
    socket = await DtlsSocket.open(layer, options, (saved, goOn) => lookups.judgeSaved(saved, goOn));
  } catch (error) {
    subscriptions.dispose();
    throw error;
  }
  return new DtlsServerShell(socket, subscriptions);
}

/** An open server binding. */
class DtlsServerShell extends DtlsShell {
  readonly #subscriptions: Disposable;

  constructor(socket: DtlsSocket, subscriptions: Disposable) {
    super(socket);
    this.#subscriptions = subscriptions;
  }

  override resolve(host: string, port: number): Promise<Peer> {
    const message = `a DTLS server waits for its peers; it does not begin an association with ${host}:${port}`;
    return Promise.reject(new TransmissionError('not-sent', message));
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    this.#subscriptions[Symbol.dispose]();
    await super[Symbol.asyncDispose]();
  }
}

function serverCredentials({
  rawPublicKey,
  certificate,
  identityHint,
}: OwnCredentials = {}): ServerCredentials {
  return {
    preSharedKeys: identityHint === undefined ? {} : { identityHint },
    ...(rawPublicKey === undefined ? {} : { rawPublicKey }),
    ...(certificate === undefined ? {} : { certificate }),
  };
}
