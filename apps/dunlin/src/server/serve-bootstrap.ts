import { now } from '@dunlin/node';

import type { ServerSettings } from '../config/server-settings.ts';
import { EventHub } from '../events/event-hub.ts';
import { instantText } from '../http/device-to-summary.ts';
import { Traces } from '../trace/traces.ts';
import { openAccess, type RunningAccess } from './open-access.ts';
import { CertificateFiles } from './certificate-files.ts';
import { openDefinitions } from './open-definitions.ts';
import { openDataFolder } from './data-folder.ts';
import { openBootstrap, type RunningBootstrap } from './open-bootstrap.ts';
import { openMasterKey } from './open-master-key.ts';
import type { ServeOptions } from './serve.ts';
import { serveHttp } from './serve-http.ts';
import { ServerMetrics } from './server-metrics.ts';
import { watchStores } from './store-watch.ts';

/** A Bootstrap-Server that runs by itself, until it is disposed. */
export interface ServedBootstrap extends AsyncDisposable {
  readonly bootstrap: RunningBootstrap;
  /** Who may use the interface. */
  readonly access: RunningAccess;
  readonly httpUrl: string;
  /** The whole path of the data folder. */
  readonly data: string;
  /** The files of its keys and certificates. */
  readonly certificates: CertificateFiles;
}

/** Opens the data folder, CoAP and HTTP of a Bootstrap-Server without a server beside it. */
export async function serveBootstrap(
  settings: ServerSettings,
  { log, version, masterKey, secrets }: ServeOptions,
): Promise<ServedBootstrap> {
  await using opened = new AsyncDisposableStack();
  const data = await openDataFolder(settings.data);
  const storeWatch = opened.use(watchStores(data, log));
  const { serving } = settings;
  const access = opened.use(await openAccess({ folder: data, serving, storeWatch, log }, secrets));
  const metrics = new ServerMetrics();
  metrics.watchStores(storeWatch);
  const events = new EventHub({ epoch: Date.now().toString(36), now: () => instantText(now()) });
  const traces = new Traces(now);
  const definitions = await openDefinitions(data, log);
  const { masterKeyFile } = settings;
  const key = await openMasterKey(
    { folder: data, masterKey, masterKeyFile, sealed: ['bootstrap.sqlite', 'bootstrap-credentials.sqlite'] },
    log,
  );
  const bootstrap = opened.use(
    await openBootstrap({
      settings,
      folder: data,
      masterKey: key,
      definitions,
      events,
      traces,
      metrics,
      storeWatch,
      log,
    }),
  );
  metrics.watchProcess();
  const http = await serveHttp(
    { settings, events, access, metrics, storeWatch, version, log },
    { definitions, traces, bootstrap: bootstrap.http, page: [] },
  );
  const resources = opened.move();
  return {
    bootstrap,
    access,
    httpUrl: http.url,
    data,
    certificates: new CertificateFiles([http.certificateFiles, bootstrap.identityFiles], log),
    async [Symbol.asyncDispose]() {
      await Promise.all([http[Symbol.asyncDispose](), bootstrap.stop()]);
      await resources.disposeAsync();
    },
  };
}
