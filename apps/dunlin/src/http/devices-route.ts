/* oxlint-disable oxc/no-async-endpoint-handlers -- Fastify, unlike Express, waits for its handlers. */
import { DevicePageSchema, type DeviceQuery, DeviceQuerySchema, DeviceSummarySchema } from '@dunlin/api';
import type { ObjectDefinitions } from '@dunlin/lwm2m';
import { DeviceNotRegisteredError, type Registration } from '@dunlin/server';

import { deviceToSummary } from './device-to-summary.ts';
import type { HttpApp } from './http-app.ts';
import type { ManagedServer } from './managed-server.ts';
import { DeviceParams } from './request-parts.ts';
import { described, noContent } from './route-schema.ts';

/** `GET /devices`, `GET /devices/{endpoint}`, `DELETE /devices/{endpoint}`. */
export function devicesRoutes(
  app: HttpApp,
  { server, definitions }: { readonly server: ManagedServer; readonly definitions: ObjectDefinitions },
): void {
  app.get(
    '/devices',
    {
      schema: described('devices', 'listDevices', 'List the registered devices by endpoint name', {
        querystring: DeviceQuerySchema,
        response: { 200: DevicePageSchema },
      }),
    },
    async (request) => {
      const { after, limit = 100 } = request.query;
      const filter = filterOf(request.query);
      const { registrations, next } = await server.registrations({
        limit,
        ...(after === undefined ? {} : { after }),
        ...(filter === undefined ? {} : { filter }),
      });
      const devices = registrations.map((registration) => deviceToSummary(registration, definitions));
      return { devices, next: next ?? null };
    },
  );

  app.get(
    '/devices/:endpoint',
    {
      schema: described('devices', 'getDevice', 'What is known of a registered device', {
        params: DeviceParams,
        response: { 200: DeviceSummarySchema },
      }),
    },
    async (request) => {
      const { endpoint } = request.params;
      const registration = await server.device(endpoint).registration();
      if (registration === undefined) throw new DeviceNotRegisteredError(endpoint);
      return deviceToSummary(registration, definitions);
    },
  );

  app.delete(
    '/devices/:endpoint',
    {
      schema: described(
        'devices',
        'removeDevice',
        'Remove a registration; the device is not told and may register anew',
        {
          params: DeviceParams,
          response: noContent,
        },
      ),
    },
    async (request, reply) => {
      const { endpoint } = request.params;
      if (!(await server.deregister(endpoint))) throw new DeviceNotRegisteredError(endpoint);
      return reply.code(204).send();
    },
  );
}

function filterOf({ prefix, contains }: DeviceQuery): ((registration: Registration) => boolean) | undefined {
  if (prefix === undefined && contains === undefined) return undefined;
  const part = contains?.toLowerCase();
  return ({ endpointName }) =>
    (prefix === undefined || endpointName.startsWith(prefix)) &&
    (part === undefined || endpointName.toLowerCase().includes(part));
}
