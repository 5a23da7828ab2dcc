import type { ServerEvent } from '@dunlin/api';

import { type AskedOperation, type AskedState, stateOfQueued } from './asked.ts';

/** What was asked last at a path. */
export interface Asked {
  readonly operation: AskedOperation;
  readonly path: string;
  readonly state: AskedState;
}

/** What was asked of one device since its page was opened: the last at each path. */
export class AskedLog {
  readonly #endpoint: string;
  readonly #listeners = new Set<() => void>();
  #byPath: ReadonlyMap<string, Asked> = new Map();

  constructor(endpoint: string) {
    this.#endpoint = endpoint;
  }

  get byPath(): ReadonlyMap<string, Asked> {
    return this.#byPath;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Takes note of where something stands. */
  note(operation: AskedOperation, path: string, state: AskedState): void {
    this.#byPath = new Map(this.#byPath).set(path, { operation, path, state });
    for (const listener of this.#listeners) listener();
  }

  /** Follows what was queued. */
  apply(event: ServerEvent): void {
    if (!('operation' in event) || typeof event.operation === 'string') return;
    if (event.endpoint !== this.#endpoint) return;
    const { id, operation, path } = event.operation;
    const asked = this.#byPath.get(path);
    if (asked === undefined || !('id' in asked.state) || asked.state.id !== id) return;
    this.note(operation, path, stateOfQueued(event.operation));
  }
}
