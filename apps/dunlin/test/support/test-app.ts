import type { ServerIdentityDocument } from '@dunlin/api';
import { coreDefinitions, loadRegisteredDefinitions, ObjectDefinitionRegistry } from '@dunlin/lwm2m';
import { DeviceCredentials, MemoryCredentialStore, MemoryHistoryStore } from '@dunlin/server';

import { memoryDefinitionFiles } from '../../src/definitions/definition-files.ts';
import { UploadedDefinitions } from '../../src/definitions/uploaded-definitions.ts';
import { EventHub } from '../../src/events/event-hub.ts';
import { publishServerEvents } from '../../src/events/publish-server-events.ts';
import { buildHttpApp, type HttpApp, type HttpAppOptions } from '../../src/http/http-app.ts';
import { Activity } from '../../src/overview/activity.ts';
import { Traces } from '../../src/trace/traces.ts';
import { administratorToken, type TestAccess, testAccess } from './test-access.ts';
import { type FakeDevice, FakeServer, noon, registration } from './fake-server.ts';

export interface TestApp {
  readonly app: HttpApp;
  readonly server: FakeServer;
  /** The one registered device, called `lamp`. */
  readonly device: FakeDevice;
  readonly events: EventHub;
  /** None are there yet; ids of new ones are c1, c2 … */
  readonly credentials: DeviceCredentials;
  readonly observed: string[];
  readonly access: TestAccess;
  /**
   * The status and the JSON of an answer to an administrator; with `authorization: ''` among the headers to nobody that
   * would be known.
   */
  readonly ask: (
    method: Method,
    url: string,
    body?: unknown,
    headers?: Record<string, string>,
  ) => Promise<Answer>;
}

type Method = 'GET' | 'PUT' | 'PATCH' | 'POST' | 'DELETE' | 'OPTIONS';

export interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly text: string;
  readonly headers: Readonly<Record<string, unknown>>;
}

/** What the test server says of itself. */
const serverIdentity: ServerIdentityDocument = {
  coaps: ['coaps://0.0.0.0:5684'],
  publicKey: 'MFkw',
  publicKeyFingerprint: 'sha256:00',
  certificate: null,
};

/** The HTTP application over a server without sockets. */
export async function testApp({
  access: given,
  ...options
}: Partial<HttpAppOptions & { readonly access: TestAccess }> = {}): Promise<TestApp> {
  const access = given ?? (await testAccess());
  const server = new FakeServer();
  const device = server.add(registration('lamp'));
  const definitions = await UploadedDefinitions.open(
    {
      builtIn: new ObjectDefinitionRegistry([coreDefinitions, await loadRegisteredDefinitions()]),
      files: memoryDefinitionFiles(),
    },
    () => undefined,
  );
  const events = new EventHub({
    epoch: 'e',
    now: () => '2026-01-01T12:00:00.000Z',
    limits: { events: 3, subscribers: 2 },
  });
  publishServerEvents(server, definitions, (event) => events.publish(event));
  const keeper = { keep: () => Promise.resolve(), remove: () => Promise.resolve() };
  const observed: string[] = [];
  const credentials = new DeviceCredentials(new MemoryCredentialStore());
  let lastCredential = 0;
  const newCredentialId = (): string => {
    lastCredential += 1;
    return `c${lastCredential}`;
  };
  const app = await buildHttpApp({
    server,
    fleet: { index: server.fleet, keeper },
    history: new MemoryHistoryStore(),
    activity: new Activity(noon),
    now: () => noon,
    definitions,
    events,
    traces: new Traces(() => noon),
    access,
    security: { credentials, newCredentialId, now: () => noon },
    identity: () => serverIdentity,
    metrics: { contentType: 'text/plain; version=0.0.4', metrics: () => Promise.resolve('up 1\n') },
    isReady: () => true,
    page: [
      {
        url: '/',
        contentType: 'text/html; charset=utf-8',
        content: new TextEncoder().encode('<!doctype html>'),
      },
    ],
    clock: () => 0,
    version: '0.0.0',
    observer: {
      operationEnded: (operation, outcome) => observed.push(`${operation} ${outcome}`),
      requestEnded: (method, route, status) => observed.push(`${method} ${route} ${status}`),
    },
    ...options,
  });
  return {
    app,
    server,
    device,
    events,
    credentials,
    observed,
    access,
    async ask(method, url, body, headers = {}) {
      const isJson = body !== undefined && headers['content-type'] === undefined;
      const { authorization = `Bearer ${administratorToken}`, ...others } = headers;
      const answer = await app.inject({
        method,
        url,
        headers: {
          ...(isJson ? { 'content-type': 'application/json' } : {}),
          ...(authorization === '' ? {} : { authorization }),
          ...others,
        },
        ...(body === undefined ? {} : { payload: isJson ? JSON.stringify(body) : (body as string | Buffer) }),
      });
      const isDocument = String(answer.headers['content-type']).startsWith('application/json');
      return {
        status: answer.statusCode,
        text: answer.body,
        body: isDocument ? (JSON.parse(answer.body) as Record<string, unknown>) : {},
        headers: answer.headers,
      };
    },
  };
}
