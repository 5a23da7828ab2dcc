/* oxlint-disable oxc/no-async-endpoint-handlers -- Fastify, unlike Express, waits for its handlers. */
import { includesRole, type SessionDocument, SessionPageSchema, SessionQuerySchema } from '@dunlin/api';
import { Type } from 'typebox';

import type { AccessControl } from '../access/access-control.ts';
import type { Session } from '../access/access-store.ts';
import type { Principal } from '../access/principal.ts';
import { principalOf } from './access-guard.ts';
import { instantText } from './device-to-summary.ts';
import type { HttpApp } from './http-app.ts';
import { RequestProblem } from './request-problem.ts';
import { described, noContent } from './route-schema.ts';

const SessionParams = Type.Object({
  id: Type.String({ minLength: 1, maxLength: 64, description: 'The id of a session.' }),
});

/** `/sessions`: sessions of browsers. Users see and end their own, administrators all. */
export function userSessionsRoutes(app: HttpApp, control: AccessControl): void {
  app.get(
    '/sessions',
    {
      config: { access: 'viewer' },
      schema: described('access', 'listUserSessions', 'Sessions: one’s own, for administrators all', {
        querystring: SessionQuerySchema,
        response: { 200: SessionPageSchema },
      }),
    },
    async (request) => {
      const principal = principalOf(request);
      const { user: asked, after, limit = 100 } = request.query;
      const user = ownerSeen(principal, asked);
      const found = await control.store.sessions({ after, limit: limit + 1, user });
      const page = found.slice(0, limit);
      const next = found.length > limit ? (page.at(-1)?.id ?? null) : null;
      return { sessions: page.map((session) => sessionToDocument(session, principal)), next };
    },
  );
  app.delete(
    '/sessions/:id',
    {
      config: { access: 'viewer' },
      schema: described('access', 'endUserSession', 'End a session, and the streams that it reads', {
        params: SessionParams,
        response: noContent,
      }),
    },
    async (request, reply) => {
      const { id } = request.params;
      const principal = principalOf(request);
      const session = await control.store.session(id);
      // Whose it is not does not learn that it is there.
      if (session === undefined || !maySee(principal, session.user)) {
        throw new RequestProblem(404, 'unknown-session', `there is no session ${JSON.stringify(id)}`);
      }
      await control.endSession(id);
      return reply.code(204).send();
    },
  );
}

/** Whose sessions are listed: those of the user asked for, of everybody, or one's own. */
function ownerSeen(principal: Principal, asked: string | undefined): string | undefined {
  if (includesRole(principal.role, 'administrator')) return asked;
  if (asked === undefined || maySee(principal, asked)) {
    // A token has none, and no user is called so.
    return principal.kind === 'session' ? principal.name : '';
  }
  throw new RequestProblem(403, 'forbidden', 'only administrators see sessions of others');
}

function maySee({ kind, name, role }: Principal, user: string): boolean {
  if (includesRole(role, 'administrator')) return true;
  return kind === 'session' && name.toLowerCase() === user.toLowerCase();
}

function sessionToDocument(session: Session, principal: Principal): SessionDocument {
  const { id, user, createdAt, usedAt, expiresAt, from, userAgent } = session;
  return {
    id,
    user,
    createdAt: instantText(createdAt),
    usedAt: instantText(usedAt),
    expiresAt: instantText(expiresAt),
    from,
    userAgent: userAgent ?? null,
    isCurrent: principal.kind === 'session' && principal.id === id,
  };
}
