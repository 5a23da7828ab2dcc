import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';

import type { FastifyRequest } from 'fastify';

import type { HttpApp } from './http-app.ts';
import { RequestProblem } from './request-problem.ts';

/**
 * As long as nobody is asked who he is, any web page that a user of this machine opens could make his browser
 * command devices. So a request that a browser sends for another site is refused, and so is one that reached us
 * by a name that is not ours: a hostile name that resolves to our address (DNS rebinding).
 */
export function originGuard(app: HttpApp, hostNames: readonly string[] | undefined): void {
  app.addHook('onRequest', (request, reply, done) => {
    void reply.header('x-content-type-options', 'nosniff');
    void reply.header('referrer-policy', 'no-referrer');
    void reply.header('cross-origin-resource-policy', 'same-origin');
    const { host, origin } = request.headers;
    if (hostNames !== undefined && !isOurName(host, hostNames)) {
      done(refused(`the name ${host ?? ''} is not one of this server's; add it to the setting http-names`));
      return;
    }
    if (isForeign(origin, host) || (isCrossSite(request.headers) && !isFollowedLink(request))) {
      done(refused('a page of another site asked for this'));
      return;
    }
    done();
  });
}

function isOurName(host: string | undefined, names: readonly string[]): boolean {
  // A browser always names the host; a program that does not cannot have been led here by one.
  if (host === undefined) return true;
  const name = host.replace(/:\d+$/, '').toLowerCase();
  const bare = name.replace(/^\[(.*)\]$/, '$1');
  return isIP(bare) !== 0 || name === 'localhost' || name.endsWith('.localhost') || names.includes(name);
}

function isForeign(origin: string | undefined, host: string | undefined): boolean {
  if (origin === undefined) return false;
  return !URL.canParse(origin) || new URL(origin).host !== host;
}

function isCrossSite(headers: IncomingHttpHeaders): boolean {
  return headers['sec-fetch-site'] === 'cross-site';
}

/** A link on another site that leads here may be followed: that site does not see what comes. */
function isFollowedLink(request: FastifyRequest): boolean {
  return request.method === 'GET' && request.headers['sec-fetch-mode'] === 'navigate';
}

function refused(reason: string): RequestProblem {
  return new RequestProblem(403, 'forbidden-origin', reason);
}
