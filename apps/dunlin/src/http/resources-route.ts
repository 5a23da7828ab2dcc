/* oxlint-disable oxc/no-async-endpoint-handlers -- Fastify, unlike Express, waits for its handlers. */
import {
  ContentDocumentSchema,
  contentToDocument,
  CreatedInstanceSchema,
  CreateInputSchema,
  dataTypes,
  inputToContent,
  inputToCreate,
  rawToContent,
  WriteInputSchema,
  type WriteMode,
} from '@dunlin/api';
import { type Content, type DataType, formatPath, type ObjectDefinition, type Path } from '@dunlin/lwm2m';
import { Type } from 'typebox';

import type { DeviceOperations } from './device-operations.ts';
import { disconnection } from './disconnection.ts';
import type { HttpApp } from './http-app.ts';
import { pathFrom, readable, TargetParams, timeoutFrom, TimeoutQuery, writable } from './request-parts.ts';
import { badRequest } from './request-problem.ts';
import { described, noContent } from './route-schema.ts';
import { validatorCompilerExceptBody } from './validation.ts';

const WriteQuery = Type.Object(
  {
    ...TimeoutQuery.properties,
    type: Type.Optional(
      Type.Unsafe<DataType>(
        Type.Enum([...dataTypes], {
          description:
            'How to read a text/plain or octet-stream body, instead of the type of the definition.',
        }),
      ),
    ),
  },
  { additionalProperties: false },
);

/** Read, Write, Create and Delete: `/devices/{endpoint}/resources/{path}`. */
export function resourcesRoutes(app: HttpApp, operations: DeviceOperations): void {
  readRoute(app, operations);
  writeRoute(app, operations, 'replace');
  writeRoute(app, operations, 'update');
  createRoute(app, operations);
  deleteRoute(app, operations);
}

function readRoute(app: HttpApp, operations: DeviceOperations): void {
  app.get(
    '/devices/:endpoint/resources/*',
    {
      schema: described('resources', 'read', 'Read an Object, an Object Instance or a Resource', {
        params: TargetParams,
        querystring: TimeoutQuery,
        response: { 200: ContentDocumentSchema },
      }),
    },
    async (request, reply) => {
      const path = pathFrom(request.params['*'], readable);
      const { endpoint } = request.params;
      const timeout = timeoutFrom(request.query);
      const call = { operation: 'read', endpoint, timeout, signal: disconnection(reply) };
      return operations.run(call, async ({ device, registration, options }) =>
        contentToDocument(
          path,
          await device.readContent(path, options),
          operations.definitionOf(path, registration),
        ),
      );
    },
  );
}

function writeRoute(app: HttpApp, operations: DeviceOperations, mode: WriteMode): void {
  const isUpdate = mode === 'update';
  app.route({
    method: isUpdate ? 'PATCH' : 'PUT',
    url: '/devices/:endpoint/resources/*',
    schema: described(
      'resources',
      isUpdate ? 'writeUpdate' : 'writeReplace',
      isUpdate
        ? 'Write to an Object Instance or a Resource, and keep what is not mentioned'
        : 'Write an Object Instance or a Resource, and remove what is not mentioned',
      {
        params: TargetParams,
        querystring: WriteQuery,
        body: Type.Unsafe<unknown>(WriteInputSchema),
        consumes: ['application/json', 'text/plain', 'application/octet-stream'],
        response: noContent,
      },
    ),
    validatorCompiler: validatorCompilerExceptBody,
    handler: async (request, reply) => {
      const path = pathFrom(request.params['*'], writable);
      const { endpoint } = request.params;
      const { type } = request.query;
      const timeout = timeoutFrom(request.query);
      const call = { operation: `write-${mode}`, endpoint, timeout, signal: disconnection(reply) };
      await operations.run(call, async ({ device, registration, options }) => {
        const definition = operations.definitionOf(path, registration);
        const content = contentOf(path, request.body, { definition, type });
        await device.write(path, content, { ...options, mode });
      });
      return reply.code(204).send();
    },
  });
}

function createRoute(app: HttpApp, operations: DeviceOperations): void {
  app.post(
    '/devices/:endpoint/resources/*',
    {
      schema: described('resources', 'create', 'Create an Object Instance of the Object', {
        params: TargetParams,
        querystring: TimeoutQuery,
        body: Type.Unsafe<unknown>(CreateInputSchema),
        response: { 201: CreatedInstanceSchema },
      }),
      validatorCompiler: validatorCompilerExceptBody,
    },
    async (request, reply) => {
      const path = pathFrom(request.params['*'], ['object']);
      const { endpoint } = request.params;
      const call = {
        operation: 'create',
        endpoint,
        timeout: timeoutFrom(request.query),
        signal: disconnection(reply),
      };
      const created = await operations.run(call, async ({ device, registration, options }) => {
        const input = inputToCreate(request.body, operations.definitionOf(path, registration));
        if (input.kind === 'problem') throw badRequest(input.field, input.reason);
        const { content, instanceId } = input;
        return device.create(path, content, {
          ...options,
          ...(instanceId === undefined ? {} : { objectInstanceId: instanceId }),
        });
      });
      const location = `/api/v1/devices/${encodeURIComponent(endpoint)}/resources${formatPath(created)}`;
      return reply
        .code(201)
        .header('location', location)
        .send({ path: formatPath(created) });
    },
  );
}

function deleteRoute(app: HttpApp, operations: DeviceOperations): void {
  app.delete(
    '/devices/:endpoint/resources/*',
    {
      schema: described('resources', 'delete', 'Delete an Object Instance', {
        params: TargetParams,
        querystring: TimeoutQuery,
        response: noContent,
      }),
    },
    async (request, reply) => {
      const path = pathFrom(request.params['*'], ['object-instance']);
      const { endpoint } = request.params;
      const call = {
        operation: 'delete',
        endpoint,
        timeout: timeoutFrom(request.query),
        signal: disconnection(reply),
      };
      await operations.run(call, ({ device, options }) => device.delete(path, options));
      return reply.code(204).send();
    },
  );
}

function contentOf(
  path: Path,
  body: unknown,
  options: { readonly definition: ObjectDefinition | undefined; readonly type: DataType | undefined },
): Content {
  if (body === undefined) throw badRequest('body', 'is missing: send {"value": …} or a text');
  const content =
    body instanceof Uint8Array
      ? rawToContent(path, body, options)
      : inputToContent(path, body, options.definition);
  if (content.kind === 'problem') throw badRequest(content.field, content.reason);
  return content;
}
