/* oxlint-disable oxc/no-async-endpoint-handlers -- Fastify, unlike Express, waits for its handlers. */
import {
  defaultTokenLifetime,
  TokenAddedSchema,
  type TokenDocument,
  TokenInputSchema,
  TokenPageSchema,
  TokenQuerySchema,
} from '@dunlin/api';
import { Type } from 'typebox';

import type { AccessControl } from '../access/access-control.ts';
import type { Token } from '../access/access-store.ts';
import { principalOf } from './access-guard.ts';
import { instantText, optionalInstantText } from './device-to-summary.ts';
import { disconnection } from './disconnection.ts';
import { containing, fittingPage } from './fitting-page.ts';
import type { HttpApp } from './http-app.ts';
import { RequestProblem } from './request-problem.ts';
import { described, noContent } from './route-schema.ts';

const TokenParams = Type.Object({
  id: Type.String({ minLength: 1, maxLength: 64, description: 'The id of a token.' }),
});

/** `/tokens`: what programs prove themselves with. A secret is shown when its token is made and never again. */
export function tokensRoutes(app: HttpApp, control: AccessControl): void {
  listRoute(app, control);
  addRoute(app, control);
  removeRoute(app, control);
}

function listRoute(app: HttpApp, { store }: AccessControl): void {
  app.get(
    '/tokens',
    {
      config: { access: 'administrator' },
      schema: described('access', 'listTokens', 'List the tokens that were made, without their secrets', {
        querystring: TokenQuerySchema,
        response: { 200: TokenPageSchema },
      }),
    },
    async (request, reply) => {
      const { contains, after, limit = 100 } = request.query;
      const isPart = containing(contains);
      const { page, next } = await fittingPage(
        {
          read: (begin: string | undefined, most) => store.tokens({ after: begin, limit: most }),
          placeOf: ({ id }) => id,
        },
        {
          after,
          limit,
          fits: isPart && (({ name }) => isPart(name)),
          signal: disconnection(reply),
        },
      );
      return { tokens: page.map(tokenToDocument), next: next ?? null };
    },
  );
}

function addRoute(app: HttpApp, control: AccessControl): void {
  app.post(
    '/tokens',
    {
      config: { access: 'administrator' },
      schema: described('access', 'addToken', 'Make a token; its secret is in this answer and in no other', {
        body: TokenInputSchema,
        consumes: ['application/json'],
        response: { 201: TokenAddedSchema },
      }),
    },
    async (request, reply) => {
      const { name, role, expiresIn = defaultTokenLifetime } = request.body;
      request.audit.subject = name;
      const lifetime = expiresIn === null ? undefined : expiresIn * 1000;
      const outcome = await control.addToken({ name, role, lifetime }, principalOf(request).name);
      if (outcome.kind === 'taken') {
        throw new RequestProblem(
          409,
          'conflict',
          `there is a token called ${name} already: remove it, or choose another name`,
        );
      }
      if (outcome.kind === 'full') {
        throw new RequestProblem(409, 'conflict', `there are ${outcome.most} tokens, the most there can be`);
      }
      const { token, secret } = outcome;
      request.log.info({ token: token.id, name, role }, 'made a token');
      return reply
        .code(201)
        .header('location', `/api/v1/tokens/${token.id}`)
        .send({ token: tokenToDocument(token), secret });
    },
  );
}

function removeRoute(app: HttpApp, control: AccessControl): void {
  app.delete(
    '/tokens/:id',
    {
      config: { access: 'administrator' },
      schema: described('access', 'removeToken', 'Remove a token: who has it may do nothing any more', {
        params: TokenParams,
        response: noContent,
      }),
    },
    async (request, reply) => {
      const { id } = request.params;
      const fixed = control.fixedTokens.find(({ principal }) => principal.id === id);
      if (fixed !== undefined) {
        const { name } = fixed.principal;
        throw new RequestProblem(409, 'conflict', `${name} is given at the start and cannot be removed here`);
      }
      const removed = await control.removeToken(id);
      if (removed === undefined) {
        throw new RequestProblem(404, 'unknown-token', `there is no token ${JSON.stringify(id)}`);
      }
      request.log.info({ token: id, name: removed.name }, 'removed a token');
      return reply.code(204).send();
    },
  );
}

function tokenToDocument({ id, name, role, createdAt, createdBy, expiresAt, usedAt }: Token): TokenDocument {
  return {
    id,
    name,
    role,
    createdAt: instantText(createdAt),
    createdBy,
    expiresAt: optionalInstantText(expiresAt),
    usedAt: optionalInstantText(usedAt),
  };
}
