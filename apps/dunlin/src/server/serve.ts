import { StorageError, TransmissionError } from '@dunlin/base';
import { coreDefinitions, loadRegisteredDefinitions, ObjectDefinitionRegistry } from '@dunlin/lwm2m';
import { formatHostAndPort, now, udp } from '@dunlin/node';
import { type LocalAddress, LwM2mServer, type RegistrationStore } from '@dunlin/server';
import type { Logger } from 'pino';

import type { ServerSettings } from '../config/server-settings.ts';
import { isLoopback } from '../config/socket-address.ts';
import { EventHub } from '../events/event-hub.ts';
import { publishServerEvents } from '../events/publish-server-events.ts';
import { instantText } from '../http/device-to-summary.ts';
import { buildHttpApp } from '../http/http-app.ts';
import { ExitCode } from '../program/exit-code.ts';
import { ProgramError } from '../program/program-error.ts';
import { countedBinding } from './counted-binding.ts';
import { openDataFolder } from './data-folder.ts';
import { listenHttp } from './listen-http.ts';
import { logDiagnostic, logServerEvents } from './log-server-events.ts';
import { openStore } from './open-store.ts';
import { loadPage } from './page-files.ts';
import { ServerMetrics } from './server-metrics.ts';

/** A server that runs, until it is disposed. */
export interface RunningServer extends AsyncDisposable {
  /** Where CoAP listens. */
  readonly coap: readonly LocalAddress[];
  /** Such as `http://127.0.0.1:8080`. */
  readonly httpUrl: string;
  /** The whole path of the data folder. */
  readonly data: string;
}

/** How often a comment is written to the event streams: below the idle timeouts of proxies (30 s and more). */
const heartbeatInterval = 15_000;

/**
 * Opens the data folder, CoAP and HTTP, in this order, and joins them. Rejects with an error of one clear line when
 * one of them cannot be opened; what was open is closed again.
 */
export async function serve(settings: ServerSettings, log: Logger, version: string): Promise<RunningServer> {
  await using opened = new AsyncDisposableStack();
  const data = await openDataFolder(settings.data);
  const metrics = new ServerMetrics();
  const store = opened.use(await openStore(data));
  const definitions = new ObjectDefinitionRegistry([coreDefinitions, await loadRegisteredDefinitions()]);
  const server = opened.use(await openServer(settings, { store, definitions, metrics, log }));

  const events = new EventHub({ epoch: Date.now().toString(36), now: () => instantText(now()) });
  opened.use(publishServerEvents(server, definitions, (event) => events.publish(event)));
  opened.use(metrics.count(server));
  opened.use(logServerEvents(server, log));
  const diagnostics = server.diagnostics.subscribe((diagnostic) => {
    metrics.diagnosed(diagnostic);
    logDiagnostic(diagnostic, log);
  });
  opened.use(diagnostics);
  metrics.watchProcess();
  metrics.watch({
    registrations: async () => store.count(),
    eventSubscribers: () => events.subscriberCount,
  });

  let isServing = true;
  const app = await buildHttpApp({
    server,
    definitions,
    events,
    metrics,
    observer: metrics,
    isReady: () => isServing,
    page: await loadPage(),
    clock: () => performance.now(),
    version,
    logger: log,
    hostNames: isLoopback(settings.http.host) ? settings.httpNames : undefined,
  });
  const httpUrl = await listenHttp(app, settings.http);
  warnOfOpenHttp(settings, httpUrl, log);
  const heartbeat = setInterval(() => events.heartbeat(), heartbeatInterval);
  const resources = opened.move();
  return {
    coap: server.local,
    httpUrl,
    data,
    async [Symbol.asyncDispose]() {
      isServing = false;
      clearInterval(heartbeat);
      events.close();
      // Requests to devices that are under way end when the server closes, and their HTTP requests with them.
      await Promise.all([app.close(), server.close()]);
      await resources.disposeAsync();
    },
  };
}

interface ServerParts {
  readonly store: RegistrationStore;
  readonly definitions: ObjectDefinitionRegistry;
  readonly metrics: ServerMetrics;
  readonly log: Logger;
}

async function openServer(settings: ServerSettings, parts: ServerParts): Promise<LwM2mServer> {
  const { store, definitions, metrics, log } = parts;
  const onError = (error: Error): void => log.info({ reason: error.message }, 'the network said no');
  const listen = settings.coap.map(({ host, port }) =>
    countedBinding(udp({ address: host, port, onError }), metrics),
  );
  try {
    return await LwM2mServer.open({ listen, store, definitions });
  } catch (error) {
    if (error instanceof TransmissionError || error instanceof StorageError) {
      throw new ProgramError(ExitCode.failure, error.message, { cause: error });
    }
    throw error;
  }
}

function warnOfOpenHttp({ http }: ServerSettings, httpUrl: string, log: Logger): void {
  if (isLoopback(http.host)) return;
  log.warn(
    { http: formatHostAndPort(http.host, http.port) },
    `HTTP listens on ${httpUrl}, beyond this machine, and asks nobody who he is: ` +
      'everybody who reaches it can command every device',
  );
}
