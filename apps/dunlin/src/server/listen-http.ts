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
export async function listenHttp(
  app: HttpApp,
  { host, port }: SocketAddress,
  protocol: 'http' | 'https',
): Promise<string> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    await app.close();
    const message = listenFailure(error, { host, port }, '--http or DUNLIN_HTTP');
    throw new ProgramError(ExitCode.failure, message, { cause: error });
  }
  const address = app.server.address();
  const actualPort = typeof address === 'object' && address !== null ? address.port : port;
  return `${protocol}://${formatHostAndPort(reachable(host), actualPort)}`;
}

/** Why nothing listens on HTTP, and where another address is chosen, in one line. */
export function listenFailure(error: unknown, { host, port }: SocketAddress, setting: string): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const where = formatHostAndPort(host, port);
  return `cannot listen on HTTP ${where}: ${reasons[code] ?? code}; choose another address with ${setting}`;
}
