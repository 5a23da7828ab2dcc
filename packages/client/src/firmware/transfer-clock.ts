import { addDuration, type Instant, instantFrom, milliseconds, type Milliseconds } from '@dunlin/base';

import type { ObjectClock } from '../object-tree/object-clock.ts';

type Phase =
  | { readonly kind: 'rest' }
  | {
      readonly kind: 'watch';
      readonly stalled: () => void;
      nextLook: Instant | undefined;
      quietLooks: number;
    }
  | {
      readonly kind: 'wait';
      readonly delay: Milliseconds;
      readonly run: () => void;
      until: Instant | undefined;
    };

/** How often a transfer is looked at before it counts as stalled. */
const looks = 4;

/** As code that waits for a promise does not know the time, a phase begins with the next `wake`. */
const atOnce: Instant = instantFrom(0);

/** The time limits of transfers: how long nothing may come, and when to try once more. */
export class TransferClock implements ObjectClock {
  readonly #stallTimeout: Milliseconds;
  readonly #moved: () => void;
  #phase: Phase = { kind: 'rest' };

  /** `moved` is called when the deadline is another one. */
  constructor(stallTimeout: Milliseconds, moved: () => void) {
    this.#stallTimeout = stallTimeout;
    this.#moved = moved;
  }

  get deadline(): Instant | undefined {
    switch (this.#phase.kind) {
      case 'rest':
        return undefined;
      case 'watch':
        return this.#phase.nextLook ?? atOnce;
      case 'wait':
        return this.#phase.until ?? atOnce;
    }
  }

  /** Calls `stalled` when there was no progress for the timeout, at most a quarter of it later. */
  watch(stalled: () => void): void {
    this.#enter({ kind: 'watch', stalled, nextLook: undefined, quietLooks: 0 });
  }

  progressed(): void {
    if (this.#phase.kind === 'watch') this.#phase.quietLooks = 0;
  }

  /** Calls `run` later. */
  wait(delay: Milliseconds, run: () => void): void {
    this.#enter({ kind: 'wait', delay, run, until: undefined });
  }

  /** There is nothing to be done in time. */
  rest(): void {
    this.#enter({ kind: 'rest' });
  }

  wake(now: Instant): void {
    const phase = this.#phase;
    if (phase.kind === 'watch') this.#look(phase, now);
    if (phase.kind !== 'wait') return;
    phase.until ??= addDuration(now, phase.delay);
    if (phase.until > now) return;
    this.#phase = { kind: 'rest' };
    phase.run();
  }

  #look(phase: Phase & { kind: 'watch' }, now: Instant): void {
    if (phase.nextLook !== undefined && phase.nextLook > now) return;
    if (phase.nextLook !== undefined) phase.quietLooks += 1;
    phase.nextLook = addDuration(now, milliseconds(this.#stallTimeout / looks));
    if (phase.quietLooks <= looks) return;
    this.#phase = { kind: 'rest' };
    phase.stalled();
  }

  #enter(phase: Phase): void {
    this.#phase = phase;
    this.#moved();
  }
}
