/* oxlint-disable oxc/no-async-endpoint-handlers -- Fastify, unlike Express, waits for its handlers. */
import { type AuditEntryDocument, AuditPageSchema, AuditQuerySchema } from '@dunlin/api';
import { type Instant, instantFrom } from '@dunlin/base';

import type { AuditLog, KeptAuditEntry } from '../audit/audit-log.ts';
import { instantText } from './device-to-summary.ts';
import type { HttpApp } from './http-app.ts';
import { described } from './route-schema.ts';

/** `GET /audit`: who did what, when, from where, and how it went. */
export function auditRoute(app: HttpApp, log: AuditLog): void {
  app.get(
    '/audit',
    {
      config: { access: 'administrator' },
      schema: described('access', 'listAudit', 'Who changed what, and was not allowed to; the newest first', {
        querystring: AuditQuerySchema,
        response: { 200: AuditPageSchema },
      }),
    },
    async (request) => {
      const { actor, action, endpoint, outcome, since, until, after, limit = 100 } = request.query;
      const found = await log.find({
        actor,
        action,
        endpoint,
        outcome,
        since: optionalInstant(since),
        until: optionalInstant(until),
        before: after === undefined ? undefined : Number(after),
        limit: limit + 1,
      });
      const page = found.slice(0, limit);
      const last = page.at(-1);
      const next = found.length > limit && last !== undefined ? String(last.id) : null;
      return { entries: page.map(entryToDocument), next };
    },
  );
}

/** The schema has checked that it is a time. */
function optionalInstant(text: string | undefined): Instant | undefined {
  return text === undefined ? undefined : instantFrom(Date.parse(text));
}

function entryToDocument(entry: KeptAuditEntry): AuditEntryDocument {
  const { id, time, actorKind, action, outcome } = entry;
  return {
    id,
    time: instantText(time),
    actorKind,
    actor: entry.actor ?? null,
    from: entry.from ?? null,
    action,
    endpoint: entry.endpoint ?? null,
    path: entry.path ?? null,
    subject: entry.subject ?? null,
    outcome,
    status: entry.status ?? null,
    error: entry.error ?? null,
  };
}
