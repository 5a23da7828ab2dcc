import { formatHostAndPort } from '@dunlin/node';
import type { Logger } from 'pino';

import type { ServerSettings } from '../config/server-settings.ts';
import { isLoopback } from '../config/socket-address.ts';
import type { EventHub } from '../events/event-hub.ts';
import { buildHttpApp, type HttpAppOptions, type ServerParts } from '../http/http-app.ts';
import type { LookedAt } from './certificate-files.ts';
import { followCertificate, openHttpTls } from './http-tls.ts';
import { listenHttp } from './listen-http.ts';
import type { RunningAccess } from './open-access.ts';
import type { ServerMetrics } from './server-metrics.ts';
import type { StoreWatch } from './store-watch.ts';

/**
 * How often a comment is written to the event streams, and streams end whose session is over: below the idle timeouts of
 * proxies (30 s and more).
 */
const heartbeatInterval = 15_000;

/** HTTP that is served, until it is disposed. */
export interface ServedHttp extends AsyncDisposable {
  /** Such as `http://127.0.0.1:8080`. */
  readonly url: string;
  /** The files of its certificate, if it has one. */
  readonly certificateFiles: LookedAt | undefined;
}

/** What every interface is served with, whatever it is of. */
interface HttpCommon {
  readonly settings: ServerSettings;
  readonly events: EventHub;
  readonly access: RunningAccess;
  readonly metrics: ServerMetrics;
  readonly storeWatch: StoreWatch;
  readonly version: string;
  readonly log: Logger;
}

/** What is there to be served. */
type HttpParts = Partial<ServerParts> & Pick<HttpAppOptions, 'definitions' | 'traces' | 'bootstrap' | 'page'>;

/**
 * Builds the interface, listens, and keeps event streams alive. Disposing it ends them, and waits for requests under
 * way.
 */
export async function serveHttp(common: HttpCommon, parts: HttpParts): Promise<ServedHttp> {
  const { settings, events, access, metrics, storeWatch, version, log } = common;
  const { serving } = settings;
  const tls = await openHttpTls(serving.tls, log);
  let isServing = true;
  const app = await buildHttpApp({
    ...parts,
    events,
    access,
    metrics,
    metricsAccess: serving.metricsAccess,
    observer: metrics,
    isReady: () => isServing,
    failingStores: () => storeWatch.failing(),
    clock: () => performance.now(),
    version,
    tls: tls?.content,
    proxies: serving.proxies,
    logger: log,
    hostNames: isLoopback(settings.http.host) ? settings.httpNames : undefined,
  });
  const url = await listenHttp(app, settings.http, tls === undefined ? 'http' : 'https');
  warnOfOpenHttp(settings, url, log);
  await announce(access, url, log);
  storeWatch.start();
  const following = tls && followCertificate(app.server, tls.renewed);
  tls?.follow();
  const heartbeat = setInterval(() => {
    events.heartbeat();
    access.live.look().catch((error: unknown) => log.error({ err: error }, 'sessions cannot be looked up'));
  }, heartbeatInterval);
  return {
    url,
    certificateFiles: tls,
    async [Symbol.asyncDispose]() {
      isServing = false;
      storeWatch[Symbol.dispose]();
      clearInterval(heartbeat);
      following?.[Symbol.dispose]();
      tls?.[Symbol.dispose]();
      events.close();
      await app.close();
    },
  };
}

/** Without that file commands need a token of their own; the server does what it is for. */
async function announce(access: RunningAccess, url: string, log: Logger): Promise<void> {
  try {
    await access.announce(url);
  } catch (error) {
    log.warn({ err: error }, 'the token for commands on this machine cannot be written');
  }
}

function warnOfOpenHttp({ http, serving }: ServerSettings, url: string, log: Logger): void {
  if (isLoopback(http.host) || serving.tls !== undefined) return;
  log.warn(
    { http: formatHostAndPort(http.host, http.port) },
    `HTTP listens on ${url}, beyond this machine, without TLS: passwords and tokens can be read on their way`,
  );
}
