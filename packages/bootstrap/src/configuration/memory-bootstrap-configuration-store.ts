import { StorageError } from '@dunlin/base';
import { matchesEndpointPattern } from '@dunlin/lwm2m';

import {
  type BootstrapConfigurationStore,
  type ConfigurationOutcome,
  type ConfigurationPageRequest,
  configurationStoreDefaults,
  type ConfigurationStoreLimits,
  type StoredConfiguration,
} from './bootstrap-configuration-store.ts';
import { type BootstrapTarget, compareParticularity, targetKey } from './bootstrap-target.ts';
import { requireSound } from './check-configuration.ts';

/** Configurations in memory: gone when the process ends. Answers everything at once, never with a promise. */
export class MemoryBootstrapConfigurationStore implements BootstrapConfigurationStore {
  readonly #limits: ConfigurationStoreLimits;
  readonly #byKey = new Map<string, StoredConfiguration>();
  /** Built when a page is asked for, dropped by every change. */
  #keys: readonly string[] | undefined;
  /** The most particular first. */
  #patterns: readonly string[] = [];
  #isClosed = false;

  constructor(limits: Partial<ConfigurationStoreLimits> = {}) {
    this.#limits = { ...configurationStoreDefaults, ...limits };
  }

  put(stored: StoredConfiguration): ConfigurationOutcome {
    this.#mustBeOpen();
    requireSound(stored.configuration);
    const { target } = stored.configuration;
    const key = targetKey(target);
    const isNew = !this.#byKey.has(key);
    const reason = isNew ? this.#problemOfRoom(target) : undefined;
    if (reason !== undefined) return { kind: 'full', reason };
    this.#byKey.set(key, stored);
    this.#keys = undefined;
    if (isNew && target.kind === 'pattern') {
      this.#patterns = [...this.#patterns, target.pattern].sort(compareParticularity);
    }
    return { kind: 'kept', isNew };
  }

  remove(target: BootstrapTarget): boolean {
    this.#mustBeOpen();
    if (target.kind === 'pattern') {
      this.#patterns = this.#patterns.filter((pattern) => pattern !== target.pattern);
    }
    this.#keys = undefined;
    return this.#byKey.delete(targetKey(target));
  }

  get(target: BootstrapTarget): StoredConfiguration | undefined {
    this.#mustBeOpen();
    return this.#byKey.get(targetKey(target));
  }

  find(endpointName: string): StoredConfiguration | undefined {
    const own = this.get({ kind: 'endpoint', endpointName });
    if (own !== undefined) return own;
    const pattern = this.#patterns.find((candidate) => matchesEndpointPattern(candidate, endpointName));
    return pattern === undefined ? undefined : this.get({ kind: 'pattern', pattern });
  }

  page({ after, limit }: ConfigurationPageRequest): readonly StoredConfiguration[] {
    this.#mustBeOpen();
    this.#keys ??= [...this.#byKey.keys()].sort();
    const first = after === undefined ? 0 : firstAfter(this.#keys, targetKey(after));
    return this.#keys.slice(first, first + limit).flatMap((key) => this.#byKey.get(key) ?? []);
  }

  count(): number {
    return this.#byKey.size;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.#byKey.clear();
    return Promise.resolve();
  }

  #problemOfRoom({ kind }: BootstrapTarget): string | undefined {
    const { configurations, patterns } = this.#limits;
    if (this.#byKey.size >= configurations)
      return `there are ${configurations} bootstrap configurations, the most there can be`;
    return kind === 'pattern' && this.#patterns.length >= patterns
      ? `there are ${patterns} bootstrap configurations for patterns, the most there can be`
      : undefined;
  }

  #mustBeOpen(): void {
    if (this.#isClosed) throw new StorageError('the store of bootstrap configurations is closed');
  }
}

/** By halves: whoever looks through all of a million comes here for each part of them. */
function firstAfter(ordered: readonly string[], after: string): number {
  let low = 0;
  let high = ordered.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const candidate = ordered[middle];
    if (candidate !== undefined && candidate <= after) low = middle + 1;
    else high = middle;
  }
  return low;
}
