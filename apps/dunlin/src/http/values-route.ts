import {
  type KnownValueDocument,
  type KnownValues,
  KnownValuesSchema,
  type PathPageQuery,
  PathPageQuerySchema,
  resourceToDocument,
} from '@dunlin/api';
import { parsePath, type Path, rootPath } from '@dunlin/lwm2m';
import type { KnownValue, Registration } from '@dunlin/server';

import type { DeviceOperations } from './device-operations.ts';
import { instantText } from './device-to-summary.ts';
import { disconnection } from './disconnection.ts';
import type { HttpApp } from './http-app.ts';
import { pathPage } from './path-page.ts';
import { DeviceParams, knownDevice, pathFrom, readable, TargetParams } from './request-parts.ts';
import { described } from './route-schema.ts';

/** What was last known of a device, which is not asked: `/devices/{endpoint}/values` and below it. */
export function valuesRoutes(app: HttpApp, operations: DeviceOperations): void {
  const querystring = PathPageQuerySchema;
  const response = { 200: KnownValuesSchema };
  const summary = 'The last values that are known, with time and origin; the device is not asked';
  app.get(
    '/devices/:endpoint/values',
    {
      config: { access: 'viewer' },
      schema: described('resources', 'knownValues', summary, { params: DeviceParams, querystring, response }),
    },
    async ({ params: { endpoint }, query }, reply) =>
      valuesOf(operations, { endpoint, path: rootPath, query }, disconnection(reply)),
  );
  app.get(
    '/devices/:endpoint/values/*',
    {
      config: { access: 'viewer' },
      schema: described('resources', 'knownValuesAt', summary, {
        params: TargetParams,
        querystring,
        response,
      }),
    },
    async ({ params, query }, reply) => {
      const { endpoint } = params;
      const path = pathFrom(params['*'], readable);
      return valuesOf(operations, { endpoint, path, query }, disconnection(reply));
    },
  );
}

interface AskedValues {
  readonly endpoint: string;
  readonly path: Path;
  readonly query: PathPageQuery;
}

async function valuesOf(
  operations: DeviceOperations,
  { endpoint, path, query }: AskedValues,
  signal: AbortSignal,
): Promise<KnownValues> {
  const call = { operation: 'values', endpoint, timeout: undefined, signal };
  return await operations.run(call, async (device, registration) => {
    await knownDevice(device, endpoint);
    const values = await device.knownValues(path);
    const documents = values.map((value) => valueToDocument(value, operations, registration));
    const { page, next } = pathPage(documents, query, ({ resource }) => resource.name);
    return { values: page, next };
  });
}

function valueToDocument(
  { path, resource, origin, knownAt, measuredAt }: KnownValue,
  operations: DeviceOperations,
  registration: Registration | undefined,
): KnownValueDocument {
  const target = parsePath(path);
  const definition =
    target !== undefined && 'resourceId' in target
      ? operations.definitionOf(target, registration)?.resources.get(target.resourceId)
      : undefined;
  return {
    path,
    resource: resourceToDocument(resource, definition),
    origin,
    knownAt: instantText(knownAt),
    ...(measuredAt === undefined ? {} : { measuredAt: instantText(measuredAt) }),
  };
}
