/* oxlint-disable oxc/no-async-endpoint-handlers -- Fastify, unlike Express, waits for its handlers. */
import {
  DeviceChangeSchema,
  DevicePageSchema,
  type DeviceQuery,
  DeviceQuerySchema,
  type DeviceSummary,
  DeviceSummarySchema,
  DeviceTagsSchema,
} from '@dunlin/api';
import { milliseconds } from '@dunlin/base';
import type { ObjectDefinitions } from '@dunlin/lwm2m';
import { DeviceNotRegisteredError, type HistoryStore } from '@dunlin/server';
import { Type } from 'typebox';

import { type DeviceFilter, deviceFilter } from '../fleet/device-filter.ts';
import type { FleetEntry } from '../fleet/fleet-entry.ts';
import type { FleetIndex } from '../fleet/fleet-index.ts';
import type { FleetKeeper } from '../fleet/fleet-keeper.ts';
import { deviceToSummary, lapsedToSummary } from './device-to-summary.ts';
import type { HttpApp } from './http-app.ts';
import type { ManagedServer } from './managed-server.ts';
import { DeviceParams } from './request-parts.ts';
import { badRequest } from './request-problem.ts';
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

export interface DevicesRouteOptions {
  readonly server: ManagedServer;
  readonly definitions: ObjectDefinitions;
  readonly fleet: FleetParts;
  /** What is forgotten with a device. */
  readonly history?: Pick<HistoryStore, 'remove'> | undefined;
}

/** The devices as they are found, and where what is said of them is kept. */
export interface FleetParts {
  readonly index: FleetIndex;
  readonly keeper: Pick<FleetKeeper, 'keep' | 'remove'>;
}

/** `GET /devices`, `GET`, `PATCH` and `DELETE` of `/devices/{endpoint}`, and its tags. */
export function devicesRoutes(app: HttpApp, options: DevicesRouteOptions): void {
  listRoute(app, options);
  getRoute(app, options);
  changeRoute(app, options);
  tagsRoute(app, options);
  removeRoute(app, options);
}

function listRoute(app: HttpApp, options: DevicesRouteOptions): void {
  app.get(
    '/devices',
    {
      config: { access: 'viewer' },
      schema: described(
        'devices',
        'listDevices',
        'List devices by endpoint name: those that fit, or are registered',
        {
          querystring: DeviceQuerySchema,
          response: { 200: DevicePageSchema },
        },
      ),
    },
    async (request) => {
      const { after, offset, limit = 100 } = request.query;
      const { index } = options.fleet;
      const filter = filterOf(request.query);
      const { entries, total, hasMore } = index.search({ filter, after, offset, limit });
      const devices: DeviceSummary[] = [];
      for (const entry of entries) {
        const summary = await summaryOf(options, entry);
        if (summary !== undefined) devices.push(summary);
      }
      return { devices, total, next: hasMore ? (entries.at(-1)?.endpointName ?? null) : null };
    },
  );
}

/** A device as it is by now: between the search and this its registration may have ended, or begun. */
async function summaryOf(
  { server, definitions, fleet: { index } }: DevicesRouteOptions,
  entry: FleetEntry,
): Promise<DeviceSummary | undefined> {
  const registration = await server.device(entry.endpointName).registration();
  return registration === undefined
    ? lapsedToSummary(entry)
    : deviceToSummary(registration, server.reachabilityOf(registration), { definitions, known: index });
}

function tagsRoute(app: HttpApp, options: DevicesRouteOptions): void {
  app.put(
    '/devices/:endpoint/tags',
    {
      config: { access: 'operator' },
      schema: described('devices', 'setTags', 'Give a device its tags, in place of those that it had', {
        params: DeviceParams,
        body: DeviceTagsSchema,
        consumes: ['application/json'],
        response: { 200: DeviceSummarySchema },
      }),
    },
    async (request) => {
      const { endpoint } = request.params;
      const { index, keeper } = options.fleet;
      const entry = index.setTags(endpoint, request.body.tags);
      if (entry === undefined) throw new DeviceNotRegisteredError(endpoint);
      await keeper.keep(entry);
      return deviceInFull(options, endpoint);
    },
  );
}

function getRoute(app: HttpApp, options: DevicesRouteOptions): void {
  app.get(
    '/devices/:endpoint',
    {
      config: { access: 'viewer' },
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
      config: { access: 'operator' },
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

function removeRoute(app: HttpApp, { server, fleet, history }: DevicesRouteOptions): void {
  app.delete(
    '/devices/:endpoint',
    {
      config: { access: 'operator' },
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
      const isToForget = request.query.forget === true;
      const wasKnown = isToForget && (await server.device(endpoint).forget());
      const wasFound = isToForget && fleet.index.forget(endpoint);
      if (wasFound) await fleet.keeper.remove(endpoint);
      if (isToForget) await history?.remove(endpoint);
      if (!wasRegistered && !wasKnown && !wasFound) throw new DeviceNotRegisteredError(endpoint);
      return reply.code(204).send();
    },
  );
}

async function deviceInFull(options: DevicesRouteOptions, endpoint: string): Promise<DeviceSummary> {
  const { server, definitions, fleet } = options;
  const device = server.device(endpoint);
  const registration = await device.registration();
  if (registration === undefined) {
    const entry = fleet.index.find(endpoint);
    const lapsed = entry && lapsedToSummary(entry);
    if (lapsed === undefined) throw new DeviceNotRegisteredError(endpoint);
    return lapsed;
  }
  const reading = { definitions, known: fleet.index };
  const summary = deviceToSummary(registration, server.reachabilityOf(registration), reading);
  return summary.presence === 'reachable' ? summary : { ...summary, awakeWindow: device.awakeWindow / 1000 };
}

/** What the query asks for; throws the answer 400 that names the character at fault. */
function filterOf({ filter: text = '', prefix, contains }: DeviceQuery): DeviceFilter | undefined {
  const filter = deviceFilter(text);
  if (filter.kind === 'problem')
    throw badRequest('query.filter', `at character ${filter.position}: ${filter.reason}`, filter.position);
  if (prefix === undefined && contains === undefined) return text === '' ? undefined : filter;
  const part = contains?.toLowerCase();
  return {
    kind: 'filter',
    fits: (entry, context) =>
      (prefix === undefined || entry.endpointName.startsWith(prefix)) &&
      (part === undefined || entry.lowerName.includes(part)) &&
      filter.fits(entry, context),
  };
}
