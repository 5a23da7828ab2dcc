import { type Secret, StorageError, TransmissionError } from '@dunlin/base';
import type { Binding } from '@dunlin/coap';
import { coreDefinitions, loadRegisteredDefinitions, ObjectDefinitionRegistry } from '@dunlin/lwm2m';
import { formatHostAndPort, now, systemRandom, udp } from '@dunlin/node';
import {
  DeviceCredentials,
  type DeviceStore,
  type LocalAddress,
  LwM2mServer,
  newCredentialId,
  type RegistrationStore,
} from '@dunlin/server';
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
import { dtlsBindings } from './dtls-bindings.ts';
import { listenHttp } from './listen-http.ts';
import { logDtlsDiagnostic } from './log-dtls.ts';
import { logDiagnostic, logServerEvents } from './log-server-events.ts';
import { openCredentials } from './open-credentials.ts';
import { openStores } from './open-store.ts';
import { loadPage } from './page-files.ts';
import { Refusals } from './refusals.ts';
import { identityDocument, loadServerIdentity, type ServerIdentity } from './server-identity.ts';
import { ServerMetrics } from './server-metrics.ts';

/** A server that runs, until it is disposed. */
export interface RunningServer extends AsyncDisposable {
  /** Where plain CoAP listens. */
  readonly coap: readonly LocalAddress[];
  /** Where CoAP over DTLS listens. */
  readonly coaps: readonly LocalAddress[];
  readonly credentials: DeviceCredentials;
  /** Such as `http://127.0.0.1:8080`. */
  readonly httpUrl: string;
  /** The whole path of the data folder. */
  readonly data: string;
}

/** What a server needs beside its settings. */
export interface ServeOptions {
  readonly log: Logger;
  readonly version: string;
  /** The master key as text, if it is given as such. */
  readonly masterKey: string | undefined;
}

/** How often a comment is written to the event streams: below the idle timeouts of proxies (30 s and more). */
const heartbeatInterval = 15_000;

/**
 * Opens the data folder, CoAP and HTTP, in this order, and joins them. Rejects with an error of one clear line when
 * one of them cannot be opened; what was open is closed again.
 */
export async function serve(
  settings: ServerSettings,
  { log, version, masterKey }: ServeOptions,
): Promise<RunningServer> {
  await using opened = new AsyncDisposableStack();
  const data = await openDataFolder(settings.data);
  const metrics = new ServerMetrics();
  const events = new EventHub({ epoch: Date.now().toString(36), now: () => instantText(now()) });
  const { registrations: store, devices } = await openStores(data);
  opened.use(store);
  opened.use(devices);
  const { masterKeyFile, serverKey: keyFile, serverCertificate: certificateFile } = settings;
  const secrets = await openCredentials({ folder: data, masterKey, masterKeyFile }, log);
  const credentials = new DeviceCredentials(opened.use(secrets.store));
  const identity = await loadServerIdentity({ folder: data, keyFile, certificateFile }, log);
  const refusals = new Refusals({ store: secrets.store, events, log });
  const secured = { folder: data, credentials, identity, masterKey: secrets.masterKey };
  const secure = secureBindings(settings, { ...secured, metrics, refusals, log });
  const definitions = new ObjectDefinitionRegistry([coreDefinitions, await loadRegisteredDefinitions()]);
  const parts = { store, devices, credentials, definitions, metrics, log };
  const server = opened.use(await openServer(settings, secure, parts));
  opened.use(watch(server, { definitions, events, metrics, refusals, store, log }));

  let isServing = true;
  const app = await buildHttpApp({
    server,
    definitions,
    events,
    security: { credentials, newCredentialId: () => newCredentialId(systemRandom()), now },
    identity: () => identityDocument(identity, secureOnes(server.local)),
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
    coap: server.local.filter(({ uri }) => uri.startsWith('coap:')),
    coaps: secureOnes(server.local),
    credentials,
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

interface Watchers {
  readonly definitions: ObjectDefinitionRegistry;
  readonly events: EventHub;
  readonly metrics: ServerMetrics;
  readonly refusals: Refusals;
  readonly store: RegistrationStore;
  readonly log: Logger;
}

/** Tells events, metrics and the log what happens on the server, until disposed. */
function watch(server: LwM2mServer, watchers: Watchers): Disposable {
  const { definitions, events, metrics, refusals, store, log } = watchers;
  const subscriptions = new DisposableStack();
  subscriptions.use(publishServerEvents(server, definitions, (event) => events.publish(event)));
  subscriptions.use(metrics.count(server));
  subscriptions.use(logServerEvents(server, log));
  const diagnostics = server.diagnostics.subscribe((diagnostic) => {
    metrics.diagnosed(diagnostic);
    logDiagnostic(diagnostic, log);
    refusals.diagnosed(diagnostic);
  });
  subscriptions.use(diagnostics);
  metrics.watchProcess();
  metrics.watch({
    registrations: async () => store.count(),
    eventSubscribers: () => events.subscriberCount,
  });
  return subscriptions;
}

function secureOnes(local: readonly LocalAddress[]): readonly LocalAddress[] {
  return local.filter(({ uri }) => uri.startsWith('coaps:'));
}

interface SecureParts {
  readonly folder: string;
  readonly credentials: DeviceCredentials;
  readonly identity: ServerIdentity;
  readonly masterKey: Secret;
  readonly metrics: ServerMetrics;
  readonly refusals: Refusals;
  readonly log: Logger;
}

function secureBindings({ coaps, keyLog }: ServerSettings, parts: SecureParts): readonly Binding[] {
  const { metrics, refusals, log, ...secured } = parts;
  return dtlsBindings({
    ...secured,
    addresses: coaps,
    keyLog,
    onDiagnostic: (diagnostic) => {
      metrics.dtlsDiagnosed(diagnostic);
      logDtlsDiagnostic(diagnostic, log);
      refusals.dtlsDiagnosed(diagnostic);
    },
    onError: (error) => logNetworkError(error, log),
    log,
  });
}

interface ServerParts {
  readonly store: RegistrationStore;
  readonly devices: DeviceStore;
  readonly credentials: DeviceCredentials;
  readonly definitions: ObjectDefinitionRegistry;
  readonly metrics: ServerMetrics;
  readonly log: Logger;
}

async function openServer(
  settings: ServerSettings,
  secure: readonly Binding[],
  { store, devices, credentials, definitions, metrics, log }: ServerParts,
): Promise<LwM2mServer> {
  const onError = (error: Error): void => logNetworkError(error, log);
  const plain = settings.coap.map(({ host, port }) => udp({ address: host, port, onError }));
  const listen = [...plain, ...secure].map((binding) => countedBinding(binding, metrics));
  try {
    return await LwM2mServer.open({ listen, store, deviceStore: devices, credentials, definitions });
  } catch (error) {
    if (error instanceof TransmissionError || error instanceof StorageError) {
      throw new ProgramError(ExitCode.failure, error.message, { cause: error });
    }
    throw error;
  }
}

function logNetworkError({ message }: Error, log: Logger): void {
  log.info({ reason: message }, 'the network said no');
}

function warnOfOpenHttp({ http }: ServerSettings, httpUrl: string, log: Logger): void {
  if (isLoopback(http.host)) return;
  log.warn(
    { http: formatHostAndPort(http.host, http.port) },
    `HTTP listens on ${httpUrl}, beyond this machine, and asks nobody who he is: ` +
      'everybody who reaches it can command every device',
  );
}
