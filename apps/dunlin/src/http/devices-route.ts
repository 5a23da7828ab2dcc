/* oxlint-disable oxc/no-async-endpoint-handlers -- Fastify, unlike Express, waits for its handlers. */
import {
  DeviceChangeSchema,
  DevicePageSchema,
  type DeviceQuery,
  DeviceQuerySchema,
  type DeviceSummary,
  DeviceSummarySchema,
} from '@dunlin/api';
import { milliseconds } from '@dunlin/base';
import type { ObjectDefinitions } from '@dunlin/lwm2m';
import { DeviceNotRegisteredError, type Registration } from '@dunlin/server';
import { Type } from 'typebox';

import { deviceToSummary } from './device-to-summary.ts';
import type { HttpApp } from './http-app.ts';
import type { ManagedServer } from './managed-server.ts';
import { DeviceParams } from './request-parts.ts';
import { described, noContent } from './route-schema.ts';

const RemoveQuery = Type.Object(
  {
    forget: Type.Optional(
      Type.Boolean({
        description: 'Forget too what outlives registrations: operations, observations, attributes, values.',
      }),
    ),
  },
  { additionalProperties: false },
);

interface DevicesRouteOptions {
  readonly server: ManagedServer;
  readonly definitions: ObjectDefinitions;
}

/** `GET /devices`, and `GET`, `PATCH` and `DELETE` of `/devices/{endpoint}`. */
export function devicesRoutes(app: HttpApp, options: DevicesRouteOptions): void {
  listRoute(app, options);
  getRoute(app, options);
  changeRoute(app, options);
  removeRoute(app, options);
}

function listRoute(app: HttpApp, { server, definitions }: DevicesRouteOptions): void {
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
      const devices = registrations.map((registration) =>
        deviceToSummary(registration, server.reachabilityOf(registration), definitions),
      );
      return { devices, next: next ?? null };
    },
  );
}

function getRoute(app: HttpApp, options: DevicesRouteOptions): void {
  app.get(
    '/devices/:endpoint',
    {
      schema: described('devices', 'getDevice', 'What is known of a registered device', {
        params: DeviceParams,
        response: { 200: DeviceSummarySchema },
      }),
    },
    async (request) => deviceInFull(options, request.params.endpoint),
  );
}

function changeRoute(app: HttpApp, options: DevicesRouteOptions): void {
  app.patch(
    '/devices/:endpoint',
    {
      schema: described('devices', 'changeDevice', 'Change how long a device in queue mode is awake', {
        params: DeviceParams,
        body: DeviceChangeSchema,
        consumes: ['application/json'],
        response: { 200: DeviceSummarySchema },
      }),
    },
    async (request) => {
      const { endpoint } = request.params;
      const { awakeWindow } = request.body;
      const device = options.server.device(endpoint);
      if ((await device.registration()) === undefined) throw new DeviceNotRegisteredError(endpoint);
      await device.setAwakeWindow(awakeWindow === null ? undefined : milliseconds(awakeWindow * 1000));
      return deviceInFull(options, endpoint);
    },
  );
}

function removeRoute(app: HttpApp, { server }: DevicesRouteOptions): void {
  app.delete(
    '/devices/:endpoint',
    {
      schema: described(
        'devices',
        'removeDevice',
        'Remove a registration; the device is not told and may register anew',
        { params: DeviceParams, querystring: RemoveQuery, response: noContent },
      ),
    },
    async (request, reply) => {
      const { endpoint } = request.params;
      const wasRegistered = await server.deregister(endpoint);
      const wasKnown = request.query.forget === true && (await server.device(endpoint).forget());
      if (!wasRegistered && !wasKnown) throw new DeviceNotRegisteredError(endpoint);
      return reply.code(204).send();
    },
  );
}

async function deviceInFull(
  { server, definitions }: DevicesRouteOptions,
  endpoint: string,
): Promise<DeviceSummary> {
  const device = server.device(endpoint);
  const registration = await device.registration();
  if (registration === undefined) throw new DeviceNotRegisteredError(endpoint);
  const summary = deviceToSummary(registration, server.reachabilityOf(registration), definitions);
  return summary.presence === 'reachable' ? summary : { ...summary, awakeWindow: device.awakeWindow / 1000 };
}

function filterOf({ prefix, contains }: DeviceQuery): ((registration: Registration) => boolean) | undefined {
  if (prefix === undefined && contains === undefined) return undefined;
  const part = contains?.toLowerCase();
  return ({ endpointName }) =>
    (prefix === undefined || endpointName.startsWith(prefix)) &&
    (part === undefined || endpointName.toLowerCase().includes(part));
}
