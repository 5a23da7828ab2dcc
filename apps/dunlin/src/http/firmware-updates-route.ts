import { FirmwareUpdateInputSchema, FirmwareUpdateSchema } from '@dunlin/api';
import { milliseconds, TransmissionError } from '@dunlin/base';
import type { FirmwareUpdate } from '@dunlin/server';
import { Type } from 'typebox';

import type { DeviceOperations } from './device-operations.ts';
import { disconnection } from './disconnection.ts';
import { updateToDocument } from './firmware-to-document.ts';
import type { HttpApp } from './http-app.ts';
import type { ManagedDevice } from './managed-server.ts';
import { DeviceParams, knownDevice } from './request-parts.ts';
import { badRequest, RequestProblem } from './request-problem.ts';
import { described } from './route-schema.ts';

const WaitQuery = Type.Object(
  {
    wait: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 600,
        description: 'Seconds to wait for the end of the update before the answer.',
      }),
    ),
  },
  { additionalProperties: false },
);

/** The firmware of a device: `/devices/{endpoint}/firmware`. */
export function firmwareUpdatesRoutes(app: HttpApp, operations: DeviceOperations): void {
  statusRoute(app, operations);
  startRoute(app, operations);
  installRoute(app, operations);
  cancelRoute(app, operations);
}

function statusRoute(app: HttpApp, operations: DeviceOperations): void {
  app.get(
    '/devices/:endpoint/firmware',
    {
      config: { access: 'viewer' },
      schema: described(
        'firmware',
        'getFirmwareUpdate',
        'The update of a device that is under way, or the last one',
        { params: DeviceParams, querystring: WaitQuery, response: { 200: FirmwareUpdateSchema } },
      ),
    },
    async (request, reply) => {
      const { endpoint } = request.params;
      const { wait = 0 } = request.query;
      const signal = disconnection(reply);
      const call = { operation: 'firmware', endpoint, timeout: undefined, signal };
      return operations.run(call, async (device) => {
        await knownDevice(device, endpoint);
        const update = await presentOrOver(device, wait, signal);
        if (update === undefined) throw noUpdate(endpoint);
        return updateToDocument(update);
      });
    },
  );
}

function startRoute(app: HttpApp, operations: DeviceOperations): void {
  app.post(
    '/devices/:endpoint/firmware',
    {
      config: { access: 'operator' },
      schema: described(
        'firmware',
        'startFirmwareUpdate',
        'Update a device that is registered, or was before; it goes on by itself, over restarts of either side',
        {
          params: DeviceParams,
          body: FirmwareUpdateInputSchema,
          consumes: ['application/json'],
          response: { 202: FirmwareUpdateSchema },
        },
      ),
    },
    async (request, reply) => {
      const { endpoint } = request.params;
      const { image, method, protocol, blockSize, install } = request.body;
      if (method === 'push' && protocol !== undefined)
        throw badRequest('body.protocol', 'is for images that the device pulls');
      const call = { operation: 'firmware', endpoint, timeout: undefined, signal: disconnection(reply) };
      const update = await operations.run(call, (device) =>
        device.firmware.start(image, {
          ...(method === undefined ? {} : { method }),
          protocol,
          blockSize,
          install,
        }),
      );
      return reply.code(202).header('location', locationOf(endpoint)).send(updateToDocument(update));
    },
  );
}

function installRoute(app: HttpApp, operations: DeviceOperations): void {
  app.post(
    '/devices/:endpoint/firmware/install',
    {
      config: { access: 'operator' },
      schema: described(
        'firmware',
        'installFirmware',
        'Install the image that the device has, or as soon as it has it',
        { params: DeviceParams, response: { 202: FirmwareUpdateSchema } },
      ),
    },
    async (request, reply) => {
      const { endpoint } = request.params;
      const call = { operation: 'firmware', endpoint, timeout: undefined, signal: disconnection(reply) };
      const update = await operations.run(call, async (device) => {
        await knownDevice(device, endpoint);
        return await device.firmware.install();
      });
      return reply.code(202).header('location', locationOf(endpoint)).send(updateToDocument(update));
    },
  );
}

function cancelRoute(app: HttpApp, operations: DeviceOperations): void {
  app.delete(
    '/devices/:endpoint/firmware',
    {
      config: { access: 'operator' },
      schema: described(
        'firmware',
        'cancelFirmwareUpdate',
        'Cancel the update that is under way; one that is over stays as it was',
        { params: DeviceParams, response: { 200: FirmwareUpdateSchema } },
      ),
    },
    async (request, reply) => {
      const { endpoint } = request.params;
      const call = { operation: 'firmware', endpoint, timeout: undefined, signal: disconnection(reply) };
      return operations.run(call, async (device) => {
        await knownDevice(device, endpoint);
        const update = await device.firmware.cancel();
        if (update === undefined) throw noUpdate(endpoint);
        return updateToDocument(update);
      });
    },
  );
}

async function presentOrOver(
  { firmware }: ManagedDevice,
  wait: number,
  signal: AbortSignal,
): Promise<FirmwareUpdate | undefined> {
  const present = await firmware.status();
  if (present === undefined || wait === 0) return present;
  try {
    const timeout = milliseconds(wait * 1000);
    // Another one may have taken its place meanwhile.
    return (await firmware.finished(present.id, { timeout, signal })) ?? (await firmware.status());
  } catch (error) {
    if (error instanceof TransmissionError && error.code === 'expired') return await firmware.status();
    throw error;
  }
}

function locationOf(endpoint: string): string {
  return `/api/v1/devices/${encodeURIComponent(endpoint)}/firmware`;
}

function noUpdate(endpoint: string): RequestProblem {
  return new RequestProblem(404, 'unknown-update', `${endpoint} was not updated by this server`);
}
