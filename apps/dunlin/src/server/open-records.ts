import type { ObjectDefinitions } from '@dunlin/lwm2m';
import type { HistoryStore, LwM2mServer } from '@dunlin/server';
import type { Logger } from 'pino';

import type { ServerSettings } from '../config/server-settings.ts';
import { type Fleet, openFleet } from '../fleet/open-fleet.ts';
import { openHistory } from '../history/open-history.ts';
import type { Stores } from './open-store.ts';

export interface RecordsOptions {
  readonly settings: ServerSettings;
  /** The data folder. */
  readonly folder: string;
  readonly definitions: ObjectDefinitions;
  readonly log: Logger;
}

/** What is recorded of the devices of a server for people to look at, until it is disposed. */
export interface Records extends AsyncDisposable {
  readonly fleet: Fleet;
  readonly history: HistoryStore;
}

/** Follows a server from now on. */
export async function openRecords(
  server: LwM2mServer,
  { registrations, devices, fleet: store }: Pick<Stores, 'registrations' | 'devices' | 'fleet'>,
  { settings, folder, definitions, log }: Readonly<RecordsOptions>,
): Promise<Records> {
  await using opened = new AsyncDisposableStack();
  const readsFacts = settings.readFacts;
  const fleet = opened.use(
    await openFleet(server, { store, registrations, devices, definitions, readsFacts, log }),
  );
  const history = opened.use(await openHistory(server, { folder, settings: settings.history, log }));
  const resources = opened.move();
  return {
    fleet,
    history: history.store,
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}
