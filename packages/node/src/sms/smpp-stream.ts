import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

import type { StreamOpener } from './carrier-shell.ts';
import type { SmppAddressee } from './smpp-url.ts';

/** How the message centre is recognised over TLS, and how it recognises us. All texts are PEM. */
export interface SmppTlsOptions {
  /** Certificates that vouch for the message centre, in place of those that Node.js trusts. */
  readonly ca?: string | readonly string[];
  /** Our certificate and its key, where the message centre asks for one. */
  readonly certificate?: string;
  readonly privateKey?: string;
  /** The name in its certificate, where it is not the host of the URL. */
  readonly serverName?: string;
}

/** Opens connections to a message centre; over TLS, its certificate is always verified. */
export function smppStreamOpener(to: SmppAddressee, tls: SmppTlsOptions): StreamOpener {
  return async (signal) => {
    const socket = to.isSecure ? connectSecurely(to, tls) : connectTcp({ host: to.host, port: to.port });
    // Commands are small, and each is waited for.
    socket.setNoDelay(true);
    const giveUp = (): void => void socket.destroy();
    signal.addEventListener('abort', giveUp);
    try {
      await connected(socket, to.isSecure ? 'secureConnect' : 'connect');
      return socket;
    } finally {
      signal.removeEventListener('abort', giveUp);
    }
  };
}

function connectSecurely({ host, port }: SmppAddressee, tls: SmppTlsOptions): Socket {
  const name = tls.serverName ?? host;
  return connectTls({
    host,
    port,
    // An address is no server name (RFC 6066 §3), but is looked for in the certificate all the same.
    ...(isIP(name) === 0 && { servername: name }),
    ...(tls.ca !== undefined && { ca: [tls.ca].flat() }),
    ...(tls.certificate !== undefined && { cert: tls.certificate }),
    ...(tls.privateKey !== undefined && { key: tls.privateKey }),
    minVersion: 'TLSv1.2',
    rejectUnauthorized: true,
  });
}

function connected(socket: Socket, event: 'connect' | 'secureConnect'): Promise<void> {
  return new Promise((resolve, reject) => {
    let failure: Error | undefined;
    const failed = (error: Error): void => {
      failure = error;
    };
    const closed = (): void => {
      const reason = failure === undefined ? 'it closed the connection' : describe(failure);
      reject(new Error(reason, { cause: failure }));
    };
    socket.once('error', failed);
    socket.once('close', closed);
    socket.once(event, () => {
      socket.off('error', failed);
      socket.off('close', closed);
      resolve();
    });
  });
}

/** Where several addresses of one host were tried, the error that Node.js gives has no message of its own. */
function describe(error: Error): string {
  if (!(error instanceof AggregateError)) return error.message;
  return error.errors.map((one: unknown) => (one instanceof Error ? one.message : String(one))).join(', ');
}
