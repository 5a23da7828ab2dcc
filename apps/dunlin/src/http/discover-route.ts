/* oxlint-disable oxc/no-async-endpoint-handlers -- Fastify, unlike Express, waits for its handlers. */
import { type DiscoverDocument, DiscoverResultSchema } from '@dunlin/api';
import { type DiscoverLink, formatPath, type ObjectDefinition } from '@dunlin/lwm2m';

import type { DeviceOperations } from './device-operations.ts';
import { disconnection } from './disconnection.ts';
import type { HttpApp } from './http-app.ts';
import { nameAt } from './name-at.ts';
import { pathFrom, readable, TargetParams, timeoutFrom, TimeoutQuery } from './request-parts.ts';
import { described } from './route-schema.ts';

/** Discover: `GET /devices/{endpoint}/discover/{path}`. */
export function discoverRoute(app: HttpApp, operations: DeviceOperations): void {
  app.get(
    '/devices/:endpoint/discover/*',
    {
      schema: described('resources', 'discover', 'What there is at a path, and the attributes set on it', {
        params: TargetParams,
        querystring: TimeoutQuery,
        response: { 200: DiscoverResultSchema },
      }),
    },
    async (request, reply) => {
      const path = pathFrom(request.params['*'], readable);
      const { endpoint } = request.params;
      const call = {
        operation: 'discover',
        endpoint,
        timeout: timeoutFrom(request.query),
        signal: disconnection(reply),
      };
      return operations.run(call, async ({ device, registration, options }) => {
        const definition = operations.definitionOf(path, registration);
        const links = await device.discover(path, options);
        return { links: links.map((link) => linkToDocument(link, definition)) };
      });
    },
  );
}

function linkToDocument(link: DiscoverLink, definition: ObjectDefinition | undefined): DiscoverDocument {
  const { pmin, pmax, gt, lt, st } = link.attributes;
  return {
    path: formatPath(link.path),
    ...nameAt(link.path, definition),
    ...(link.version === undefined ? {} : { version: link.version }),
    ...(link.dimension === undefined ? {} : { dimension: link.dimension }),
    attributes: {
      ...(pmin === undefined ? {} : { pmin }),
      ...(pmax === undefined ? {} : { pmax }),
      ...(gt === undefined ? {} : { gt }),
      ...(lt === undefined ? {} : { lt }),
      ...(st === undefined ? {} : { st }),
    },
  };
}
