import type { ServerEvent } from '@dunlin/api';
import type { LwM2mBootstrapServerOptions } from '@dunlin/bootstrap';
import { coreDefinitions, loadRegisteredDefinitions, ObjectDefinitionRegistry } from '@dunlin/lwm2m';
import { DeviceCredentials, MemoryCredentialStore } from '@dunlin/server';

import {
  openTestBootstrapServer,
  type TestBootstrapServer,
} from '../../../../packages/bootstrap/test/support/test-bootstrap-server.ts';
import { publishBootstrapEvents } from '../../src/events/publish-bootstrap-events.ts';
import type { BootstrapParts } from '../../src/http/http-app.ts';
import { noon } from './fake-server.ts';
import { type TestApp, testApp } from './test-app.ts';

export interface TestBootstrapApp extends TestApp, AsyncDisposable {
  /** The Bootstrap-Server and a device that it has not heard of, on a simulated network. */
  readonly world: TestBootstrapServer;
  /** Those of the Bootstrap-Server; ids of new ones are b1, b2 … */
  readonly bootstrapCredentials: DeviceCredentials;
  /** What was told of bootstraps. */
  readonly told: readonly ServerEvent[];
}

/** The HTTP application with a Bootstrap-Server beside the server. */
export async function testBootstrapApp(
  parts: Partial<BootstrapParts> = {},
  options: Partial<LwM2mBootstrapServerOptions> = {},
  appOptions: Parameters<typeof testApp>[0] = {},
): Promise<TestBootstrapApp> {
  const bootstrapCredentials = new DeviceCredentials(new MemoryCredentialStore());
  const world = await openTestBootstrapServer([], { credentials: bootstrapCredentials, ...options });
  let lastCredential = 0;
  const app = await testApp({
    ...appOptions,
    bootstrap: {
      server: world.server,
      configurations: world.configurations,
      definitions: new ObjectDefinitionRegistry([coreDefinitions, await loadRegisteredDefinitions()]),
      now: () => noon,
      own: { publicKey: undefined, certificate: undefined },
      canIssue: true,
      addressOf: () => Promise.resolve(undefined),
      expect: () => undefined,
      security: {
        credentials: bootstrapCredentials,
        now: () => noon,
        newCredentialId: () => {
          lastCredential += 1;
          return `b${lastCredential}`;
        },
      },
      identity: () => ({
        coaps: ['coaps://0.0.0.0:5784'],
        publicKey: 'MFkw',
        publicKeyFingerprint: 'sha256:01',
        certificate: null,
      }),
      ...parts,
    },
  });
  const told: ServerEvent[] = [];
  const events = publishBootstrapEvents(world.server, (event) => told.push(event));
  return {
    ...app,
    world,
    bootstrapCredentials,
    told,
    async [Symbol.asyncDispose]() {
      events[Symbol.dispose]();
      await world[Symbol.asyncDispose]();
    },
  };
}
