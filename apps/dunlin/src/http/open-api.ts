import swagger from '@fastify/swagger';

import type { RouteAccess } from './access-guard.ts';
import type { HttpApp } from './http-app.ts';

/** Describes every route registered after it as OpenAPI 3.1, at `/api/v1/openapi.json` (and `/openapi.json`). */
export async function describeAsOpenApi(app: HttpApp, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Dunlin',
        version,
        description:
          'Devices of an LwM2M server: what is registered, operations on devices, observations, events and credentials. ' +
          'Integers are exact to 64 bits. Every error has the form of ErrorDocument.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      tags: [
        { name: 'devices', description: 'Registrations.' },
        { name: 'resources', description: 'Operations on what a device has.' },
        {
          name: 'observations',
          description: 'What the server observes, in this and all registrations to come.',
        },
        { name: 'operations', description: 'What waits for devices that sleep.' },
        { name: 'definitions', description: 'What the server knows of Objects.' },
        { name: 'firmware', description: 'Images of firmware, and what devices are updated to.' },
        { name: 'events', description: 'What happens.' },
        { name: 'history', description: 'The values that devices had.' },
        { name: 'trace', description: 'Every message of a device, while somebody watches.' },
        { name: 'credentials', description: 'What devices and the server prove themselves with.' },
        { name: 'bootstrap', description: 'What devices are given before they register, and how it went.' },
        { name: 'access', description: 'Who may use the interface: sessions, users and tokens.' },
        { name: 'health', description: 'For those who run the server.' },
      ],
      components: {
        securitySchemes: {
          token: { type: 'http', scheme: 'bearer', description: 'A token of this server.' },
          session: {
            type: 'apiKey',
            in: 'cookie',
            name: '__Host-dunlin-session',
            description: 'The session of a browser. Without TLS the cookie is called dunlin-session-PORT.',
          },
        },
      },
    },
    transform: ({ schema, url, route }) => ({
      schema: { ...withNamedPath(schema), ...securityOf(route.config?.access) },
      url: url.replace(/\/\*$/, '/:path'),
    }),
  });
  for (const url of ['/api/v1/openapi.json', '/openapi.json']) {
    app.get(url, { config: { access: 'viewer' }, schema: { hide: true } }, (_request, reply) =>
      reply
        .type('application/json; charset=utf-8')
        .serializer((document: unknown) => JSON.stringify(document))
        .send(app.swagger()),
    );
  }
}

/** How a route is to be asked, and with which role. */
function securityOf(access: RouteAccess | undefined): object {
  if (access === undefined || access === 'anyone') return { security: [] };
  return { security: [{ token: [] }, { session: [] }], 'x-role': access };
}

/** The rest of a URL has no name in a route's pattern, and must have one in OpenAPI. */
function withNamedPath<S extends { params?: unknown }>(schema: S): S {
  const { params } = schema;
  if (typeof params !== 'object' || params === null || !('properties' in params)) return schema;
  const { properties } = params;
  if (typeof properties !== 'object' || properties === null || !('*' in properties)) return schema;
  const { '*': path, ...others } = properties;
  return {
    ...schema,
    params: { ...params, properties: { ...others, path }, required: [...Object.keys(others), 'path'] },
  };
}
