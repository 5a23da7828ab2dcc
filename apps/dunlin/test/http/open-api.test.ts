import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { type TestApp, testApp } from '../support/test-app.ts';
import { testBootstrapApp } from '../support/test-bootstrap-app.ts';

interface ListSchema {
  readonly properties?: Readonly<
    Record<string, { readonly type?: string; readonly items?: { readonly type?: string } }>
  >;
}
interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: { readonly content: Record<string, unknown> };
  readonly responses: Record<string, { readonly content?: Record<string, { readonly schema?: ListSchema }> }>;
  readonly security?: readonly unknown[];
  readonly 'x-role'?: string;
}
interface Document {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly securitySchemes: object };
}

const routes = [
  'get /api/v1/devices',
  'get /api/v1/devices/{endpoint}',
  'patch /api/v1/devices/{endpoint}',
  'delete /api/v1/devices/{endpoint}',
  'put /api/v1/devices/{endpoint}/tags',
  'get /api/v1/devices/{endpoint}/resources/{path}',
  'put /api/v1/devices/{endpoint}/resources/{path}',
  'patch /api/v1/devices/{endpoint}/resources/{path}',
  'post /api/v1/devices/{endpoint}/resources/{path}',
  'delete /api/v1/devices/{endpoint}/resources/{path}',
  'post /api/v1/devices/{endpoint}/execute/{path}',
  'get /api/v1/devices/{endpoint}/discover/{path}',
  'get /api/v1/devices/{endpoint}/attributes',
  'put /api/v1/devices/{endpoint}/attributes/{path}',
  'delete /api/v1/devices/{endpoint}/attributes/{path}',
  'get /api/v1/devices/{endpoint}/observations',
  'put /api/v1/devices/{endpoint}/observations/{path}',
  'delete /api/v1/devices/{endpoint}/observations/{path}',
  'get /api/v1/devices/{endpoint}/operations',
  'post /api/v1/devices/{endpoint}/operations',
  'get /api/v1/devices/{endpoint}/operations/{id}',
  'delete /api/v1/devices/{endpoint}/operations/{id}',
  'get /api/v1/devices/{endpoint}/values',
  'get /api/v1/devices/{endpoint}/values/{path}',
  'get /api/v1/definitions',
  'post /api/v1/definitions',
  'get /api/v1/definitions/{object}',
  'delete /api/v1/definitions/{object}/{version}',
  'get /api/v1/devices/{endpoint}/history',
  'get /api/v1/devices/{endpoint}/history/paths',
  'get /api/v1/devices/{endpoint}/trace',
  'put /api/v1/devices/{endpoint}/trace',
  'delete /api/v1/devices/{endpoint}/trace',
  'get /api/v1/devices/{endpoint}/trace/live',
  'get /api/v1/devices/{endpoint}/trace/pcapng',
  'get /api/v1/devices/{endpoint}/firmware',
  'post /api/v1/devices/{endpoint}/firmware',
  'delete /api/v1/devices/{endpoint}/firmware',
  'post /api/v1/devices/{endpoint}/firmware/install',
  'get /api/v1/firmware',
  'post /api/v1/firmware',
  'get /api/v1/firmware/updates',
  'get /api/v1/firmware/{id}',
  'delete /api/v1/firmware/{id}',
  'get /fw/{token}',
  'get /api/v1/events',
  'get /api/v1/events/log',
  'get /api/v1/overview',
  'get /api/v1/credentials',
  'post /api/v1/credentials',
  'get /api/v1/credentials/{id}',
  'delete /api/v1/credentials/{id}',
  'get /api/v1/server-identity',
  'post /api/v1/session',
  'get /api/v1/session',
  'delete /api/v1/session',
  'put /api/v1/session/password',
  'get /api/v1/sessions',
  'delete /api/v1/sessions/{id}',
  'get /api/v1/users',
  'post /api/v1/users',
  'get /api/v1/users/{name}',
  'patch /api/v1/users/{name}',
  'delete /api/v1/users/{name}',
  'get /api/v1/tokens',
  'post /api/v1/tokens',
  'delete /api/v1/tokens/{id}',
  'get /api/v1/audit',
  'get /metrics',
  'get /healthz',
  'get /readyz',
];

/** What is there with a Bootstrap-Server beside the server. */
const bootstrapRoutes = [
  'get /api/v1/bootstrap/configurations',
  'post /api/v1/bootstrap/check',
  ...['endpoints', 'patterns'].flatMap((kind) =>
    ['get', 'put', 'delete'].map((method) => `${method} /api/v1/bootstrap/${kind}/{name}`),
  ),
  'get /api/v1/bootstrap/sessions',
  'post /api/v1/bootstrap/sessions',
  'get /api/v1/bootstrap/sessions/{id}',
  'get /api/v1/bootstrap/credentials',
  'post /api/v1/bootstrap/credentials',
  'get /api/v1/bootstrap/credentials/{id}',
  'delete /api/v1/bootstrap/credentials/{id}',
  'get /api/v1/bootstrap/server-identity',
];

async function openApi({ ask }: Pick<TestApp, 'ask'>): Promise<Document> {
  const { status, text } = await ask('GET', '/api/v1/openapi.json');
  assert.equal(status, 200);
  return JSON.parse(text) as Document;
}

