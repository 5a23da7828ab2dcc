/* oxlint-disable oxc/no-async-endpoint-handlers -- Fastify, unlike Express, waits for its handlers. */
import {
  ContentDocumentSchema,
  contentToDocument,
  CreatedInstanceSchema,
  CreateInputSchema,
  type DataFormat,
  dataFormats,
  inputToContent,
  inputToCreate,
  rawToContent,
  WriteInputSchema,
  type WriteMode,
} from '@dunlin/api';
import { ContentFormat } from '@dunlin/coap';
import {
  type Content,
  type DataType,
  dataTypes,
  formatPath,
  type ObjectDefinition,
  type Path,
} from '@dunlin/lwm2m';
import { Type } from 'typebox';

import { answerAsked, askCall, AskQuery, queuedAnswer } from './asked-answer.ts';
import type { DeviceOperations } from './device-operations.ts';
import type { HttpApp } from './http-app.ts';
import { contentIn, createdIn } from './operation-result.ts';
import { pathFrom, readable, TargetParams, writable } from './request-parts.ts';
import { badRequest } from './request-problem.ts';
import { described, noContent } from './route-schema.ts';
import { validatorCompilerExceptBody } from './validation.ts';

/** The query of routes that bring content to or from a device. */
const ContentQuery = Type.Object(
  {
    ...AskQuery.properties,
    format: Type.Optional(
      Type.Unsafe<DataFormat>(
        Type.Enum([...dataFormats], {
          description:
            'The data format to ask the device for or to send it. Default: TLV, then what the device can do.',
        }),
      ),
    ),
  },
  { additionalProperties: false },
);

const WriteQuery = Type.Object(
  {
    ...ContentQuery.properties,
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
      config: { access: 'operator' },
      schema: described('resources', 'read', 'Read an Object, an Object Instance or a Resource', {
        params: TargetParams,
        querystring: ContentQuery,
        response: { 200: ContentDocumentSchema, ...queuedAnswer },
      }),
    },
    async (request, reply) => {
      const path = pathFrom(request.params['*'], readable);
      const asked = await operations.ask(askCall('read', request, reply), () => ({
        name: 'read',
        target: path,
        format: formatNumber(request.query.format),
      }));
      return answerAsked(reply, asked, operations, (result, registration) =>
        reply.send(contentToDocument(path, contentIn(result), operations.definitionOf(path, registration))),
      );
    },
  );
}

function writeRoute(app: HttpApp, operations: DeviceOperations, mode: WriteMode): void {
  const isUpdate = mode === 'update';
  app.route({
    method: isUpdate ? 'PATCH' : 'PUT',
    url: '/devices/:endpoint/resources/*',
    config: { access: 'operator' },
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
        response: { ...noContent, ...queuedAnswer },
      },
    ),
    validatorCompiler: validatorCompilerExceptBody,
    handler: async (request, reply) => {
      const path = pathFrom(request.params['*'], writable);
      const { type } = request.query;
      const format = formatNumber(request.query.format);
      const name = `write-${mode}` as const;
      const asked = await operations.ask(askCall(name, request, reply), (registration) => {
        const definition = operations.definitionOf(path, registration);
        return { name, target: path, value: contentOf(path, request.body, { definition, type }), format };
      });
      return answerAsked(reply, asked, operations, () => reply.code(204).send());
    },
  });
}

function createRoute(app: HttpApp, operations: DeviceOperations): void {
  app.post(
    '/devices/:endpoint/resources/*',
    {
      config: { access: 'operator' },
      schema: described('resources', 'create', 'Create an Object Instance of the Object', {
        params: TargetParams,
        querystring: ContentQuery,
        body: Type.Unsafe<unknown>(CreateInputSchema),
        response: { 201: CreatedInstanceSchema, ...queuedAnswer },
      }),
      validatorCompiler: validatorCompilerExceptBody,
    },
    async (request, reply) => {
      const path = pathFrom(request.params['*'], ['object']);
      const { endpoint } = request.params;
      const format = formatNumber(request.query.format);
      const asked = await operations.ask(askCall('create', request, reply), (registration) => {
        const input = inputToCreate(request.body, operations.definitionOf(path, registration));
        if (input.kind === 'problem') throw badRequest(input.field, input.reason);
        const { content, instanceId } = input;
        const named = instanceId === undefined ? {} : { objectInstanceId: instanceId };
        return { name: 'create', target: path, resources: content, format, ...named };
      });
      return answerAsked(reply, asked, operations, (result) => {
        const created = formatPath(createdIn(result));
        const location = `/api/v1/devices/${encodeURIComponent(endpoint)}/resources${created}`;
        return reply.code(201).header('location', location).send({ path: created });
      });
    },
  );
}

function deleteRoute(app: HttpApp, operations: DeviceOperations): void {
  app.delete(
    '/devices/:endpoint/resources/*',
    {
      config: { access: 'operator' },
      schema: described('resources', 'delete', 'Delete an Object Instance', {
        params: TargetParams,
        querystring: AskQuery,
        response: { ...noContent, ...queuedAnswer },
      }),
    },
    async (request, reply) => {
      const path = pathFrom(request.params['*'], ['object-instance']);
      const asked = await operations.ask(askCall('delete', request, reply), () => ({
        name: 'delete',
        target: path,
      }));
      return answerAsked(reply, asked, operations, () => reply.code(204).send());
    },
  );
}

/** The Content-Format that a query asks for. */
function formatNumber(format: DataFormat | undefined): ContentFormat | undefined {
  return format === undefined ? undefined : ContentFormat[format];
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
