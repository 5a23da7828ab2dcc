import { join } from 'node:path';

import { milliseconds } from '@dunlin/base';
import { now, sqliteHistoryStore } from '@dunlin/node';
import { type HistoryStore, MemoryHistoryStore } from '@dunlin/server';
import type { Logger } from 'pino';

import type { HistorySettings } from '../config/history-settings.ts';
import type { ManagedServer } from '../http/managed-server.ts';
import type { HistoryMetrics } from '../server/history-metrics.ts';
import { Occasional } from '../server/occasional.ts';
import type { StoreWatch } from '../server/store-watch.ts';
import { recordHistory } from './record-history.ts';
import { ShortenedHistoryLog } from './shortened-history-log.ts';

/** The history of devices, recorded until it is disposed. */
export interface RecordedHistory extends AsyncDisposable {
  readonly store: HistoryStore;
}

export interface OpenHistoryOptions {
  /** The data folder. */
  readonly folder: string;
  readonly settings: HistorySettings;
  readonly stores: Pick<StoreWatch, 'add'>;
  readonly metrics: Pick<HistoryMetrics, 'watch' | 'shortened' | 'failed'>;
  readonly log: Logger;
}

/** How often a part of what is too old is looked for. */
const sweepInterval = 10_000;

/** Opens the history in the data folder and records what comes to be known from now on; an empty one when none is kept. */
export async function openHistory(
  server: Pick<ManagedServer, 'valuesKnown'>,
  { folder, settings, stores, metrics, log }: Readonly<OpenHistoryOptions>,
): Promise<RecordedHistory> {
  const { age, samples, size } = settings;
  if (age === undefined) {
    const store = new MemoryHistoryStore();
    return { store, [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() };
  }
  const shortenedLog = new ShortenedHistoryLog({ age, size }, now, log);
  const failures = new Occasional(milliseconds(60_000), now);
  const told = (error: unknown): void => {
    metrics.failed();
    const times = failures.happened();
    if (times === undefined) return;
    log.error(
      { reason: String(error), times },
      'the history could not be written; the newest values wait for when it can',
    );
  };
  const opened = await sqliteHistoryStore({
    path: join(folder, 'history.sqlite'),
    limits: { age, samplesPerPath: samples },
    maxSize: size,
    onError: told,
    onShortened(shortened) {
      metrics.shortened(shortened.count);
      shortenedLog.shortened(shortened);
    },
  });
  const store = stores.add('history.sqlite', opened);
  metrics.watch(store, size);
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
