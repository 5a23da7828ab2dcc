import { parsePath } from '@dunlin/lwm2m';
import type { HistoryStore, KnownValue, NewHistorySample } from '@dunlin/server';

import type { ManagedServer } from '../http/managed-server.ts';

/** Objects whose Resources are keys; what the server is told of them is in no history. */
const secretObjects = new Set([0, 21]);

/** Keeps what comes to be known of devices in their history, until disposed. */
export function recordHistory(
  server: Pick<ManagedServer, 'valuesKnown'>,
  store: Pick<HistoryStore, 'append'>,
): Disposable {
  return server.valuesKnown.subscribe(({ endpoint, values, older }) => {
    const samples = [...older, ...values].flatMap((value) => samplesOf(endpoint, value));
    if (samples.length > 0) store.append(samples);
  });
}

/** A multiple Resource has a sample for each of its instances. */
function samplesOf(
  endpointName: string,
  { path, resource, origin, knownAt, measuredAt }: KnownValue,
): readonly NewHistorySample[] {
  const target = parsePath(path);
  if (target === undefined || !('objectId' in target) || secretObjects.has(target.objectId)) return [];
  const facts = { endpointName, at: measuredAt ?? knownAt, type: resource.type, origin };
  if (resource.kind === 'single') return [{ ...facts, path, value: resource.value }];
  const samples: NewHistorySample[] = [];
  for (const [id, value] of resource.values) samples.push({ ...facts, path: `${path}/${id}`, value });
  return samples;
}
