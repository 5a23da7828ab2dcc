import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';

import type { FastifyRequest } from 'fastify';

import type { HttpApp } from './http-app.ts';
import { RequestProblem } from './request-problem.ts';

/**
 * Any web page that a user opens can make the user's browser send requests here. So a request that a browser sends for
 * another site is refused, and so is one that reached us by a name that is not ours: a hostile name that resolves to our
 * address (DNS rebinding).
 */
export function originGuard(app: HttpApp, hostNames: readonly string[] | undefined): void {
  app.addHook('onRequest', (request, _reply, done) => {
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

/**
 * True for a request that a page of this very server made, or its user by typing the address. Pages of another port of this
 * host are another site's as well, although a cookie with `SameSite=Strict` goes along with what they ask for. Every browser
 * names the page's origin with what may change something (Fetch, "append a request Origin header"); current ones also say
 * with `Sec-Fetch-Site` how the page is related (Fetch Metadata §2.3).
 */
export function isFromOwnPage({ method, headers }: FastifyRequest): boolean {
  const { host, origin } = headers;
  const site = headers['sec-fetch-site'];
  if (isForeign(origin, host) || (site !== undefined && site !== 'same-origin' && site !== 'none'))
    return false;
  const isSafe = method === 'GET' || method === 'HEAD' || method === 'OPTIONS';
  return isSafe || site === 'same-origin' || origin !== undefined;
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
