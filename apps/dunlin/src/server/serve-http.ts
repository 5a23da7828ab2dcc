import { formatHostAndPort } from '@dunlin/node';
import type { Logger } from 'pino';

import type { ServerSettings } from '../config/server-settings.ts';
import { isLoopback } from '../config/socket-address.ts';
import type { EventHub } from '../events/event-hub.ts';
import type { HttpApp } from '../http/http-app.ts';
import { listenHttp } from './listen-http.ts';
import type { RunningAccess } from './open-access.ts';

/**
 * How often a comment is written to the event streams, and streams end whose session is over: below the idle timeouts of
 * proxies (30 s and more).
 */
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
    access,
    log,
  }: {
    readonly settings: ServerSettings;
    readonly events: EventHub;
    readonly access: RunningAccess;
    readonly log: Logger;
  },
): Promise<ServedHttp> {
  const url = await listenHttp(app, settings.http);
  warnOfOpenHttp(settings, url, log);
  await announce(access, url, log);
  const heartbeat = setInterval(() => {
    events.heartbeat();
    access.live.look().catch((error: unknown) => log.error({ err: error }, 'sessions cannot be looked up'));
  }, heartbeatInterval);
  return {
    url,
    async [Symbol.asyncDispose]() {
      clearInterval(heartbeat);
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

function warnOfOpenHttp({ http }: ServerSettings, url: string, log: Logger): void {
  if (isLoopback(http.host)) return;
  log.warn(
    { http: formatHostAndPort(http.host, http.port) },
    `HTTP listens on ${url}, beyond this machine, without TLS: passwords and tokens can be read on their way`,
  );
}
