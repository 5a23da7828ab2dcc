import type { Instant } from '@dunlin/base';

import type { Dispatch } from './dispatch.ts';
import { isCausedByOthers } from './purpose.ts';

/**
 * Datagrams that wait for their turn. What we send of our own accord and what others cause take turns, so that a flood
 * of answers does not hold up a request that wakes a device.
 */
export class WaitingLine {
  readonly #own: Dispatch[] = [];
  readonly #caused: Dispatch[] = [];
  #isTurnOfCaused = false;

  get size(): number {
    return this.#own.length + this.#caused.length;
  }

  /** Lets one wait behind all others, or `ahead` of them when a part of it is gone already. */
  add(dispatch: Dispatch, ahead: boolean): void {
    const line = isCausedByOthers(dispatch.entry.purpose) ? this.#caused : this.#own;
    if (ahead) line.unshift(dispatch);
    else line.push(dispatch);
  }

  /** Takes out whose turn it is. */
  take(now: Instant): Dispatch | undefined {
    const lines = this.#isTurnOfCaused ? [this.#caused, this.#own] : [this.#own, this.#caused];
    for (const line of lines) {
      const index = line.findIndex(({ notBefore }) => notBefore <= now);
      if (index < 0) continue;
      this.#isTurnOfCaused = line === this.#own;
      return line.splice(index, 1)[0];
    }
    return undefined;
  }

  /** Takes one out of turn. */
  remove(dispatch: Dispatch): void {
    for (const line of [this.#own, this.#caused]) {
      const index = line.indexOf(dispatch);
      if (index >= 0) line.splice(index, 1);
    }
  }

  /** When the first of them may go, as far as they are concerned; `undefined` when none waits. */
  get readyAt(): number | undefined {
    let first: number | undefined;
    for (const line of [this.#own, this.#caused]) {
      for (const { notBefore } of line) {
        if (first === undefined || notBefore < first) first = notBefore;
        if (first === -Infinity) return first;
      }
    }
    return first;
  }
}