function routesOf({ paths }: Document): readonly string[] {
  return Object.entries(paths)
    .flatMap(([path, operations]) =>
      Object.keys(operations)
        .filter((method) => method !== 'head')
        .map((method) => `${method} ${path}`),
    )
    .sort();
}

describe('/api/v1/openapi.json', () => {
  it('describes every route, and none that is not there', async () => {
    const document = await openApi(await testApp());
    assert.match(document.openapi, /^3\.1/);
    assert.deepEqual(routesOf(document), routes.toSorted());
    await using app = await testBootstrapApp();
    assert.deepEqual(routesOf(await openApi(app)), [...routes, ...bootstrapRoutes].sort());
  });

  it('names every parameter of a path, and gives each operation a name of its own', async () => {
    await using app = await testBootstrapApp();
    const { paths } = await openApi(app);
    const ids = new Set<string>();
    for (const [path, operations] of Object.entries(paths)) {
      const wanted = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      for (const { operationId, parameters = [] } of Object.values(operations)) {
        const named = parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name);
        assert.deepEqual(new Set(named), new Set(wanted), path);
        ids.add(operationId);
      }
    }
    assert.equal(ids.size, routes.length + bootstrapRoutes.length);
  });

  it('says of every operation how to be known for it, and with which role', async () => {
    await using app = await testBootstrapApp();
    const document = await openApi(app);
    assert.deepEqual(Object.keys(document.components.securitySchemes), ['token', 'session']);
    for (const [path, operations] of Object.entries(document.paths)) {
      for (const [method, operation] of Object.entries(operations)) {
        const { security, 'x-role': role } = operation;
        if (security?.length === 0) {
          assert.equal(role, undefined);
          assert.match(path, /^\/(?:healthz|readyz|fw\/\{token\}|api\/v1\/session)$/, `${method} ${path}`);
        } else {
          assert.deepEqual(security, [{ token: [] }, { session: [] }], `${method} ${path}`);
          assert.match(String(role), /^(?:viewer|operator|administrator)$/);
        }
      }
    }
  });

  it('is what the routes accept: every operation it describes is answered, and not with 404', async () => {
    await using app = await testBootstrapApp();
    const { ask } = app;
    const { paths } = await openApi(app);
    // Streams have no end.
    const answered = Object.entries(paths).filter(([path]) => !/\/(?:events|live)$/.test(path));
    for (const [path, operations] of answered) {
      for (const method of Object.keys(operations).filter((name) => name !== 'head')) {
        const url = path
          .replace('{endpoint}', 'lamp')
          .replace('{path}', '3/x')
          .replace('/bootstrap/patterns/{name}', '/bootstrap/patterns/*');
        const { status, body } = await ask(method.toUpperCase() as 'GET', url);
        assert.notEqual(body['error'], 'not-found', `${method} ${path}`);
        assert.ok(status < 500, `${method} ${path} ${status}`);
      }
    }
  });

  it('has a filter, a cursor and a limit for every list', async () => {
    const document = await openApi(await testBootstrapApp());
    const lists: string[] = [];
    for (const [path, { get }] of Object.entries(document.paths)) {
      const schema = get?.responses['200']?.content?.['application/json']?.schema;
      if (get === undefined || !hasEntries(schema)) continue;
      if (wholes.has(path)) continue;
      lists.push(path);
      const names = (get.parameters ?? []).filter((each) => each.in === 'query').map(({ name }) => name);
      assert.ok(names.includes('limit'), `${path} has no limit`);
      assert.ok(schema?.properties?.['next'], `${path} does not say where the rest begins`);
      const cursors = ['after', 'before', 'from'];
      assert.ok(
        names.some((name) => cursors.includes(name)),
        `${path} has no cursor`,
      );
      const filters = names.filter((name) => ![...cursors, 'limit', 'offset', 'wait'].includes(name));
      assert.ok(filters.length > 0 || unfiltered.has(path), `${path} has no filter`);
    }
    assert.ok(lists.length >= 20, `only ${lists.length} lists were found`);
    for (const path of [...wholes.keys(), ...unfiltered.keys()])
      assert.ok(document.paths[path], `${path} is an exception and not there`);
  });
});

/** Answers that are one thing which has a list in it, with what bounds it. */
const wholes: ReadonlyMap<string, string> = new Map([
  ['/api/v1/devices/{endpoint}', 'the Objects that one device registered'],
  ['/api/v1/devices/{endpoint}/discover/{path}', 'what a device answers, in one message'],
  ['/api/v1/devices/{endpoint}/firmware', 'the states of one update'],
  ['/api/v1/definitions/{object}', 'the Resources of one Object'],
  ['/api/v1/overview', 'an hour, and the newest events'],
  ['/api/v1/bootstrap/endpoints/{name}', 'one configuration'],
  ['/api/v1/bootstrap/patterns/{name}', 'one configuration'],
  ['/api/v1/bootstrap/sessions/{id}', 'the steps of one bootstrap'],
]);

/** Lists that are read from end to end. */
const unfiltered: ReadonlyMap<string, string> = new Map([
  [
    '/api/v1/devices/{endpoint}/trace',
    'the messages of one device in their order, of which each explains the next',
  ],
]);

/** Whether an answer has a list of things in it, as against a list of words or numbers. */
function hasEntries(schema: ListSchema | undefined): boolean {
  return Object.values(schema?.properties ?? {}).some(
    ({ type, items }) => type === 'array' && items?.type !== 'string' && items?.type !== 'integer',
  );
}
