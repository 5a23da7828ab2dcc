import { once } from 'node:events';
import { connect } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';

import {
  authority,
  extendedKeyUsage,
  ipName,
  issue,
  keyUsage,
  serverAuth,
  subjectAltName,
} from '../../../packages/dtls/test/support/certificate-authority.ts';
import { pem } from '../../../packages/dtls/test/support/pem.ts';

/** TLS before a server that has none of its own, as stunnel is: what comes is passed on in the clear. */
export class TlsFront implements AsyncDisposable {
  /** The certificate that vouches for it. */
  readonly ca: string;
  readonly #server: Server;
  readonly #sockets = new Set<TLSSocket>();

  private constructor(behind: { readonly host: string; readonly port: number }) {
    const root = authority('Root');
    const extensions = [keyUsage(0), extendedKeyUsage(serverAuth), subjectAltName(ipName(127, 0, 0, 1))];
    const { certificate, privateKey } = issue({ subject: 'front', extensions }, root);
    this.ca = pem('CERTIFICATE', root.certificate);
    this.#server = createServer(
      {
        cert: pem('CERTIFICATE', certificate),
        key: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
      },
      (socket) => {
        this.#sockets.add(socket);
        const server = connect(behind);
        socket.pipe(server).pipe(socket);
        const end = (): void => {
          socket.destroy();
          server.destroy();
          this.#sockets.delete(socket);
        };
        for (const side of [socket, server]) side.on('error', end).on('close', end);
      },
    );
  }

  static async open(behind: { readonly host: string; readonly port: number }): Promise<TlsFront> {
    const front = new TlsFront(behind);
    front.#server.listen(0, '127.0.0.1');
    await once(front.#server, 'listening');
    return front;
  }

  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('The front has no port.');
    return `smpps://127.0.0.1:${address.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
