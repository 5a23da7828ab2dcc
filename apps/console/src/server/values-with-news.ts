import type { KnownValueDocument, ServerEvent } from '@dunlin/api';
import type { Signal } from '@dunlin/base';

import { notifiedValues } from '../values/known-values.ts';
import { mergeKnownValues } from '../values/merge-known-values.ts';

/**
 * Asks for the values of a device. What the device notifies while the answer is on its way may be newer than the answer,
 * which would put it back to what was before: the newer one counts.
 */
export async function valuesWithNews(
  events: Signal<ServerEvent>,
  endpoint: string,
  ask: () => Promise<readonly KnownValueDocument[]>,
): Promise<readonly KnownValueDocument[]> {
  const news: KnownValueDocument[] = [];
  const subscription = events.subscribe((event) => {
    if (event.type === 'notification' && event.endpoint === endpoint) news.push(...notifiedValues(event));
  });
  try {
    const known = await ask();
    const knownAt = new Map(known.map((value) => [value.path, value.knownAt]));
    return mergeKnownValues(
      known,
      news.filter((value) => value.knownAt > (knownAt.get(value.path) ?? '')),
    );
  } finally {
    subscription[Symbol.dispose]();
  }
}
