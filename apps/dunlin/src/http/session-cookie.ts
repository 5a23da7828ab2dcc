import type { FastifyReply, FastifyRequest } from 'fastify';

/**
 * What the cookie of a session is called. Over TLS a browser takes one with the prefix `__Host-` from this host alone, and
 * for all of its paths (RFC 6265bis §4.1.3.2). Without TLS there is no such promise, not even on loopback in every browser;
 * there the port is part of the name, because cookies do not tell ports of a host apart.
 */
function cookieName(request: FastifyRequest): string {
  if (request.protocol === 'https') return '__Host-dunlin-session';
  const { localPort } = request.socket;
  return localPort === undefined ? 'dunlin-session' : `dunlin-session-${localPort}`;
}

/** The secret of the session that a browser shows. */
export function sessionCookie(request: FastifyRequest): string | undefined {
  const { cookie } = request.headers;
  if (cookie === undefined) return undefined;
  const name = `${cookieName(request)}=`;
  const pair = cookie
    .split(';')
    .map((text) => text.trim())
    .find((text) => text.startsWith(name));
  return pair?.slice(name.length);
}

/** Gives a browser the secret of its session, for so many seconds. */
export function setSessionCookie(
  request: FastifyRequest,
  reply: FastifyReply,
  secret: string,
  seconds: number,
): void {
  const secure = request.protocol === 'https' ? '; Secure' : '';
  void reply.header(
    'set-cookie',
    `${cookieName(request)}=${secret}; Path=/; Max-Age=${Math.floor(seconds)}; HttpOnly; SameSite=Strict${secure}`,
  );
}

/** Makes a browser forget its session. */
export function clearSessionCookie(request: FastifyRequest, reply: FastifyReply): void {
  setSessionCookie(request, reply, '', 0);
}
