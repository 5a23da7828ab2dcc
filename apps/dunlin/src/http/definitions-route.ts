/* oxlint-disable oxc/no-async-endpoint-handlers -- Fastify, unlike Express, waits for its handlers. */
import {
  type DefinitionDocument,
  type DefinitionListQuery,
  DefinitionListQuerySchema,
  type DefinitionPage,
  DefinitionPageSchema,
  DefinitionQuerySchema,
  DefinitionSchema,
  type DefinitionSource,
  DefinitionsUploadedSchema,
  type DefinitionSummary,
} from '@dunlin/api';
import {
  compareObjectVersions,
  type ObjectDefinition,
  type ObjectDefinitionSummary,
  type ResourceDefinition,
} from '@dunlin/lwm2m';
import { Type } from 'typebox';

import type { UploadedDefinitions } from '../definitions/uploaded-definitions.ts';
import type { HttpApp } from './http-app.ts';
import { badRequest, RequestProblem } from './request-problem.ts';
import { described, noContent } from './route-schema.ts';
import { validatorCompilerExceptBody } from './validation.ts';

const object = Type.String({ pattern: '^(0|[1-9][0-9]{0,4})$', description: 'The id of the Object.' });
const ObjectParams = Type.Object({ object });
const VersionParams = Type.Object({
  object,
  version: Type.String({ pattern: String.raw`^\d{1,5}\.\d{1,5}$`, description: 'Such as 1.0.' }),
});

/** What the server knows of Objects: `/definitions`. */
export function definitionsRoutes(app: HttpApp, definitions: UploadedDefinitions): void {
  listRoute(app, definitions);
  getRoute(app, definitions);
  // Here alone XML is taken: everywhere else it is a type of body that nobody reads.
  void app.register((scope: HttpApp, _options, done) => {
    for (const type of ['application/xml', 'text/xml'])
      scope.addContentTypeParser(type, { parseAs: 'buffer' }, (_request, body, read) => {
        read(null, new Uint8Array(Buffer.from(body)));
      });
    uploadRoute(scope, definitions);
    done();
  });
  removeRoute(app, definitions);
}

function listRoute(app: HttpApp, definitions: UploadedDefinitions): void {
  app.get(
    '/definitions',
    {
      config: { access: 'viewer' },
      schema: described('definitions', 'listDefinitions', 'The definitions of Objects, by id and version', {
        querystring: DefinitionListQuerySchema,
        response: { 200: DefinitionPageSchema },
      }),
    },
    (request) => pageOf(definitions, request.query),
  );
}

function getRoute(app: HttpApp, definitions: UploadedDefinitions): void {
  app.get(
    '/definitions/:object',
    {
      config: { access: 'viewer' },
      schema: described('definitions', 'getDefinition', 'The definition of an Object', {
        params: ObjectParams,
        querystring: DefinitionQuerySchema,
        response: { 200: DefinitionSchema },
      }),
    },
    (request) => {
      const id = Number(request.params.object);
      const { version } = request.query;
      const definition = definitions.find(id, version);
      if (definition !== undefined) return definitionToDocument(definition, definitions);
      const which = version === undefined ? '' : ` that fits version ${version}`;
      throw new RequestProblem(404, 'not-found', `no definition of Object ${id}${which} is known`);
    },
  );
}

function uploadRoute(app: HttpApp, definitions: UploadedDefinitions): void {
  app.post(
    '/definitions',
    {
      config: { access: 'operator' },
      schema: described(
        'definitions',
        'uploadDefinitions',
        'Add the definitions of a DDF file, each in place of an uploaded one of the same id and version',
        {
          body: Type.Unsafe<Uint8Array>({
            type: 'string',
            description: 'A DDF file of OMA (1.0 Appendix D).',
          }),
          consumes: ['application/xml'],
          response: { 201: DefinitionsUploadedSchema },
        },
      ),
      validatorCompiler: validatorCompilerExceptBody,
    },
    async (request, reply) => {
      const { body } = request;
      if (!(body instanceof Uint8Array))
        throw badRequest('body', 'must be a DDF file, sent as application/xml');
      const uploaded = await definitions.upload(body);
      if ('kind' in uploaded) {
        if (uploaded.problem === 'malformed') throw badRequest('body', uploaded.reason);
        throw new RequestProblem(409, 'conflict', uploaded.reason);
      }
      return reply.code(201).send({ definitions: uploaded.map((each) => summaryOf(each, definitions)) });
    },
  );
}

function removeRoute(app: HttpApp, definitions: UploadedDefinitions): void {
  app.delete(
    '/definitions/:object/:version',
    {
      config: { access: 'operator' },
      schema: described('definitions', 'removeDefinition', 'Remove a definition that was uploaded', {
        params: VersionParams,
        response: noContent,
      }),
    },
    async (request, reply) => {
      const { object: id, version } = request.params;
      if (await definitions.remove(Number(id), version)) return reply.code(204).send();
      const isThere = definitions.find(Number(id), version)?.version === version;
      if (isThere) throw new RequestProblem(409, 'conflict', 'the server brings this definition itself');
      throw new RequestProblem(404, 'not-found', `no definition of Object ${id} ${version} was uploaded`);
    },
  );
}

function pageOf(
  definitions: UploadedDefinitions,
  { search, source, after, limit = 100 }: DefinitionListQuery,
): DefinitionPage {
  const part = search?.toLowerCase();
  const fits = (summary: DefinitionSummary): boolean =>
    (source === undefined || summary.source === source) &&
    (part === undefined || summary.name.toLowerCase().includes(part) || String(summary.id) === part);
  const all = definitions
    .list()
    .map((summary) => summaryOf(summary, definitions))
    .filter(fits);
  const [id = '-1', version = '0.0'] = after?.split('/') ?? [];
  const begin = { id: Number(id), version };
  const rest = all.filter((summary) => isAfter(summary, begin));
  const page = rest.slice(0, limit);
  const last = page.at(-1);
  const next = rest.length > limit && last !== undefined ? `${last.id}/${last.version}` : null;
  return { definitions: page, next, total: all.length };
}

type Key = Pick<ObjectDefinitionSummary, 'id' | 'version'>;

function isAfter(one: Key, other: Key): boolean {
  return one.id > other.id || (one.id === other.id && compareObjectVersions(one.version, other.version) > 0);
}

function summaryOf(
  { id, name, version }: ObjectDefinitionSummary,
  definitions: UploadedDefinitions,
): DefinitionSummary {
  return { id, name, version, source: sourceOf({ id, version }, definitions) };
}

function sourceOf(key: Key, definitions: UploadedDefinitions): DefinitionSource {
  return definitions.isUploaded(key) ? 'uploaded' : 'built-in';
}

/** A definition as the interface shows it. */
function definitionToDocument(
  definition: ObjectDefinition,
  definitions: UploadedDefinitions,
): DefinitionDocument {
  const { id, name, version, isMultiple, isMandatory, description, resources } = definition;
  return {
    id,
    name,
    version,
    isMultiple,
    isMandatory,
    source: sourceOf(definition, definitions),
    ...(description === undefined ? {} : { description }),
    resources: [...resources.values()].toSorted((left, right) => left.id - right.id).map(resourceToDocument),
  };
}

function resourceToDocument({
  range,
  units,
  description,
  ...facts
}: ResourceDefinition): DefinitionDocument['resources'][number] {
  return {
    ...facts,
    ...(range === undefined ? {} : { range }),
    ...(units === undefined ? {} : { units }),
    ...(description === undefined ? {} : { description }),
  };
}
