import { now } from '@dunlin/node';
import type { LocalAddress } from '@dunlin/server';
import type { Logger } from 'pino';

import type { ServerSettings } from '../config/server-settings.ts';
import { EventHub } from '../events/event-hub.ts';
import { instantText } from '../http/device-to-summary.ts';
import { Traces } from '../trace/traces.ts';
import { type AccessSecrets, openAccess, type RunningAccess } from './open-access.ts';
import { CertificateFiles } from './certificate-files.ts';
import { openDefinitions } from './open-definitions.ts';
import { openDataFolder } from './data-folder.ts';
import { openBootstrapIfWanted, type RunningBootstrap } from './open-bootstrap.ts';
import { openManagement, type RunningManagement } from './open-management.ts';
import { openMasterKey } from './open-master-key.ts';
import { loadPage } from './page-files.ts';
import { serveHttp } from './serve-http.ts';
import { ServerMetrics } from './server-metrics.ts';
import { watchStores } from './store-watch.ts';

/** A server that runs, until it is disposed. */
export interface RunningServer extends AsyncDisposable {
  /** Where plain CoAP listens. */
  readonly coap: readonly LocalAddress[];
  /** Where CoAP over DTLS listens. */
  readonly coaps: readonly LocalAddress[];
  /** Where images are given to devices by HTTP, as URLs. */
  readonly firmware: readonly string[];
  /** Our number and the message centre of short messages, for people; `undefined` without. */
  readonly sms: string | undefined;
  readonly credentials: RunningManagement['credentials'];
  /** The Bootstrap-Server, unless it listens nowhere. */
  readonly bootstrap: RunningBootstrap | undefined;
  /** Who may use the interface. */
  readonly access: RunningAccess;
  /** Such as `http://127.0.0.1:8080`. */
  readonly httpUrl: string;
  /** The whole path of the data folder. */
  readonly data: string;
  /** The files of its keys and certificates. */
  readonly certificates: CertificateFiles;
}

/** What a server needs beside its settings. */
export interface ServeOptions {
  readonly log: Logger;
  readonly version: string;
  /** The master key as text, if it is given as such. */
  readonly masterKey: string | undefined;
  /** The password of the account at the message centre, if it is given as such. */
  readonly smppPassword?: string | undefined;
  readonly secrets: AccessSecrets;
}

/** What is sealed with the master key in the data folder. */
const sealedFiles = ['credentials.sqlite', 'bootstrap.sqlite', 'bootstrap-credentials.sqlite'];

/**
 * Opens the data folder, CoAP and HTTP, in this order, and joins them. Rejects with an error of one clear line when
 * one of them cannot be opened; what was open is closed again.
 */
export async function serve(
  settings: ServerSettings,
  { log, version, masterKey: masterKeyText, smppPassword, secrets }: ServeOptions,
): Promise<RunningServer> {
  await using opened = new AsyncDisposableStack();
  const folder = await openDataFolder(settings.data);
  const storeWatch = opened.use(watchStores(folder, log));
  const { serving } = settings;
  const access = opened.use(await openAccess({ folder, serving, storeWatch, log }, secrets));
  const metrics = new ServerMetrics();
  metrics.watchStores(storeWatch);
  metrics.watchProcess();
  const events = new EventHub({ epoch: Date.now().toString(36), now: () => instantText(now()) });
  const masterKey = await openMasterKey(
    { folder, masterKey: masterKeyText, masterKeyFile: settings.masterKeyFile, sealed: sealedFiles },
    log,
  );
  const definitions = await openDefinitions(folder, log);
  const traces = new Traces(now);
  const kept = { folder, masterKey, definitions, storeWatch };
  const common = { settings, smppPassword, ...kept, events, traces, metrics, log };
  const management = opened.use(await openManagement(common));
  const bootstrap = await openBootstrapIfWanted({ ...common, registration: management.registration });
  if (bootstrap !== undefined) opened.use(bootstrap);

  const http = await serveHttp(
    { settings, events, access, metrics, storeWatch, version, log },
    {
      ...management.http,
      definitions,
      traces,
      bootstrap: bootstrap?.http,
      page: await loadPage(log),
    },
  );
  const resources = opened.move();
  return {
    coap: management.coap,
    coaps: management.coaps,
    firmware: management.firmware,
    sms: management.sms,
    credentials: management.credentials,
    bootstrap,
    access,
    httpUrl: http.url,
    data: folder,
    certificates: new CertificateFiles(
      [http.certificateFiles, management.identityFiles, bootstrap?.identityFiles],
      log,
    ),
    async [Symbol.asyncDispose]() {
      // Requests to devices that are under way end when the servers close, and their HTTP requests with them.
      await Promise.all([http[Symbol.asyncDispose](), management.stop(), bootstrap?.stop()]);
      await resources.disposeAsync();
    },
  };
}
