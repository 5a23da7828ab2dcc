import { join } from 'node:path';

import { now, sqliteHistoryStore } from '@dunlin/node';
import { type HistoryStore, MemoryHistoryStore } from '@dunlin/server';
import type { Logger } from 'pino';

import type { HistorySettings } from '../config/history-settings.ts';
import type { ManagedServer } from '../http/managed-server.ts';
import { recordHistory } from './record-history.ts';

/** The history of devices, recorded until it is disposed. */
export interface RecordedHistory extends AsyncDisposable {
  readonly store: HistoryStore;
}

/** How often a part of what is too old is looked for. */
const sweepInterval = 10_000;

/** Opens the history in the data folder and records what comes to be known from now on; an empty one when none is kept. */
export async function openHistory(
  server: Pick<ManagedServer, 'valuesKnown'>,
  {
    folder,
    settings,
    log,
  }: { readonly folder: string; readonly settings: HistorySettings; readonly log: Logger },
): Promise<RecordedHistory> {
  const { age, samples } = settings;
  if (age === undefined) {
    const store = new MemoryHistoryStore();
    return { store, [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() };
  }
  const told = (error: unknown): void =>
    log.error({ reason: String(error) }, 'the history could not be written');
  const store = await sqliteHistoryStore({
    path: join(folder, 'history.sqlite'),
    limits: { age, samplesPerPath: samples },
    onError: told,
  });
  const recording = recordHistory(server, store);
  const sweeping = setInterval(() => {
    Promise.try(() => store.sweep(now())).catch(told);
  }, sweepInterval);
  return {
    store,
    async [Symbol.asyncDispose]() {
      clearInterval(sweeping);
      recording[Symbol.dispose]();
      await store[Symbol.asyncDispose]();
    },
  };
}
