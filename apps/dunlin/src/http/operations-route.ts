import {
  inputToContent,
  inputToCreate,
  type OperationDocument,
  OperationDocumentSchema,
  type OperationInputDocument,
  OperationInputSchema,
  OperationPageSchema,
  OperationQuerySchema,
} from '@dunlin/api';
import { milliseconds, TransmissionError } from '@dunlin/base';
import { parsePath, type Path } from '@dunlin/lwm2m';
import { isFinished, type OperationInput, type QueuedOperation } from '@dunlin/server';
import { Type } from 'typebox';

import { operationLocation } from './asked-answer.ts';
import { attributesChange } from './attributes-route.ts';
import { definitionFor, type DeviceOperations } from './device-operations.ts';
import { disconnection } from './disconnection.ts';
import { containing, fittingPage, type OrderedList } from './fitting-page.ts';
import type { HttpApp } from './http-app.ts';
import type { ManagedDevice } from './managed-server.ts';
import { operationToDocument } from './operation-to-document.ts';
import { DeviceParams, knownDevice } from './request-parts.ts';
import { badRequest, RequestProblem } from './request-problem.ts';
import { described, noContent } from './route-schema.ts';

const OperationParams = Type.Object({
  ...DeviceParams.properties,
  id: Type.String({ description: 'The id of the operation, a whole number.' }),
});

const WaitQuery = Type.Object(
  {
    wait: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 600,
        description: 'Seconds to wait for the end of the operation before the answer.',
      }),
    ),
  },
  { additionalProperties: false },
);

/** Operations that wait for a device: `/devices/{endpoint}/operations`. */
export function operationsRoutes(app: HttpApp, operations: DeviceOperations): void {
  listRoute(app, operations);
  enqueueRoute(app, operations);
  getRoute(app, operations);
  cancelRoute(app, operations);
}

function listRoute(app: HttpApp, operations: DeviceOperations): void {
  app.get(
    '/devices/:endpoint/operations',
    {
      config: { access: 'viewer' },
      schema: described(
        'operations',
        'listOperations',
        'The operations that were accepted for a device, in the order of their ids',
        { params: DeviceParams, querystring: OperationQuerySchema, response: { 200: OperationPageSchema } },
      ),
    },
    async (request, reply) => {
      const { endpoint } = request.params;
      const { state, contains, after, limit = 100 } = request.query;
      const signal = disconnection(reply);
      const call = { operation: 'operations', endpoint, timeout: undefined, signal };
      return operations.run(call, async (device) => {
        await knownDevice(device, endpoint);
        const states = state === undefined ? {} : { states: [state] };
        const documents: OrderedList<OperationDocument, number> = {
          async read(place, size) {
            const found = await device.operations.list({ after: place, limit: size, ...states });
            return found.map((operation) => operationToDocument(operation, operations.definitions));
          },
          placeOf: ({ id }) => id,
        };
        const isWanted = containing(contains) ?? (() => true);
        const fits = ({ operation, path, name = '' }: OperationDocument): boolean =>
          [operation, path, name].some(isWanted);
        const { page, next = null } = await fittingPage(documents, { after, limit, fits, signal });
        return { operations: page, next };
      });
    },
  );
}

function enqueueRoute(app: HttpApp, operations: DeviceOperations): void {
  app.post(
    '/devices/:endpoint/operations',
    {
      config: { access: 'operator' },
      schema: described(
        'operations',
        'enqueueOperation',
        'Accept an operation for a device, whether it can be reached or not; it outlives a restart',
        {
          params: DeviceParams,
          querystring: WaitQuery,
          body: OperationInputSchema,
          consumes: ['application/json'],
          response: { 200: OperationDocumentSchema, 202: OperationDocumentSchema },
        },
      ),
    },
    async (request, reply) => {
      const { endpoint } = request.params;
      const { wait = 0 } = request.query;
      const { expiresIn } = request.body;
      const signal = disconnection(reply);
      const call = { operation: 'enqueue', endpoint, timeout: undefined, signal };
      const operation = await operations.run(call, async (device, registration) => {
        const input = inputFrom(request.body, (path) =>
          'objectId' in path ? definitionFor(operations.definitions, path.objectId, registration) : undefined,
        );
        const lifetime = expiresIn === undefined ? {} : { lifetime: milliseconds(expiresIn * 1000) };
        const queued = await device.operations.enqueue(input, lifetime);
        return (await presentOrFinished(device, queued.id, wait, signal)) ?? queued;
      });
      return reply
        .code(isFinished(operation) ? 200 : 202)
        .header('location', operationLocation(operation))
        .send(operationToDocument(operation, operations.definitions));
    },
  );
}

