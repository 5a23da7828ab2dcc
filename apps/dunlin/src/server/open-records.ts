import type { ObjectDefinitions } from '@dunlin/lwm2m';
import { now } from '@dunlin/node';
import type { LwM2mServer } from '@dunlin/server';
import type { Logger } from 'pino';

import type { ServerSettings } from '../config/server-settings.ts';
import { openFleet } from '../fleet/open-fleet.ts';
import { openHistory } from '../history/open-history.ts';
import type { ServerParts } from '../http/http-app.ts';
import { type HandshakeCounts, openActivity } from '../overview/open-activity.ts';
import type { Stores } from './open-store.ts';
import type { ServerMetrics } from './server-metrics.ts';
import type { StoreWatch } from './store-watch.ts';

export interface RecordsOptions {
  readonly settings: ServerSettings;
  /** The data folder. */
  readonly folder: string;
  readonly definitions: ObjectDefinitions;
  readonly handshakes: HandshakeCounts;
  readonly storeWatch: StoreWatch;
  readonly metrics: Pick<ServerMetrics, 'history'>;
  readonly log: Logger;
}

/** What is recorded of the devices of a server for people to look at, until it is disposed. */
export interface Records extends AsyncDisposable {
  /** As the interface shows it. */
  readonly shown: Required<Pick<ServerParts, 'fleet' | 'history' | 'activity' | 'now'>>;
}

/** Follows a server from now on. */
export async function openRecords(
  server: LwM2mServer,
  { registrations, devices, fleet: store }: Pick<Stores, 'registrations' | 'devices' | 'fleet'>,
  { settings, folder, definitions, handshakes, storeWatch, metrics, log }: Readonly<RecordsOptions>,
): Promise<Records> {
  await using opened = new AsyncDisposableStack();
  const readsFacts = settings.readFacts;
  const fleet = opened.use(
    await openFleet(server, { store, registrations, devices, definitions, readsFacts, log }),
  );
  const history = opened.use(
    await openHistory(server, {
      folder,
      settings: settings.history,
      stores: storeWatch,
      metrics: metrics.history,
      log,
    }),
  );
  const { activity } = opened.use(openActivity(server, handshakes));
  const resources = opened.move();
  return {
    shown: { fleet, history: history.store, activity, now },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}
