import type { DesiredItem, DesiredKind } from '../device-store/desired-item.ts';
import type { DeviceStore } from '../device-store/device-store.ts';
import { SerialTasks } from '../maybe-promise.ts';

type ItemOf<K extends DesiredKind> = Extract<DesiredItem, { readonly kind: K }>;

/** The wishes in the store, changed one after the other for each device, and of which devices there are some. */
export class DesiredItems {
  readonly #devices: DeviceStore;
  readonly #endpoints = new Set<string>();
  readonly #tasks = new SerialTasks();

  constructor(devices: DeviceStore) {
    this.#devices = devices;
  }

  /** Devices for which something is wished; perhaps some without, never one missing. */
  get endpoints(): ReadonlySet<string> {
    return this.#endpoints;
  }

  async load(): Promise<void> {
    for (const endpointName of await this.#devices.endpointsWithDesired()) this.#endpoints.add(endpointName);
  }

  /** By path, attributes before the observation of the same path. */
  async of(endpointName: string): Promise<readonly DesiredItem[]> {
    if (!this.#endpoints.has(endpointName)) return [];
    const items = await this.#devices.desiredOf(endpointName);
    if (items.length === 0) this.#endpoints.delete(endpointName);
    return items;
  }

  async find<K extends DesiredKind>(
    endpointName: string,
    kind: K,
    path: string,
  ): Promise<ItemOf<K> | undefined> {
    const items = await this.of(endpointName);
    return items.find((item): item is ItemOf<K> => item.kind === kind && item.path === path);
  }

  /**
   * Puts what `change` makes of a wish in its place, `undefined` for none; gives what is there then. Other changes
   * for the device come before or after it.
   */
  async change<K extends DesiredKind>(
    endpointName: string,
    kind: K,
    path: string,
    change: (present: ItemOf<K> | undefined) => ItemOf<K> | undefined,
  ): Promise<ItemOf<K> | undefined> {
    return await this.#tasks.run(endpointName, async () => {
      const present = await this.find(endpointName, kind, path);
      const next = change(present);
      if (next === present) return present;
      if (next === undefined) {
        await this.#devices.removeDesired(endpointName, kind, path);
        return undefined;
      }
      this.#endpoints.add(endpointName);
      await this.#devices.putDesired(endpointName, next);
      // A reader may have found none meanwhile and have taken the name out.
      this.#endpoints.add(endpointName);
      return next;
    });
  }

  forget(endpointName: string): void {
    this.#endpoints.delete(endpointName);
  }
}
