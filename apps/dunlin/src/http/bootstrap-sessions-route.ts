/* oxlint-disable oxc/no-async-endpoint-handlers -- Fastify, unlike Express, waits for its handlers. */
import {
  BootstrapSessionListSchema,
  BootstrapSessionQuerySchema,
  BootstrapSessionSchema,
  BootstrapStartInputSchema,
} from '@dunlin/api';
import { SecurityError } from '@dunlin/base';
import type { BootstrapConfigurationStore } from '@dunlin/bootstrap';
import { Type } from 'typebox';

import { unknownConfiguration } from './bootstrap-route.ts';
import { containing } from './fitting-page.ts';
import type { HttpApp } from './http-app.ts';
import type { ManagedBootstrapServer } from './managed-bootstrap-server.ts';
import { RequestProblem } from './request-problem.ts';
import { described } from './route-schema.ts';
import { sessionToDocument } from './session-to-document.ts';

export interface SessionsRouteOptions {
  readonly server: ManagedBootstrapServer;
  readonly configurations: BootstrapConfigurationStore;
  /** Where a device is that is registered without security: as a `coap` URI, when it is known. */
  readonly addressOf: (endpoint: string) => Promise<string | undefined>;
  /** Says which device is about to be reached for at a URI. */
  readonly expect: (endpoint: string, uri: string) => void;
}

const SessionParams = Type.Object({
  id: Type.String({ minLength: 1, maxLength: 64, description: 'The id of a session.' }),
});

/** More than a Bootstrap-Server remembers. */
const maxRemembered = 1_000_000;

/** `/bootstrap/sessions`: how bootstraps went, step by step. */
export function sessionsRoutes(app: HttpApp, options: SessionsRouteOptions): void {
  const { server } = options;
  app.get(
    '/bootstrap/sessions',
    {
      config: { access: 'viewer' },
      schema: described(
        'bootstrap',
        'listSessions',
        'Bootstraps under way and those that ended last, newest first',
        {
          querystring: BootstrapSessionQuerySchema,
          response: { 200: BootstrapSessionListSchema },
        },
      ),
    },
    (request) => {
      const { endpoint, contains, outcome, before, limit = 100 } = request.query;
      const known = server.sessions({ endpointName: endpoint, limit: maxRemembered });
      const last = before === undefined ? -1 : known.findIndex(({ id }) => id === before);
      // One that is forgotten was older than all that are left.
      const first = before !== undefined && last === -1 ? known.length : last + 1;
      const isPart = containing(contains);
      const fitting = known
        .slice(first)
        .filter(
          (each) =>
            (outcome === undefined || each.outcome === outcome) &&
            (isPart === undefined || isPart(each.endpointName)),
        );
      const page = fitting.slice(0, limit);
      return {
        sessions: page.map(sessionToDocument),
        next: fitting.length > limit ? (page.at(-1)?.id ?? null) : null,
      };
    },
  );
  app.get(
    '/bootstrap/sessions/:id',
    {
      config: { access: 'viewer' },
      schema: described('bootstrap', 'getSession', 'A bootstrap with each step and its answer', {
        params: SessionParams,
        response: { 200: BootstrapSessionSchema },
      }),
    },
    (request) => {
      const { id } = request.params;
      const session = server.session(id);
      if (session === undefined) {
        throw new RequestProblem(
          404,
          'unknown-session',
          `no bootstrap session ${JSON.stringify(id)} is remembered`,
        );
      }
      return sessionToDocument(session);
    },
  );
  startRoute(app, options);
}

function startRoute(app: HttpApp, options: SessionsRouteOptions): void {
  const { server, configurations, addressOf, expect } = options;
  app.post(
    '/bootstrap/sessions',
    {
      config: { access: 'operator' },
      schema: described(
        'bootstrap',
        'startSession',
        'Begin a bootstrap with a device that waits for it (Server-Initiated Bootstrap)',
        {
          body: BootstrapStartInputSchema,
          consumes: ['application/json'],
          response: { 202: BootstrapSessionSchema },
        },
      ),
    },
    async (request, reply) => {
      const { endpoint, uri } = request.body;
      if ((await configurations.find(endpoint)) === undefined) throw unknownConfiguration(endpoint);
      const [latest] = server.sessions({ endpointName: endpoint, limit: 1 });
      if (latest?.outcome === 'running') {
        throw new RequestProblem(409, 'conflict', `a bootstrap of ${endpoint} is under way: ${latest.id}`);
      }
      try {
        const place = uri ?? (await addressOf(endpoint));
        if (place !== undefined) expect(endpoint, place);
        const session = await server.start(endpoint, place);
        return await reply
          .code(202)
          .header('location', `/api/v1/bootstrap/sessions/${session.id}`)
          .send(sessionToDocument(session));
      } catch (error) {
        if (error instanceof SecurityError) throw new RequestProblem(409, 'conflict', error.message);
        throw error;
      }
    },
  );
}
