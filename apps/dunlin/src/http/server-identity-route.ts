import { type ServerIdentityDocument, ServerIdentitySchema } from '@dunlin/api';

import type { HttpApp } from './http-app.ts';
import { described } from './route-schema.ts';

/** `GET /server-identity`: what devices have to know of the server to trust it. */
export function serverIdentityRoute(app: HttpApp, identity: () => ServerIdentityDocument): void {
  app.get(
    '/server-identity',
    {
      schema: described(
        'credentials',
        'getServerIdentity',
        'The public key and certificate of the server, for devices to know it by',
        { response: { 200: ServerIdentitySchema } },
      ),
    },
    () => identity(),
  );
}
