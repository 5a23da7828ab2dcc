/* oxlint-disable oxc/no-async-endpoint-handlers -- Fastify, unlike Express, waits for its handlers. */
import { type IdentityDocument, IdentitySchema, PasswordChangeSchema, SignInInputSchema } from '@dunlin/api';
import type { FastifyReply, FastifyRequest } from 'fastify';

import { type AccessControl, sessionPrincipal, type SignInOutcome } from '../access/access-control.ts';
import type { Principal } from '../access/principal.ts';
import { originOf, principalOf } from './access-guard.ts';
import { optionalInstantText } from './device-to-summary.ts';
import type { HttpApp } from './http-app.ts';
import { RequestProblem } from './request-problem.ts';
import { described, noContent } from './route-schema.ts';
import { clearSessionCookie, sessionCookie, setSessionCookie } from './session-cookie.ts';

/** Bytes of the body of a sign-in. */
const bodyLimit = 8 * 1024;

/** `/session`: who the caller is, signing in and out. */
export function sessionRoutes(app: HttpApp, control: AccessControl): void {
  signInRoute(app, control);
  app.get(
    '/session',
    {
      config: { access: 'viewer' },
      schema: described('access', 'whoAmI', 'As whom the request was made', {
        response: { 200: IdentitySchema },
      }),
    },
    (request) => identityOf(principalOf(request)),
  );
  app.delete(
    '/session',
    {
      config: { access: 'viewer' },
      schema: described('access', 'signOut', 'End the session of the caller', { response: noContent }),
    },
    async (request, reply) => {
      await control.endSession(sessionOf(request).id);
      clearSessionCookie(request, reply);
      return reply.code(204).send();
    },
  );
  app.put(
    '/session/password',
    {
      bodyLimit,
      config: { access: 'viewer' },
      schema: described(
        'access',
        'changePassword',
        'Change the password of the caller, whose other sessions end',
        { body: PasswordChangeSchema, consumes: ['application/json'], response: noContent },
      ),
    },
    async (request, reply) => {
      const outcome = await control.changeOwnPassword(sessionOf(request), request.body, originOf(request));
      begin(control, outcome, request, reply, 'the current password is another');
      return reply.code(204).send();
    },
  );
}

/** Where a link signs somebody in who follows it; then the page comes. */
export function signInLinkRoute(app: HttpApp, control: AccessControl): void {
  app.get<{ Params: { code: string } }>(
    '/sign-in/:code',
    {
      config: { access: 'anyone', audited: true },
      schema: { hide: true, operationId: 'signInByLink' },
      exposeHeadRoute: false,
    },
    async (request, reply) => {
      const outcome = await control.signInByLink(request.params.code, originOf(request));
      if (outcome.kind !== 'signed-in') {
        const text = 'This link was used, or is over. Sign in at / with a name and a password.\n';
        return reply
          .code(401)
          .type('text/plain; charset=utf-8')
          .serializer((plain: string) => plain)
          .send(text);
      }
      await endSessionBefore(control, request);
      begin(control, outcome, request, reply, '');
      return reply.redirect('/', 303);
    },
  );
}

function signInRoute(app: HttpApp, control: AccessControl): void {
  app.post(
    '/session',
    {
      bodyLimit,
      config: { access: 'anyone' },
      schema: described('access', 'signIn', 'Sign in: begin a session of a browser', {
        body: SignInInputSchema,
        consumes: ['application/json'],
        response: { 200: IdentitySchema },
      }),
    },
    async (request, reply) => {
      const outcome = await control.signIn(request.body, originOf(request));
      // A name that nobody has may be a password in the wrong field.
      const user = await control.store.user(request.body.name);
      if (user !== undefined) request.audit.subject = user.name;
      const session = begin(control, outcome, request, reply, 'the name or the password is wrong');
      await endSessionBefore(control, request);
      return identityOf(sessionPrincipal(session));
    },
  );
}

/** Whoever signs in gets another secret than whatever the browser showed before, which proves nothing from then on. */
async function endSessionBefore(control: AccessControl, request: FastifyRequest): Promise<void> {
  const cookie = sessionCookie(request);
  const before = cookie === undefined ? undefined : await control.ofSession(cookie);
  if (before !== undefined) await control.endSession(before.id);
}

function begin(
  control: AccessControl,
  outcome: SignInOutcome,
  request: FastifyRequest,
  reply: FastifyReply,
  refusal: string,
): Extract<SignInOutcome, { readonly kind: 'signed-in' }>['session'] {
  switch (outcome.kind) {
    case 'signed-in':
      setSessionCookie(request, reply, outcome.secret, control.times.lifetime / 1000);
      request.principal = sessionPrincipal(outcome.session);
      return outcome.session;
    case 'refused':
      throw new RequestProblem(401, 'unauthenticated', refusal);
    case 'later': {
      const { retryAfter } = outcome;
      const message = `too many passwords were tried: try again in ${retryAfter} s`;
      throw new RequestProblem(429, 'too-many-requests', message, { retryAfter });
    }
  }
}

function sessionOf(request: FastifyRequest): Principal {
  const principal = principalOf(request);
  if (principal.kind === 'session') return principal;
  throw new RequestProblem(409, 'conflict', 'a token has no session; remove it to end what it is for');
}

function identityOf({ kind, name, role, expiresAt }: Principal): IdentityDocument {
  return { kind, name, role, expiresAt: optionalInstantText(expiresAt) };
}
