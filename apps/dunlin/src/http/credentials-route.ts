/* oxlint-disable oxc/no-async-endpoint-handlers -- Fastify, unlike Express, waits for its handlers. */
import {
  CredentialAddedSchema,
  CredentialDocumentSchema,
  CredentialInputSchema,
  CredentialPageSchema,
  CredentialQuerySchema,
} from '@dunlin/api';
import type { Instant } from '@dunlin/base';
import { type CredentialSummary, type DeviceCredentials, type PutOutcome, proofName } from '@dunlin/server';
import { Type } from 'typebox';

import { readCredential } from './credential-input.ts';
import { type CredentialScope, registrationScope } from './credential-scope.ts';
import { credentialToDocument } from './credential-to-document.ts';
import { disconnection } from './disconnection.ts';
import { containing, fittingPage } from './fitting-page.ts';
import type { HttpApp } from './http-app.ts';
import { badRequest, RequestProblem } from './request-problem.ts';
import { described, noContent } from './route-schema.ts';
import { validatorCompilerExceptBody } from './validation.ts';

export interface CredentialsRouteOptions {
  readonly credentials: DeviceCredentials;
  readonly scope?: CredentialScope;
  readonly newCredentialId: () => string;
  readonly now: () => Instant;
}

/** Bytes of a new credential: a certificate has 8 KiB at most, and PEM makes that 11. */
const bodyLimit = 32 * 1024;

const CredentialParams = Type.Object({
  id: Type.String({ minLength: 1, maxLength: 64, description: 'The id of a credential.' }),
});

/** `/credentials`: what devices prove themselves with. Secrets go in and never come out. */
export function credentialsRoutes(app: HttpApp, options: CredentialsRouteOptions): void {
  listRoute(app, options);
  addRoute(app, options);
  oneRoutes(app, options);
}

function listRoute(app: HttpApp, { credentials, scope = registrationScope }: CredentialsRouteOptions): void {
  app.get(
    `${scope.base}/credentials`,
    {
      config: { access: 'viewer' },
      schema: described(
        scope.tag,
        `list${scope.word}Credentials`,
        `List credentials for ${scope.purpose} by endpoint name, without secrets`,
        {
          querystring: CredentialQuerySchema,
          response: { 200: CredentialPageSchema },
        },
      ),
    },
    async (request, reply) => {
      const { endpoint: endpointName, contains, after, limit = 100 } = request.query;
      const { page, next } = await fittingPage<CredentialSummary, Place>(
        {
          read: (begin, most) => credentials.page({ after: begin, limit: most, endpointName }),
          placeOf: ({ id, endpointName: name }) => ({ id, endpointName: name }),
        },
        {
          after: after === undefined ? undefined : placeFrom(after),
          limit,
          fits: filterOf(contains),
          signal: disconnection(reply),
        },
      );
      return {
        credentials: page.map(credentialToDocument),
        next: next === undefined ? null : placeText(next),
      };
    },
  );
}

function addRoute(
  app: HttpApp,
  { credentials, newCredentialId, now, scope = registrationScope }: CredentialsRouteOptions,
): void {
  app.post(
    `${scope.base}/credentials`,
    {
      bodyLimit,
      config: { access: 'administrator' },
      schema: described(
        scope.tag,
        `add${scope.word}Credential`,
        `Let a device prove itself with something for ${scope.purpose}; from then on its plain CoAP is refused`,
        {
          body: Type.Unsafe<unknown>(CredentialInputSchema),
          consumes: ['application/json'],
          response: { 201: CredentialAddedSchema },
        },
      ),
      validatorCompiler: validatorCompilerExceptBody,
    },
    async (request, reply) => {
      const { credential, warnings } = readCredential(request.body, { id: newCredentialId(), time: now() });
      const outcome = await credentials.put(credential);
      if (outcome.kind !== 'kept') credential.key?.destroy();
      const replaced = replacedBy(outcome, credential);
      const { id, endpointName: endpoint, proof } = credential;
      request.audit.subject = id;
      request.log.info({ credential: id, endpoint, kind: proof.kind, replaced }, 'added a credential');
      return reply
        .code(201)
        .header('location', `/api/v1${scope.base}/credentials/${id}`)
        .send({ credential: credentialToDocument(credential), replaced: replaced ?? null, warnings });
    },
  );
}

function oneRoutes(app: HttpApp, { credentials, scope = registrationScope }: CredentialsRouteOptions): void {
  app.get(
    `${scope.base}/credentials/:id`,
    {
      config: { access: 'viewer' },
      schema: described(
        scope.tag,
        `get${scope.word}Credential`,
        `A credential for ${scope.purpose}, without its secret`,
        {
          params: CredentialParams,
          response: { 200: CredentialDocumentSchema },
        },
      ),
    },
    async (request) => {
      const { id } = request.params;
      const found = await credentials.store.find(id);
      if (found === undefined) throw unknownCredential(id);
      return credentialToDocument(found);
    },
  );
  app.delete(
    `${scope.base}/credentials/:id`,
    {
      config: { access: 'administrator' },
      schema: described(
        scope.tag,
        `remove${scope.word}Credential`,
        `Remove a credential for ${scope.purpose}; what it was the proof for ends`,
        { params: CredentialParams, response: noContent },
      ),
    },
    async (request, reply) => {
      const { id } = request.params;
      const removed = await credentials.remove(id);
      if (removed === undefined) throw unknownCredential(id);
      const { endpointName: endpoint, proof } = removed;
      request.log.info({ credential: id, endpoint, kind: proof.kind }, 'removed a credential');
      return reply.code(204).send();
    },
  );
}

/** The id of the credential that gave way; throws the answer when the new one was not kept. */
function replacedBy(outcome: PutOutcome, { proof }: CredentialSummary): string | undefined {
  switch (outcome.kind) {
    case 'kept':
      return outcome.replaced?.id;
    case 'taken': {
      const { id, endpointName = 'every endpoint' } = outcome.by;
      const message = `${proofName(proof)} is that of ${endpointName} (credential ${id}) already`;
      throw new RequestProblem(409, 'conflict', message);
    }
    case 'full':
      throw new RequestProblem(409, 'conflict', outcome.reason);
  }
}

function unknownCredential(id: string): RequestProblem {
  return new RequestProblem(404, 'unknown-credential', `there is no credential ${JSON.stringify(id)}`);
}

/** By what a list shows of whom a credential is: the endpoint name, and the identity of a pre-shared key. */
function filterOf(contains: string | undefined): ((credential: CredentialSummary) => boolean) | undefined {
  const isPart = containing(contains);
  if (isPart === undefined) return undefined;
  return ({ endpointName = '', proof }) =>
    isPart(endpointName) || (proof.kind === 'psk' && isPart(proof.identity));
}

type Place = Pick<CredentialSummary, 'id' | 'endpointName'>;

/** Where a page ended: the id, which has no blank in it, and the endpoint name. */
function placeText({ id, endpointName = '' }: Place): string {
  return `${id} ${endpointName}`;
}

function placeFrom(text: string): Place {
  const separator = text.indexOf(' ');
  if (separator <= 0) throw badRequest('query.after', 'must be what a page gave as next');
  const endpointName = text.slice(separator + 1);
  return { id: text.slice(0, separator), endpointName: endpointName === '' ? undefined : endpointName };
}
