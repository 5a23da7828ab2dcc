import type { Instant } from '@dunlin/base';

import type { ObjectTree } from '../object-tree/object-tree.ts';
import type { TreeChange } from '../object-tree/tree-change.ts';
import type { ServerSession } from '../server-session.ts';
import type { ClientState } from './client-state.ts';
import {
  concernsState,
  restoreState,
  returnTo,
  snapshotOf,
  stateOf,
  type TreeSnapshot,
} from './tree-state.ts';

/** What a device remembers: how it left the factory, and what has become of it since, to be saved when it changes. */
export class DeviceMemory {
  /** What Servers had set by Write-Attributes when the state was saved. */
  readonly savedAttributes: ClientState['attributes'];
  readonly #tree: ObjectTree;
  readonly #factory: TreeSnapshot;
  #isStale = false;

  /** Makes the tree what it was when `saved` was. Throws a `StorageError` when that cannot be. */
  constructor(tree: ObjectTree, saved: ClientState | undefined, now: Instant) {
    this.#tree = tree;
    this.#factory = snapshotOf(tree);
    this.savedAttributes = saved?.attributes ?? new Map();
    if (saved !== undefined) restoreState(tree, saved.objects, now);
  }

  /** Notes a change of the tree, if it concerns what is remembered. */
  changed(change: TreeChange): void {
    if (concernsState(change, this.#tree)) this.#isStale = true;
  }

  /** Notes that attributes of a Server are others. */
  attributesChanged(): void {
    this.#isStale = true;
  }

  /** True when something changed since this was asked last. */
  takeStale(): boolean {
    const isStale = this.#isStale;
    this.#isStale = false;
    return isStale;
  }

  /** What is to be remembered now. */
  state(sessions: readonly ServerSession[]): ClientState {
    const attributes = sessions.map(
      ({ shortServerId, attributes: { all } }) => [shortServerId, all] as const,
    );
    return { objects: stateOf(this.#tree), attributes: new Map(attributes) };
  }

  /** Makes the tree what it was when the device left the factory (R-1031). */
  factoryReset(now: Instant): void {
    this.#isStale = true;
    returnTo(this.#factory, this.#tree, now);
  }
}
