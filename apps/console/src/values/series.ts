import type { ResourceDocument, ServerEvent, ValueDocument } from '@dunlin/api';

import { knownValues } from './known-values.ts';

/** Values of one Resource over time. */
export interface Series {
  /** Unix seconds, ascending. */
  readonly times: readonly number[];
  readonly values: readonly number[];
}

/** Points of a Resource that are kept: a value a second for more than an hour. */
const capacity = 5000;

/** The numbers that devices notify, from the moment on that the console is open. */
export class SeriesStore {
  readonly #byPath = new Map<string, Series>();
  readonly #listeners = new Set<() => void>();
  #version = 0;

  /** Another number each time that something came. */
  get version(): number {
    return this.#version;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** What came of a Resource of a device. */
  series(endpoint: string, path: string): Series | undefined {
    return this.#byPath.get(keyOf(endpoint, path));
  }

  /** Takes the numbers in. */
  apply(events: readonly ServerEvent[]): void {
    let hasChanged = false;
    for (const event of events) {
      if (event.type === 'reset') {
        // What came in between is lost here, and in the history of the server: it is asked again.
        this.#byPath.clear();
        hasChanged = true;
      }
      if (event.type !== 'notification') continue;
      const { endpoint, content, time, measuredAt, history = [] } = event;
      const points = [
        ...history.toReversed().map((past) => ({ content: past.content, at: past.measuredAt })),
        { content, at: measuredAt ?? time },
      ];
      for (const { content: what, at } of points) {
        for (const { path, resource } of knownValues(what, { origin: 'notified', knownAt: at })) {
          for (const [single, value] of numbersOf(path, resource)) {
            const key = keyOf(endpoint, single);
            this.#byPath.set(key, withPoint(this.#byPath.get(key), Date.parse(at) / 1000, value));
            hasChanged = true;
          }
        }
      }
    }
    if (!hasChanged) return;
    this.#version += 1;
    for (const listener of this.#listeners) listener();
  }
}

/** A series with another point, where it belongs in time. */
export function withPoint(series: Series | undefined, time: number, value: number): Series {
  const { times, values } = series ?? { times: [], values: [] };
  const after = times.findLastIndex((known) => known <= time);
  if (times[after] === time) return { times, values: values.with(after, value) };
  return {
    times: times.toSpliced(after + 1, 0, time).slice(-capacity),
    values: values.toSpliced(after + 1, 0, value).slice(-capacity),
  };
}

/** The numbers of a Resource by their paths: a multiple one has one for each instance, as in the history of the server. */
function numbersOf(path: string, resource: ResourceDocument): readonly (readonly [string, number])[] {
  const values: readonly (readonly [string, ValueDocument])[] =
    'value' in resource
      ? [[path, resource.value]]
      : Object.entries(resource.values).map(([id, value]) => [`${path}/${id}`, value]);
  return values.flatMap(([each, value]) => {
    const number = numberOf(value);
    return number === undefined ? [] : [[each, number]];
  });
}

function keyOf(endpoint: string, path: string): string {
  return `${path} ${endpoint}`;
}

function numberOf(value: unknown): number | undefined {
  if (typeof value === 'bigint') return Number(value);
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}
