/* oxlint-disable oxc/no-async-endpoint-handlers -- Fastify, unlike Express, waits for its handlers. */
import {
  type BootstrapCheckDocument,
  BootstrapCheckInputSchema,
  BootstrapCheckSchema,
  type BootstrapStepPreview,
  type BootstrapValuePreview,
  valueToDocument,
} from '@dunlin/api';
import {
  type BootstrapTarget,
  previewBootstrap,
  type PreviewedStep,
  type PreviewedValue,
} from '@dunlin/bootstrap';
import { formatPath, type ObjectDefinitions } from '@dunlin/lwm2m';
import { Type } from 'typebox';

import { BodyReader } from './body-reader.ts';
import type { ConfigurationRouteOptions } from './bootstrap-route.ts';
import { readConfiguration } from './configuration-input.ts';
import type { HttpApp } from './http-app.ts';
import { InputProblems } from './input-problems.ts';
import { badRequest } from './request-problem.ts';
import { described } from './route-schema.ts';
import { validatorCompilerExceptBody } from './validation.ts';

/** `POST /bootstrap/check`: all that would be wrong with setting a configuration, or what it makes of a device. */
export function bootstrapCheckRoute(app: HttpApp, options: ConfigurationRouteOptions): void {
  app.post(
    '/bootstrap/check',
    {
      // Nothing is changed; forms ask while somebody types.
      config: { access: 'administrator', audited: false },
      schema: described(
        'bootstrap',
        'checkConfiguration',
        'Check a configuration without setting it: all that is wrong, or what a device will be asked, without keys',
        {
          body: Type.Unsafe<unknown>(BootstrapCheckInputSchema),
          consumes: ['application/json'],
          response: { 200: BootstrapCheckSchema },
        },
      ),
      validatorCompiler: validatorCompilerExceptBody,
    },
    async (request) => {
      const { target, body } = readCheck(request.body);
      const before = await options.configurations.get(target);
      return checkedDocument(body, target, { ...options, present: before?.configuration });
    },
  );
}

interface Check {
  readonly target: BootstrapTarget;
  readonly body: unknown;
}

function readCheck(input: unknown): Check {
  const problems = new InputProblems();
  const reader = new BodyReader(input, 'body', problems);
  const body = reader.value('configuration') ?? {};
  const target = readTarget(reader.object('target'));
  reader.end();
  const [problem] = problems.all;
  if (target === undefined || problem !== undefined) {
    throw badRequest(problem?.field ?? 'body.target', problem?.reason ?? 'must be an endpoint or a pattern');
  }
  return { target, body };
}

/** A name that is empty is a problem of the configuration, and not of the request. */
function readTarget(reader: BodyReader): BootstrapTarget | undefined {
  const endpointName = reader.value('endpoint');
  const pattern = reader.value('pattern');
  reader.end();
  if (typeof endpointName === 'string' && pattern === undefined) return { kind: 'endpoint', endpointName };
  return typeof pattern === 'string' && endpointName === undefined ? { kind: 'pattern', pattern } : undefined;
}

function checkedDocument(
  body: unknown,
  target: BootstrapTarget,
  facts: Parameters<typeof readConfiguration>[2],
): BootstrapCheckDocument {
  const input = readConfiguration(body, target, facts);
  if (input.kind === 'unsound') {
    return {
      problems: input.problems.map(({ field, reason }) => ({ field: field.replace(/^body\./, ''), reason })),
      steps: [],
    };
  }
  const steps = previewBootstrap(input.configuration);
  return { problems: [], steps: steps.map((step) => stepDocument(step, facts.definitions)) };
}

function stepDocument(step: PreviewedStep, definitions: ObjectDefinitions): BootstrapStepPreview {
  switch (step.kind) {
    case 'discover':
    case 'finish':
      return { operation: step.kind };
    case 'delete':
      return { operation: step.kind, path: formatPath(step.path) };
    case 'write': {
      const { kind: operation, path, isOptional, values } = step;
      return {
        operation,
        path: formatPath(path),
        ...(isOptional && { optional: true }),
        values: values.map((value) => valuePreview(value, definitions)),
      };
    }
  }
}

function valuePreview(
  { path, type, value, withheld }: PreviewedValue,
  definitions: ObjectDefinitions,
): BootstrapValuePreview {
  const definition = definitions.find(path.objectId)?.resources.get(path.resourceId);
  return {
    path: formatPath(path),
    ...(definition && { name: definition.name }),
    type,
    ...(value !== undefined && { value: valueToDocument(type, value) }),
    ...(withheld && { withheld }),
  };
}
