import type { ServerEvent } from '@dunlin/api';
import { coreDefinitions } from '@dunlin/lwm2m';

import {
  type FirmwareBench,
  openFirmwareBench,
} from '../../../../packages/server/test/support/firmware-bench.ts';
import { eventDocument } from '../../src/events/event-log.ts';
import { publishServerEvents } from '../../src/events/publish-server-events.ts';
import { type TestApp, testApp } from './test-app.ts';

export interface TestFirmwareApp extends Pick<TestApp, 'app' | 'ask'>, AsyncDisposable {
  /** A whole server with an image, and a device that can be updated to it, `node-1`, on a simulated network. */
  readonly bench: FirmwareBench;
  readonly events: readonly ServerEvent[];
}

/** The HTTP application over a whole server and a device with firmware. */
export async function testFirmwareApp(
  facts: Parameters<typeof openFirmwareBench>[0] = {},
  options: Parameters<typeof testApp>[0] = {},
): Promise<TestFirmwareApp> {
  const bench = await openFirmwareBench(facts);
  const { server } = bench.server;
  const { app, ask } = await testApp({ server, ...options });
  const events: ServerEvent[] = [];
  const subscription = publishServerEvents(server, coreDefinitions, (event) =>
    events.push(eventDocument(event)),
  );
  return {
    app,
    ask,
    bench,
    events,
    async [Symbol.asyncDispose]() {
      subscription[Symbol.dispose]();
      await bench[Symbol.asyncDispose]();
    },
  };
}
