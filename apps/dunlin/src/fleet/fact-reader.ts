import { type Milliseconds, milliseconds } from '@dunlin/base';
import { parsePath } from '@dunlin/lwm2m';
import type { KnownValue, Registration } from '@dunlin/server';

import type { ManagedServer } from '../http/managed-server.ts';
import type { DeviceFacts } from './fleet-entry.ts';
import type { FleetIndex } from './fleet-index.ts';

export interface FactReaderLimits {
  /** Devices that are asked at one time: a fleet that comes back at once is not asked at once. */
  readonly concurrent: number;
  /** Milliseconds between one and the next: 200 a second leave a server most of its time. */
  readonly interval: number;
  /** Devices that wait to be asked. */
  readonly waiting: number;
  /** Milliseconds that a device is left to what it came for first. */
  readonly delay: number;
  /** Milliseconds for which what is known is not asked for again when a device registers anew. */
  readonly freshFor: number;
  /** How long one is waited for. */
  readonly timeout: Milliseconds;
}

const factReaderLimits: FactReaderLimits = {
  concurrent: 8,
  interval: 5,
  waiting: 100_000,
  delay: 2000,
  freshFor: 3_600_000,
  timeout: milliseconds(30_000),
};

const device = parsePath('/3/0');

/**
 * Asks devices for their Object 3 once after they registered, so that they can be found by manufacturer, model and firmware.
 * What they answer comes to the index as everything that is known of them does.
 */
export class FactReader implements Disposable {
  readonly #server: Pick<ManagedServer, 'device'>;
  readonly #index: FleetIndex;
  readonly #now: () => number;
  readonly #limits: FactReaderLimits;
  /** When each may be asked, in this order. */
  readonly #waiting = new Map<string, number>();
  #asking = 0;
  #askedAt = -Infinity;
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(
    {
      server,
      index,
      now,
    }: {
      readonly server: Pick<ManagedServer, 'device'>;
      readonly index: FleetIndex;
      readonly now: () => number;
    },
    limits: Partial<FactReaderLimits> = {},
  ) {
    this.#server = server;
    this.#index = index;
    this.#now = now;
    this.#limits = { ...factReaderLimits, ...limits };
  }

  registered({ endpointName, objects }: Registration): void {
    const { waiting, delay, freshFor } = this.#limits;
    const factsAt = this.#index.find(endpointName)?.factsAt;
    const isFresh = factsAt !== undefined && this.#now() - factsAt < freshFor;
    if (isFresh || this.#isOver || objects.get(3)?.instances.includes(0) !== true) return;
    if (this.#waiting.size >= waiting) return;
    this.#waiting.set(endpointName, this.#now() + delay);
    this.#arm();
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    this.#waiting.clear();
    clearTimeout(this.#timer);
  }

  #arm(): void {
    if (this.#timer !== undefined || this.#asking >= this.#limits.concurrent || this.#isOver) return;
    const [due] = this.#waiting.values();
    if (due === undefined) return;
    const now = this.#now();
    const wait = Math.max(0, due - now, this.#askedAt + this.#limits.interval - now);
    this.#timer = setTimeout(() => this.#askDue(), wait);
  }

  #askDue(): void {
    this.#timer = undefined;
    const [first] = this.#waiting;
    const now = this.#now();
    if (first !== undefined && first[1] <= now) {
      const [endpointName] = first;
      this.#waiting.delete(endpointName);
      this.#asking += 1;
      this.#askedAt = now;
      this.#ask(endpointName).then(this.#asked, this.#asked);
    }
    this.#arm();
  }

  readonly #asked = (): void => {
    this.#asking -= 1;
    this.#arm();
  };

  /** A device that refuses or is silent is asked again when it registers the next time, not before the hour is over. */
  async #ask(endpointName: string): Promise<void> {
    if (device === undefined) return;
    const { timeout } = this.#limits;
    try {
      await this.#server
        .device(endpointName)
        .ask({ name: 'read', target: device }, { timeout, whenAsleep: 'fail' });
    } catch {
      // What a device does not tell stays unknown: its list entry says so, and the trace says why.
    }
    this.#index.asked(endpointName);
  }
}

/** The facts among values, by their paths; `undefined` when there are none. */
export function factsIn(values: readonly KnownValue[]): DeviceFacts | undefined {
  let facts: { -readonly [K in keyof DeviceFacts]: DeviceFacts[K] } | undefined;
  for (const { path, resource } of values) {
    const name = factPaths[path];
    if (name === undefined || resource.kind !== 'single' || typeof resource.value !== 'string') continue;
    facts ??= {};
    facts[name] = resource.value.slice(0, maxFactLength);
  }
  return facts;
}

const factPaths: Readonly<Record<string, keyof DeviceFacts>> = {
  '/3/0/0': 'manufacturer',
  '/3/0/1': 'modelNumber',
  '/3/0/3': 'firmwareVersion',
};

/** Characters of a fact that are kept: a name, and no text that fills the memory. */
const maxFactLength = 128;
