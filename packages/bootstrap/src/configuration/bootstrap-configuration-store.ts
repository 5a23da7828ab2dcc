import type { Instant } from '@dunlin/base';

import type { MaybePromise } from '../maybe-promise.ts';
import type { BootstrapConfiguration } from './bootstrap-configuration.ts';
import type { BootstrapTarget } from './bootstrap-target.ts';

/** A configuration that is kept. */
export interface StoredConfiguration {
  readonly configuration: BootstrapConfiguration;
  readonly updatedAt: Instant;
}

/** What became of a `put`. */
export type ConfigurationOutcome =
  | { readonly kind: 'kept'; readonly isNew: boolean }
  /** There is no room (see `ConfigurationStoreLimits`); nothing has changed. */
  | { readonly kind: 'full'; readonly reason: string };

/** A part of the list of configurations. */
export interface ConfigurationPageRequest {
  /** Only those after this one; it need not be there any more. */
  readonly after?: BootstrapTarget | undefined;
  /** At most so many. */
  readonly limit: number;
}

/** How many configurations a store keeps. */
export interface ConfigurationStoreLimits {
  readonly configurations: number;
  /** Of these for patterns: every one is compared with the name of an endpoint that has none of its own. */
  readonly patterns: number;
}

/** One for each of the million devices of a node, and a pattern for each of a thousand models. */
export const configurationStoreDefaults: ConfigurationStoreLimits = {
  configurations: 1_000_000,
  patterns: 1000,
};

/**
 * Port: which device is given what. Keys come out again as they went in, as the device has to get them: whoever shows
 * configurations leaves them out. Methods may answer at once or later; a method that cannot keep its promise throws or
 * rejects with a `StorageError` and has changed nothing.
 */
export interface BootstrapConfigurationStore extends AsyncDisposable {
  /**
   * Keeps a configuration in place of that for the same target. Durable when answered. Throws or rejects with a
   * `UsageError` when `checkConfiguration` finds something wrong with it.
   */
  put(stored: StoredConfiguration): MaybePromise<ConfigurationOutcome>;
  /** Takes one out. Durable when answered. False when there is none. */
  remove(target: BootstrapTarget): MaybePromise<boolean>;
  get(target: BootstrapTarget): MaybePromise<StoredConfiguration | undefined>;
  /** What an endpoint is given: its own, or that of the most particular pattern its name fits (`compareParticularity`). */
  find(endpointName: string): MaybePromise<StoredConfiguration | undefined>;
  /** Those for endpoints first, then those for patterns, each in the order of their texts. */
  page(request: ConfigurationPageRequest): MaybePromise<readonly StoredConfiguration[]>;
  count(): MaybePromise<number>;
}
