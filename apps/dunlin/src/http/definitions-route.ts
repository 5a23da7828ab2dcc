import { type DefinitionDocument, DefinitionQuerySchema, DefinitionSchema } from '@dunlin/api';
import type { ObjectDefinition, ObjectDefinitions, ResourceDefinition } from '@dunlin/lwm2m';
import { Type } from 'typebox';

import type { HttpApp } from './http-app.ts';
import { RequestProblem } from './request-problem.ts';
import { described } from './route-schema.ts';

const ObjectParams = Type.Object({
  object: Type.String({ pattern: '^(0|[1-9][0-9]{0,4})$', description: 'The id of the Object.' }),
});

/** What the server knows of Objects: `/definitions/{object}`. */
export function definitionsRoutes(app: HttpApp, definitions: ObjectDefinitions): void {
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
      const object = Number(request.params.object);
      const { version } = request.query;
      const definition = definitions.find(object, version);
      if (definition !== undefined) return definitionToDocument(definition);
      const which = version === undefined ? '' : ` that fits version ${version}`;
      throw new RequestProblem(404, 'not-found', `no definition of Object ${object}${which} is known`);
    },
  );
}

/** A definition as the interface shows it. */
function definitionToDocument(definition: ObjectDefinition): DefinitionDocument {
  const { id, name, version, isMultiple, isMandatory, resources } = definition;
  return {
    id,
    name,
    version,
    isMultiple,
    isMandatory,
    resources: [...resources.values()].toSorted((left, right) => left.id - right.id).map(resourceToDocument),
  };
}

function resourceToDocument({
  range,
  units,
  ...facts
}: ResourceDefinition): DefinitionDocument['resources'][number] {
  return {
    ...facts,
    ...(range === undefined ? {} : { range }),
    ...(units === undefined ? {} : { units }),
  };
}
