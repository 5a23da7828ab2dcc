import type { ApiErrorWord, AuditOutcome } from '@dunlin/api';
import type { Instant } from '@dunlin/base';
import type { FastifyReply, FastifyRequest } from 'fastify';

import type { AuditEntry, AuditLog } from '../audit/audit-log.ts';
import { Allowance } from '../events/allowance.ts';
import type { HttpApp } from './http-app.ts';
import { addressOf } from './request-address.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whether a route changes something, where its method says otherwise. */
    audited?: boolean;
  }
  interface FastifyRequest {
    /** What the parameters of the request do not say of it, for the audit log. */
    audit: { subject?: string; error?: ApiErrorWord };
  }
}

export interface AuditParts {
  readonly log: AuditLog;
  readonly now: () => Instant;
}

/**
 * Refusals that are noted: those of a stranger who tries a lot, or of a program whose token has expired, are not to push out
 * what was done.
 */
const refusalLimits = { burst: 60, perSecond: 0.2 };

/** The longest part of an entry: names of devices are chosen by others. */
const longestText = 300;

/** Notes who changed what, and what somebody was not allowed to; nothing that is only looked at. */
export function auditHook(app: HttpApp, { log, now }: AuditParts): void {
  const refusals = new Allowance(now, refusalLimits);
  app.decorateRequest('audit');
  app.addHook('onRequest', (request, _reply, done) => {
    request.audit = {};
    done();
  });
  app.addHook('onResponse', async (request, reply) => {
    if (request.is404) return;
    const outcome = outcomeOf(reply.statusCode);
    if (outcome === 'refused' ? !refusals.take() : !isChange(request)) return;
    const entry = entryOf(request, reply, { time: now(), outcome });
    try {
      await log.append(entry);
    } catch (error) {
      // The log of the server stands in for it.
      const reason = error instanceof Error ? error.message : String(error);
      request.log.error({ reason, entry }, 'what was done is not in the audit log');
    }
  });
}

function isChange({ method, routeOptions }: FastifyRequest): boolean {
  return routeOptions.config.audited ?? (method !== 'GET' && method !== 'HEAD' && method !== 'OPTIONS');
}

function outcomeOf(status: number): AuditOutcome {
  if (status < 400) return 'done';
  return status === 401 || status === 403 || status === 429 ? 'refused' : 'failed';
}

function entryOf(
  request: FastifyRequest,
  reply: FastifyReply,
  facts: Pick<AuditEntry, 'time' | 'outcome'>,
): AuditEntry {
  const { principal, audit } = request;
  const parameters = parametersOf(request);
  const path = parameters.get('*');
  return {
    ...facts,
    actorKind: principal === undefined ? 'unknown' : principal.kind === 'session' ? 'user' : 'token',
    actor: principal?.name,
    from: addressOf(request),
    action: actionOf(request),
    endpoint: parameters.get('endpoint')?.slice(0, longestText),
    path: path === undefined ? undefined : `/${path}`.slice(0, longestText),
    subject: (audit.subject ?? parameters.get('id') ?? parameters.get('name'))?.slice(0, longestText),
    status: reply.statusCode,
    error: audit.error,
  };
}

/** The name of the operation in OpenAPI; a page has none. */
function actionOf({ method, routeOptions }: FastifyRequest): string {
  const { schema, url = '' } = routeOptions;
  const name: unknown = schema !== undefined && 'operationId' in schema ? schema.operationId : undefined;
  return typeof name === 'string' ? name : `${method} ${url}`;
}

function parametersOf({ params }: FastifyRequest): ReadonlyMap<string, string> {
  if (typeof params !== 'object' || params === null) return new Map();
  return new Map(
    Object.entries(params).filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
  );
}
