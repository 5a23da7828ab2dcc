import type { ActiveUpdate } from './active-update.ts';

/** Lets a bounded number of devices be pushed to at a time; the others wait in the order in which they came. */
export class PushLine {
  readonly #limit: number;
  readonly #onTurn: (active: ActiveUpdate) => void;
  readonly #inside = new Set<ActiveUpdate>();
  /** Those whose turn it is and who have not come yet. */
  readonly #called = new Set<ActiveUpdate>();
  readonly #waiting = new Set<ActiveUpdate>();

  /** `onTurn` is called for one that waited when there is room for it. */
  constructor(limit: number, onTurn: (active: ActiveUpdate) => void) {
    this.#limit = limit;
    this.#onTurn = onTurn;
  }

  /** False when it has to wait. */
  enter(active: ActiveUpdate): boolean {
    if (!this.#called.delete(active) && !this.#hasRoom) {
      this.#waiting.add(active);
      active.isInLine = true;
      return false;
    }
    this.#inside.add(active);
    return true;
  }

  /** Its push is over, or it does not want one any more. */
  left(active: ActiveUpdate): void {
    active.isInLine = false;
    this.#inside.delete(active);
    this.#called.delete(active);
    this.#waiting.delete(active);
    for (const next of this.#waiting) {
      if (!this.#hasRoom) return;
      this.#waiting.delete(next);
      this.#called.add(next);
      next.isInLine = false;
      this.#onTurn(next);
    }
  }

  get #hasRoom(): boolean {
    return this.#inside.size + this.#called.size < this.#limit;
  }
}
