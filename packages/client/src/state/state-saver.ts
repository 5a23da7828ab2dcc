import type { ClientStateStore } from './client-state.ts';

/** Saves a state whenever it changed: one after the other, and of those that come meanwhile the last one. */
export class StateSaver {
  readonly #store: ClientStateStore;
  readonly #state: () => Uint8Array;
  #underWay: Promise<void> | undefined;
  #isOneMoreDue = false;

  /** `state` gives what is to be saved now. */
  constructor(store: ClientStateStore, state: () => Uint8Array) {
    this.#store = store;
    this.#state = state;
  }

  /** Resolves when what is the state now, or a later one, is saved; rejects when that failed. */
  async save(): Promise<void> {
    if (this.#underWay !== undefined) {
      this.#isOneMoreDue = true;
      return;
    }
    this.#underWay = this.#saveAll();
    try {
      await this.#underWay;
    } finally {
      this.#underWay = undefined;
    }
  }

  /** Resolves when nothing is being saved any more. What failed has been told by `save`. */
  async settled(): Promise<void> {
    await Promise.allSettled([this.#underWay]);
  }

  async #saveAll(): Promise<void> {
    do {
      this.#isOneMoreDue = false;
      await this.#store.save(this.#state());
    } while (this.#isOneMoreDue);
  }
}
