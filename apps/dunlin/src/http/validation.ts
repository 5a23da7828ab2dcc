import type { FastifySchemaCompiler } from 'fastify';
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';

import { badRequest, type RequestProblem } from './request-problem.ts';

/** How the parts of a request are called in error messages. */
const partNames: Readonly<Record<string, string>> = {
  querystring: 'query',
  body: 'body',
  headers: 'header',
};

/**
 * Checks requests against their TypeBox schemas. Texts of the query become what the schema asks for; bodies
 * are taken as they are. A problem names the field at fault.
 */
export const validatorCompiler: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const validator = Compile(schema);
  const isQuery = httpPart === 'querystring';
  return (data: unknown) => {
    const value: unknown = isQuery ? validator.Convert(data) : data;
    if (validator.Check(value)) return { value };
    return { error: problemOf(validator.Errors(value), httpPart ?? 'body', schema) };
  };
};

/** For routes that read their body by what it is for, with better messages than its schema gives. */
export const validatorCompilerExceptBody: FastifySchemaCompiler<TSchema> = (route) =>
  route.httpPart === 'body' ? (value: unknown) => ({ value }) : validatorCompiler(route);

interface Finding {
  readonly keyword: string;
  readonly instancePath: string;
  readonly params: object;
  readonly message: string;
}

function problemOf(findings: readonly Finding[], httpPart: string, schema: TSchema): RequestProblem {
  const part = partNames[httpPart];
  const field = (...names: readonly string[]): string =>
    [part, ...names].filter((name) => name !== undefined && name !== '').join('.') || 'path';
  const extra = findings.map(additionalProperty).find((name) => name !== undefined);
  if (extra !== undefined) {
    return badRequest(
      field(extra),
      `is not known; known are ${Object.keys(propertiesOf(schema)).join(', ')}`,
    );
  }
  const [finding] = findings;
  if (finding === undefined) return badRequest(field(), 'is not valid');
  return badRequest(field(...finding.instancePath.split('/').slice(1)), finding.message);
}

function additionalProperty(finding: Finding): string | undefined {
  if (!('additionalProperties' in finding.params)) return undefined;
  const names = finding.params.additionalProperties;
  if (!Array.isArray(names)) return undefined;
  const name: unknown = names[0];
  const prefix = finding.instancePath.split('/').slice(1);
  return typeof name === 'string' ? [...prefix, name].join('.') : undefined;
}

function propertiesOf(schema: TSchema): object {
  const properties: unknown = 'properties' in schema ? schema.properties : {};
  return typeof properties === 'object' && properties !== null ? properties : {};
}
