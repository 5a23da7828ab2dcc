import { type KnownValueDocument, KnownValuesSchema, resourceToDocument } from '@dunlin/api';
import { parsePath, type Path, rootPath } from '@dunlin/lwm2m';
import type { KnownValue, Registration } from '@dunlin/server';

import type { DeviceOperations } from './device-operations.ts';
import { instantText } from './device-to-summary.ts';
import { disconnection } from './disconnection.ts';
import type { HttpApp } from './http-app.ts';
import { DeviceParams, knownDevice, pathFrom, readable, TargetParams } from './request-parts.ts';
import { described } from './route-schema.ts';

/** What was last known of a device, which is not asked: `/devices/{endpoint}/values` and below it. */
export function valuesRoutes(app: HttpApp, operations: DeviceOperations): void {
  const response = { 200: KnownValuesSchema };
  const summary = 'The last values that are known, with time and origin; the device is not asked';
  app.get(
    '/devices/:endpoint/values',
    {
      config: { access: 'viewer' },
      schema: described('resources', 'knownValues', summary, { params: DeviceParams, response }),
    },
    async (request, reply) => valuesOf(operations, request.params.endpoint, rootPath, disconnection(reply)),
  );
  app.get(
    '/devices/:endpoint/values/*',
    {
      config: { access: 'viewer' },
      schema: described('resources', 'knownValuesAt', summary, { params: TargetParams, response }),
    },
    async (request, reply) => {
      const path = pathFrom(request.params['*'], readable);
      return valuesOf(operations, request.params.endpoint, path, disconnection(reply));
    },
  );
}

async function valuesOf(
  operations: DeviceOperations,
  endpoint: string,
  path: Path,
  signal: AbortSignal,
): Promise<{ values: readonly KnownValueDocument[] }> {
  const call = { operation: 'values', endpoint, timeout: undefined, signal };
  return await operations.run(call, async (device, registration) => {
    await knownDevice(device, endpoint);
    const values = await device.knownValues(path);
    return { values: values.map((value) => valueToDocument(value, operations, registration)) };
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
