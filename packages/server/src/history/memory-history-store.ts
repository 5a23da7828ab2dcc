import { type Instant, instantFrom, type Milliseconds } from '@dunlin/base';
import { stringifyJsonExactly, valueToJson } from '@dunlin/lwm2m';

import { comparePathTexts } from '../device-store/path-order.ts';
import { bucketsOf } from './history-bucket.ts';
import {
  type HistoryBucket,
  type HistoryLimits,
  historyLimitsDefaults,
  type HistoryRange,
  type HistorySample,
  type HistorySeries,
  type HistoryStore,
  type NewHistorySample,
} from './history-store.ts';

/** A history that is forgotten with the process. */
export class MemoryHistoryStore implements HistoryStore {
  readonly #limits: HistoryLimits;
  /** By endpoint name and path, each in the order of the times. */
  readonly #devices = new Map<string, Map<string, HistorySample[]>>();

  constructor(limits: Readonly<Partial<HistoryLimits>> = {}) {
    this.#limits = { ...historyLimitsDefaults, ...limits };
  }

  append(samples: readonly NewHistorySample[]): void {
    for (const { endpointName, path, ...sample } of samples) {
      if (stringifyJsonExactly(valueToJson(sample.type, sample.value)).length > this.#limits.valueLength)
        continue;
      const series = this.#seriesOf(endpointName, path);
      if (series === undefined) continue;
      const before = series.findLastIndex(({ at }) => at <= sample.at);
      const isSame = series[before]?.at === sample.at;
      series.splice(isSame ? before : before + 1, isSame ? 1 : 0, sample);
      if (series.length > this.#limits.samplesPerPath) series.shift();
    }
  }

  samples(range: HistoryRange, limit: number): readonly HistorySample[] {
    return this.#within(range).slice(0, limit);
  }

  buckets(range: HistoryRange, length: Milliseconds): readonly HistoryBucket[] {
    return bucketsOf(this.#within(range), length);
  }

  series(endpointName: string): readonly HistorySeries[] {
    return [...(this.#devices.get(endpointName) ?? [])]
      .flatMap(([path, samples]) => {
        const [first] = samples;
        const last = samples.at(-1);
        if (first === undefined || last === undefined) return [];
        return [{ path, type: last.type, first: first.at, last: last.at }];
      })
      .sort((one, other) => comparePathTexts(one.path, other.path));
  }

  remove(endpointName: string): void {
    this.#devices.delete(endpointName);
  }

  sweep(now: Instant): void {
    const oldest = instantFrom(now - this.#limits.age);
    for (const [endpointName, device] of this.#devices) {
      for (const [path, samples] of device) {
        const kept = samples.filter(({ at }) => at >= oldest);
        if (kept.length === 0) device.delete(path);
        else device.set(path, kept);
      }
      if (device.size === 0) this.#devices.delete(endpointName);
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }

  #within({ endpointName, path, from, to }: HistoryRange): readonly HistorySample[] {
    const samples = this.#devices.get(endpointName)?.get(path) ?? [];
    return samples.filter(({ at }) => at >= from && at < to);
  }

  #seriesOf(endpointName: string, path: string): HistorySample[] | undefined {
    const device = this.#devices.get(endpointName) ?? new Map<string, HistorySample[]>();
    this.#devices.set(endpointName, device);
    const present = device.get(path);
    if (present !== undefined || device.size >= this.#limits.pathsPerDevice) return present;
    const added: HistorySample[] = [];
    device.set(path, added);
    return added;
  }
}
