/* oxlint-disable oxc/no-async-endpoint-handlers -- Fastify, unlike Express, waits for its handlers. */
import { DiscoverResultSchema } from '@dunlin/api';

import { answerAsked, askCall, AskQuery, queuedAnswer } from './asked-answer.ts';
import type { DeviceOperations } from './device-operations.ts';
import type { HttpApp } from './http-app.ts';
import { linksIn } from './operation-result.ts';
import { linkToDocument } from './operation-to-document.ts';
import { pathFrom, readable, TargetParams } from './request-parts.ts';
import { described } from './route-schema.ts';

/** Discover: `GET /devices/{endpoint}/discover/{path}`. */
export function discoverRoute(app: HttpApp, operations: DeviceOperations): void {
  app.get(
    '/devices/:endpoint/discover/*',
    {
      config: { access: 'operator' },
      schema: described('resources', 'discover', 'What there is at a path, and the attributes set on it', {
        params: TargetParams,
        querystring: AskQuery,
        response: { 200: DiscoverResultSchema, ...queuedAnswer },
      }),
    },
    async (request, reply) => {
      const path = pathFrom(request.params['*'], readable);
      const asked = await operations.ask(askCall('discover', request, reply), () => ({
        name: 'discover',
        target: path,
      }));
      return answerAsked(reply, asked, operations, (result, registration) => {
        const definition = operations.definitionOf(path, registration);
        return reply.send({ links: linksIn(result).map((link) => linkToDocument(link, definition)) });
      });
    },
  );
}
