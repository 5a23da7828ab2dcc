import { formatHostAndPort } from '@dunlin/node';
import type { Logger } from 'pino';

import type { ServerSettings } from '../config/server-settings.ts';
import { isLoopback } from '../config/socket-address.ts';
import type { EventHub } from '../events/event-hub.ts';
import type { HttpApp } from '../http/http-app.ts';
import { listenHttp } from './listen-http.ts';

/** How often a comment is written to the event streams: below the idle timeouts of proxies (30 s and more). */
const heartbeatInterval = 15_000;

/** HTTP that is served, until it is disposed. */
export interface ServedHttp extends AsyncDisposable {
  /** Such as `http://127.0.0.1:8080`. */
  readonly url: string;
}

/** Listens, and keeps event streams alive. Disposing it ends them, and waits for requests under way. */
export async function serveHttp(
  app: HttpApp,
  {
    settings,
    events,
    log,
  }: { readonly settings: ServerSettings; readonly events: EventHub; readonly log: Logger },
): Promise<ServedHttp> {
  const url = await listenHttp(app, settings.http);
  warnOfOpenHttp(settings, url, log);
  const heartbeat = setInterval(() => events.heartbeat(), heartbeatInterval);
  return {
    url,
    async [Symbol.asyncDispose]() {
      clearInterval(heartbeat);
      events.close();
      await app.close();
    },
  };
}

function warnOfOpenHttp({ http }: ServerSettings, url: string, log: Logger): void {
  if (isLoopback(http.host)) return;
  log.warn(
    { http: formatHostAndPort(http.host, http.port) },
    `HTTP listens on ${url}, beyond this machine, and asks nobody who he is: ` +
      'everybody who reaches it can command every device',
  );
}