function getRoute(app: HttpApp, operations: DeviceOperations): void {
  app.get(
    '/devices/:endpoint/operations/:id',
    {
      config: { access: 'viewer' },
      schema: described('operations', 'getOperation', 'One operation as it is, or when it is finished', {
        params: OperationParams,
        querystring: WaitQuery,
        response: { 200: OperationDocumentSchema },
      }),
    },
    async (request, reply) => {
      const { endpoint } = request.params;
      const id = idFrom(request.params.id);
      const { wait = 0 } = request.query;
      const signal = disconnection(reply);
      const call = { operation: 'operations', endpoint, timeout: undefined, signal };
      return operations.run(call, async (device) => {
        const operation = await presentOrFinished(device, id, wait, signal);
        if (operation === undefined) throw unknownOperation(endpoint, id);
        return operationToDocument(operation, operations.definitions);
      });
    },
  );
}

function cancelRoute(app: HttpApp, operations: DeviceOperations): void {
  app.delete(
    '/devices/:endpoint/operations/:id',
    {
      config: { access: 'operator' },
      schema: described(
        'operations',
        'cancelOperation',
        'Cancel an operation that waits, or forget one that is finished',
        { params: OperationParams, response: noContent },
      ),
    },
    async (request, reply) => {
      const { endpoint } = request.params;
      const id = idFrom(request.params.id);
      const call = { operation: 'operations', endpoint, timeout: undefined, signal: disconnection(reply) };
      await operations.run(call, async (device) => {
        // One that was finished before is forgotten; one that is cancelled now stays to be looked at.
        if (await device.operations.remove(id)) return;
        if ((await device.operations.cancel(id)) === undefined) throw unknownOperation(endpoint, id);
      });
      return reply.code(204).send();
    },
  );
}

async function presentOrFinished(
  device: ManagedDevice,
  id: number,
  wait: number,
  signal: AbortSignal,
): Promise<QueuedOperation | undefined> {
  if (wait === 0) return await device.operations.get(id);
  try {
    return await device.operations.finished(id, { timeout: milliseconds(wait * 1000), signal });
  } catch (error) {
    if (error instanceof TransmissionError && error.code === 'expired')
      return await device.operations.get(id);
    throw error;
  }
}

function idFrom(text: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw badRequest('id', 'must be the id of an operation, a whole number from 1');
}

function unknownOperation(endpoint: string, id: number): RequestProblem {
  return new RequestProblem(404, 'unknown-operation', `${endpoint} has no operation ${id} (any more)`);
}

/** The operation that a body means; throws the answer 400 that names the field at fault. */
function inputFrom(
  { operation, path: text, input, attributes, arguments: args }: OperationInputDocument,
  definitionOf: (path: Path) => ReturnType<typeof definitionFor>,
): OperationInput {
  const path = parsePath(text);
  if (path === undefined) throw badRequest('body.path', 'must be a path such as /3/0/14');
  const takes = (name: string, value: unknown, isTaken: boolean): void => {
    if (isTaken && value === undefined) throw badRequest(`body.${name}`, `is missing for ${operation}`);
    if (!isTaken && value !== undefined) throw badRequest(`body.${name}`, `is not for ${operation}`);
  };
  const isWrite = operation === 'write-replace' || operation === 'write-update';
  takes('input', input, isWrite || operation === 'create');
  takes('attributes', attributes, operation === 'write-attributes');
  if (operation !== 'execute') takes('arguments', args, false);
  switch (operation) {
    case 'read':
    case 'discover':
    case 'delete':
      return { name: operation, target: path };
    case 'execute':
      return { name: operation, target: path, arguments: args };
    case 'write-attributes':
      return { name: operation, target: path, change: attributesChange(attributes ?? {}) };
    case 'write-replace':
    case 'write-update': {
      const content = inputToContent(path, input, definitionOf(path));
      if (content.kind === 'problem') throw badRequest(inputField(content.field), content.reason);
      return { name: operation, target: path, value: content };
    }
    case 'create': {
      const created = inputToCreate(input, definitionOf(path));
      if (created.kind === 'problem') throw badRequest(inputField(created.field), created.reason);
      const { content, instanceId } = created;
      const named = instanceId === undefined ? {} : { objectInstanceId: instanceId };
      return { name: operation, target: path, resources: content, ...named };
    }
  }
}

/** What is wrong with the body of a Write is wrong with the `input` in this one. */
function inputField(field: string): string {
  return field === 'path' ? 'body.path' : field.replace(/^body/, 'body.input');
}
