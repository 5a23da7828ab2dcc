import { type ServerIdentityDocument, ServerIdentitySchema } from '@dunlin/api';

import { type CredentialScope, registrationScope } from './credential-scope.ts';
import type { HttpApp } from './http-app.ts';
import { described } from './route-schema.ts';

/** `GET /server-identity`: what devices have to know of a server to trust it. */
export function serverIdentityRoute(
  app: HttpApp,
  identity: () => ServerIdentityDocument,
  { base, word, tag }: CredentialScope = registrationScope,
): void {
  app.get(
    `${base}/server-identity`,
    {
      config: { access: 'viewer' },
      schema: described(
        tag,
        `get${word}ServerIdentity`,
        'The public key and certificate of the server, for devices to know it by',
        { response: { 200: ServerIdentitySchema } },
      ),
    },
    () => identity(),
  );
}
