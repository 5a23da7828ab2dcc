/* oxlint-disable oxc/no-async-endpoint-handlers -- Fastify, unlike Express, waits for its handlers. */
import {
  UserAddedSchema,
  UserChangeSchema,
  type UserDocument,
  UserDocumentSchema,
  UserInputSchema,
  userNamePattern,
  UserPageSchema,
  UserQuerySchema,
} from '@dunlin/api';
import { Type } from 'typebox';

import type { AccessControl } from '../access/access-control.ts';
import type { ChangeOutcome, User } from '../access/access-store.ts';
import { instantText, optionalInstantText } from './device-to-summary.ts';
import { disconnection } from './disconnection.ts';
import { containing, fittingPage } from './fitting-page.ts';
import type { HttpApp } from './http-app.ts';
import { RequestProblem } from './request-problem.ts';
import { described, noContent } from './route-schema.ts';

const UserParams = Type.Object({
  name: Type.String({ pattern: userNamePattern, description: 'The name of a user.' }),
});

/** `/users`: who may sign in. */
export function usersRoutes(app: HttpApp, control: AccessControl): void {
  listRoute(app, control);
  addRoute(app, control);
  changeRoute(app, control);
  removeRoute(app, control);
}

function listRoute(app: HttpApp, { store }: AccessControl): void {
  app.get(
    '/users',
    {
      config: { access: 'administrator' },
      schema: described('access', 'listUsers', 'List the users by name', {
        querystring: UserQuerySchema,
        response: { 200: UserPageSchema },
      }),
    },
    async (request, reply) => {
      const { contains, after, limit = 100 } = request.query;
      const isPart = containing(contains);
      const { page, next } = await fittingPage(
        {
          read: (begin: string | undefined, most) => store.users({ after: begin, limit: most }),
          placeOf: ({ name }) => name,
        },
        {
          after,
          limit,
          fits: isPart && (({ name }) => isPart(name)),
          signal: disconnection(reply),
        },
      );
      return { users: page.map(userToDocument), next: next ?? null };
    },
  );
  app.get(
    '/users/:name',
    {
      config: { access: 'administrator' },
      schema: described('access', 'getUser', 'A user', {
        params: UserParams,
        response: { 200: UserDocumentSchema },
      }),
    },
    async (request) => {
      const { name } = request.params;
      const user = await store.user(name);
      if (user === undefined) throw unknownUser(name);
      return userToDocument(user);
    },
  );
}

function addRoute(app: HttpApp, control: AccessControl): void {
  app.post(
    '/users',
    {
      config: { access: 'administrator' },
      schema: described('access', 'addUser', 'Let somebody sign in', {
        body: UserInputSchema,
        consumes: ['application/json'],
        response: { 201: UserAddedSchema },
      }),
    },
    async (request, reply) => {
      const { name, role, password: given } = request.body;
      request.audit.subject = name;
      const outcome = await control.addUser(name, role, given);
      if (outcome.kind === 'taken') {
        throw new RequestProblem(409, 'conflict', `there is a user ${name} already`);
      }
      if (outcome.kind === 'full') {
        throw new RequestProblem(409, 'conflict', `there are ${outcome.most} users, the most there can be`);
      }
      request.log.info({ user: name, role }, 'added a user');
      const { user, password = null } = outcome;
      return reply
        .code(201)
        .header('location', `/api/v1/users/${encodeURIComponent(name)}`)
        .send({ user: userToDocument(user), password });
    },
  );
}

function changeRoute(app: HttpApp, control: AccessControl): void {
  app.patch(
    '/users/:name',
    {
      config: { access: 'administrator' },
      schema: described(
        'access',
        'changeUser',
        'Change what a user may do, or the password, which ends the user’s sessions',
        {
          params: UserParams,
          body: UserChangeSchema,
          consumes: ['application/json'],
          response: { 200: UserDocumentSchema },
        },
      ),
    },
    async (request) => {
      const { name } = request.params;
      const { role, password } = request.body;
      if ((await control.store.user(name)) === undefined) throw unknownUser(name);
      if (role !== undefined) expectChanged(await control.setRole(name, role), name);
      if (password !== undefined) await control.setPassword(name, password);
      const user = await control.store.user(name);
      if (user === undefined) throw unknownUser(name);
      request.log.info({ user: user.name, role, password: password !== undefined }, 'changed a user');
      return userToDocument(user);
    },
  );
}

function removeRoute(app: HttpApp, control: AccessControl): void {
  app.delete(
    '/users/:name',
    {
      config: { access: 'administrator' },
      schema: described('access', 'removeUser', 'Remove a user and end the user’s sessions', {
        params: UserParams,
        response: noContent,
      }),
    },
    async (request, reply) => {
      const { name } = request.params;
      expectChanged(await control.removeUser(name), name);
      request.log.info({ user: name }, 'removed a user');
      return reply.code(204).send();
    },
  );
}

function expectChanged(outcome: ChangeOutcome, name: string): void {
  switch (outcome) {
    case 'changed':
      return;
    case 'unknown':
      throw unknownUser(name);
    case 'last-administrator':
      throw new RequestProblem(
        409,
        'conflict',
        `${name} is the last administrator: make somebody else one before`,
      );
  }
}

function unknownUser(name: string): RequestProblem {
  return new RequestProblem(404, 'unknown-user', `there is no user ${name}`);
}

function userToDocument({ name, role, createdAt, signedInAt }: User): UserDocument {
  return {
    name,
    role,
    createdAt: instantText(createdAt),
    signedInAt: optionalInstantText(signedInAt),
  };
}
