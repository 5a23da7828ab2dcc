/* oxlint-disable oxc/no-async-endpoint-handlers -- Fastify, unlike Express, waits for its handlers. */
import {
  BootstrapDocumentSchema,
  BootstrapInputSchema,
  BootstrapPageSchema,
  BootstrapQuerySchema,
  maxEndpointNameLength,
} from '@dunlin/api';
import type { Instant } from '@dunlin/base';
import type { BootstrapConfigurationStore, BootstrapTarget, StoredConfiguration } from '@dunlin/bootstrap';
import type { ObjectDefinitions } from '@dunlin/lwm2m';
import { Type } from 'typebox';

import type { AccountFacts } from './account-input.ts';
import { requireConfiguration } from './configuration-input.ts';
import { configurationToDocument } from './configuration-to-document.ts';
import { disconnection } from './disconnection.ts';
import { containing, fittingPage } from './fitting-page.ts';
import type { HttpApp } from './http-app.ts';
import { badRequest, RequestProblem } from './request-problem.ts';
import { described, noContent } from './route-schema.ts';
import { validatorCompilerExceptBody } from './validation.ts';

export interface ConfigurationRouteOptions extends Omit<AccountFacts, 'present'> {
  readonly configurations: BootstrapConfigurationStore;
  readonly definitions: ObjectDefinitions;
  readonly now: () => Instant;
}

/** `/bootstrap/configurations`, `/bootstrap/endpoints/…` and `/bootstrap/patterns/…`. Keys go in and never come out. */
export function configurationRoutes(app: HttpApp, options: ConfigurationRouteOptions): void {
  listRoute(app, options);
  for (const kind of [ofEndpoints, ofPatterns]) targetRoutes(app, kind, options);
}

function listRoute(app: HttpApp, { configurations }: ConfigurationRouteOptions): void {
  app.get(
    '/bootstrap/configurations',
    {
      config: { access: 'viewer' },
      schema: described(
        'bootstrap',
        'listConfigurations',
        'List what devices are given in a bootstrap, without keys: those for endpoints first, then those for patterns',
        { querystring: BootstrapQuerySchema, response: { 200: BootstrapPageSchema } },
      ),
    },
    async (request, reply) => {
      const { contains, after, limit = 100 } = request.query;
      const isPart = containing(contains);
      const { page, next } = await fittingPage<StoredConfiguration, BootstrapTarget>(
        {
          read: (begin, most) => configurations.page({ after: begin, limit: most }),
          placeOf: ({ configuration }) => configuration.target,
        },
        {
          after: after === undefined ? undefined : targetFrom(after),
          limit,
          fits: isPart && (({ configuration }) => isPart(textOf(configuration.target))),
          signal: disconnection(reply),
        },
      );
      return {
        configurations: page.map(configurationToDocument),
        next: next === undefined ? null : cursorOf(next),
      };
    },
  );
}

/** The routes of one kind of target. */
interface TargetKind {
  readonly path: string;
  /** The last word of operation ids. */
  readonly word: string;
  readonly what: string;
  readonly targetOf: (name: string) => BootstrapTarget;
}

const ofEndpoints: TargetKind = {
  path: '/bootstrap/endpoints/:name',
  word: 'Endpoint',
  what: 'an endpoint',
  targetOf: (endpointName) => ({ kind: 'endpoint', endpointName }),
};

const ofPatterns: TargetKind = {
  path: '/bootstrap/patterns/:name',
  word: 'Pattern',
  what: 'endpoints whose names fit a pattern',
  targetOf: (pattern) => ({ kind: 'pattern', pattern }),
};

const NameParams = Type.Object({
  name: Type.String({
    minLength: 1,
    maxLength: maxEndpointNameLength,
    description: 'The endpoint name, or the pattern with *, percent-encoded.',
  }),
});

function targetRoutes(app: HttpApp, kind: TargetKind, options: ConfigurationRouteOptions): void {
  const { configurations } = options;
  const { path, word, what, targetOf } = kind;
  app.get(
    path,
    {
      config: { access: 'viewer' },
      schema: described('bootstrap', `getConfigurationOf${word}`, `What ${what} is given, without keys`, {
        params: NameParams,
        response: { 200: BootstrapDocumentSchema },
      }),
    },
    async (request) => {
      const target = targetOf(request.params.name);
      const stored = await configurations.get(target);
      if (stored === undefined) throw unknownConfiguration(request.params.name);
      return configurationToDocument(stored);
    },
  );
  setRoute(app, kind, options);
  app.delete(
    path,
    {
      config: { access: 'administrator' },
      schema: described('bootstrap', `removeConfigurationOf${word}`, `Give ${what} nothing any more`, {
        params: NameParams,
        response: noContent,
      }),
    },
    async (request, reply) => {
      const { name } = request.params;
      if (!(await configurations.remove(targetOf(name)))) throw unknownConfiguration(name);
      request.log.info({ target: name }, 'removed a bootstrap configuration');
      return reply.code(204).send();
    },
  );
}

function setRoute(
  app: HttpApp,
  { path, word, what, targetOf }: TargetKind,
  options: ConfigurationRouteOptions,
): void {
  const { configurations, now } = options;
  app.put(
    path,
    {
      config: { access: 'administrator' },
      schema: described(
        'bootstrap',
        `setConfigurationOf${word}`,
        `Set what ${what} is given; keys that are left out stay as they are`,
        {
          params: NameParams,
          body: Type.Unsafe<unknown>(BootstrapInputSchema),
          consumes: ['application/json'],
          response: { 200: BootstrapDocumentSchema, 201: BootstrapDocumentSchema },
        },
      ),
      validatorCompiler: validatorCompilerExceptBody,
    },
    async (request, reply) => {
      const target = targetOf(request.params.name);
      const before = await configurations.get(target);
      const configuration = requireConfiguration(request.body, target, {
        ...options,
        present: before?.configuration,
      });
      const stored: StoredConfiguration = { configuration, updatedAt: now() };
      const outcome = await configurations.put(stored);
      if (outcome.kind === 'full') throw new RequestProblem(409, 'conflict', outcome.reason);
      request.log.info({ target: request.params.name }, 'set a bootstrap configuration');
      return reply.code(outcome.isNew ? 201 : 200).send(configurationToDocument(stored));
    },
  );
}

/** 404: nobody said what the endpoint is given. */
export function unknownConfiguration(name: string): RequestProblem {
  const message = `there is no bootstrap configuration for ${JSON.stringify(name)}`;
  return new RequestProblem(404, 'unknown-configuration', message);
}

/** Where a page ended. */
function cursorOf(target: BootstrapTarget): string {
  return `${target.kind}:${textOf(target)}`;
}

function textOf(target: BootstrapTarget): string {
  return target.kind === 'endpoint' ? target.endpointName : target.pattern;
}

function targetFrom(cursor: string): BootstrapTarget {
  if (cursor.startsWith('endpoint:')) return ofEndpoints.targetOf(cursor.slice('endpoint:'.length));
  if (cursor.startsWith('pattern:')) return ofPatterns.targetOf(cursor.slice('pattern:'.length));
  throw badRequest('query.after', 'must be what a page gave as next');
}
