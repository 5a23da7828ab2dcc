import { formatHostAndPort } from '@dunlin/node';

import { reachable } from '../config/reachable.ts';
import type { SocketAddress } from '../config/socket-address.ts';
import type { HttpApp } from '../http/http-app.ts';
import { ExitCode } from '../program/exit-code.ts';
import { ProgramError } from '../program/program-error.ts';

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the port is in use',
  EACCES: 'the port may not be used without more rights',
  EADDRNOTAVAIL: 'this machine does not have that address',
  EAFNOSUPPORT: 'this machine does not speak IPv6',
};

/** Listens; resolves to the URL under which this machine reaches it. */
export async function listenHttp(app: HttpApp, { host, port }: SocketAddress): Promise<string> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    await app.close();
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const where = formatHostAndPort(host, port);
    throw new ProgramError(
      ExitCode.failure,
      `cannot listen on HTTP ${where}: ${reasons[code] ?? code}; choose another address with --http or DUNLIN_HTTP`,
      { cause: error },
    );
  }
  const address = app.server.address();
  const actualPort = typeof address === 'object' && address !== null ? address.port : port;
  return `http://${formatHostAndPort(reachable(host), actualPort)}`;
}
