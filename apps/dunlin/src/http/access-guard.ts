import { includesRole, type Role } from '@dunlin/api';
import { UsageError } from '@dunlin/base';
import type { FastifyReply, FastifyRequest } from 'fastify';

import type { AccessControl, RequestOrigin } from '../access/access-control.ts';
import type { LiveRequests } from '../access/live-requests.ts';
import type { Principal } from '../access/principal.ts';
import type { HttpApp } from './http-app.ts';
import { isFromOwnPage } from './origin-guard.ts';
import { addressOf } from './request-address.ts';
import { RequestProblem } from './request-problem.ts';
import { clearSessionCookie, sessionCookie } from './session-cookie.ts';

/** Who may use a route: whoever has the role or one that includes it, or anyone, without saying who it is. */
export type RouteAccess = Role | 'anyone';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Every route has to say who may use it. */
    access?: RouteAccess;
  }
  interface FastifyRequest {
    /** As whom the request was made, on routes that are not for anyone. */
    principal: Principal | undefined;
  }
}

/** What the interface knows of who may do what. */
export interface AccessParts {
  readonly control: AccessControl;
  readonly live: LiveRequests;
}

/**
 * Lets through who proved to have the role that a route declares as `config.access`, and nobody else. This is the one place
 * that decides it; a route that declares nothing cannot be added.
 */
export function accessGuard(app: HttpApp, { control, live }: AccessParts): void {
  app.decorateRequest('principal', undefined);
  app.addHook('onRoute', ({ method, url, config }) => {
    if (config?.access === undefined) {
      throw new UsageError(
        `the route ${String(method)} ${url} does not say who may use it: give it config: { access: … }`,
      );
    }
  });
  app.addHook('onRequest', async (request, reply) => {
    const needed = request.routeOptions.config.access;
    if (request.is404 || needed === undefined || needed === 'anyone') return;
    const principal = await identified(control, request, reply);
    request.principal = principal;
    if (!includesRole(principal.role, needed)) {
      throw new RequestProblem(
        403,
        'forbidden',
        `this needs the role ${needed}; ${principal.name} is ${principal.role}`,
      );
    }
    followAnswer(live, principal, reply);
  });
}

/** As whom a request was made; throws on a route that is for anyone. */
export function principalOf(request: FastifyRequest): Principal {
  if (request.principal === undefined) throw new UsageError(`nobody was asked who it is for ${request.url}`);
  return request.principal;
}

/** Where a request comes from. */
export function originOf(request: FastifyRequest): RequestOrigin {
  return { from: addressOf(request), userAgent: request.headers['user-agent'] };
}

async function identified(
  control: AccessControl,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Principal> {
  const { authorization } = request.headers;
  if (authorization !== undefined) {
    const [, token] = /^bearer +(\S+)$/i.exec(authorization) ?? [];
    const principal = token === undefined ? undefined : await control.ofToken(token, addressOf(request));
    if (principal === undefined) {
      throw unauthenticated('the token is none of this server’s, or was removed, or has expired');
    }
    return principal;
  }
  const cookie = sessionCookie(request);
  if (cookie === undefined) {
    throw unauthenticated('say who you are: sign in, or send a token as Authorization: Bearer');
  }
  // A browser sends the cookie along whatever page asks it to.
  if (!isFromOwnPage(request)) {
    throw new RequestProblem(403, 'forbidden-origin', 'only pages of this server may use its sessions');
  }
  const principal = await control.ofSession(cookie);
  if (principal !== undefined) return principal;
  clearSessionCookie(request, reply);
  throw unauthenticated('the session is over: sign in again');
}

/** Breaks the answer off when whom it is for may not have it any more. */
function followAnswer(live: LiveRequests, principal: Principal, reply: FastifyReply): void {
  const { raw } = reply;
  const following = live.add(
    {
      isUnderWay: () => raw.headersSent && !raw.writableEnded,
      end: () => {
        raw.end();
        // A reader that takes nothing would hold the end back for ever.
        if (raw.writableLength > 0) raw.destroy();
      },
    },
    principal,
  );
  raw.once('close', () => following[Symbol.dispose]());
}

function unauthenticated(message: string): RequestProblem {
  return new RequestProblem(401, 'unauthenticated', message);
}
