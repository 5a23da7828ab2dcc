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
    async (request) => {
      const { endpoint, after, limit = 100 } = request.query;
      const found = await credentials.page({
        limit: limit + 1,
        ...(endpoint === undefined ? {} : { endpointName: endpoint }),
        ...(after === undefined ? {} : { after: placeFrom(after) }),
      });
      const page = found.slice(0, limit);
      const last = page.at(-1);
      const next = found.length > limit && last !== undefined ? placeText(last) : null;
      return { credentials: page.map(credentialToDocument), next };
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

/** Where a page ended: the id, which has no blank in it, and the endpoint name. */
function placeText({ id, endpointName = '' }: CredentialSummary): string {
  return `${id} ${endpointName}`;
}

function placeFrom(text: string): Pick<CredentialSummary, 'id' | 'endpointName'> {
  const separator = text.indexOf(' ');
  if (separator <= 0) throw badRequest('query.after', 'must be what a page gave as next');
  const endpointName = text.slice(separator + 1);
  return { id: text.slice(0, separator), endpointName: endpointName === '' ? undefined : endpointName };
}
