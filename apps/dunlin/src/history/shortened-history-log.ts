import type { Instant, Milliseconds } from '@dunlin/base';
import type { HistoryShortened } from '@dunlin/node';
import type { Logger } from 'pino';

import { instantText } from '../http/device-to-summary.ts';

/** Milliseconds between two warnings of one thing that goes on: often enough for a day's log, too rare to fill a disk. */
const warningInterval = 3_600_000;

/** What the settings give values. */
export interface HistoryRoom {
  readonly age: Milliseconds;
  /** Bytes of all of them. */
  readonly size: number;
}

/** Warns, now and then, that values go before the age that the settings give them. */
export class ShortenedHistoryLog {
  readonly #room: HistoryRoom;
  readonly #now: () => Instant;
  readonly #log: Pick<Logger, 'warn'>;
  #count = 0;
  #warnedAt = -Infinity;

  constructor(room: HistoryRoom, now: () => Instant, log: Pick<Logger, 'warn'>) {
    this.#room = room;
    this.#now = now;
    this.#log = log;
  }

  shortened({ count, until }: HistoryShortened): void {
    this.#count += count;
    const at = this.#now();
    if (at - this.#warnedAt < warningInterval) return;
    this.#warnedAt = at;
    const { age, size } = this.#room;
    this.#log.warn(
      { bytes: size, forgotten: this.#count, keptSince: instantText(until) },
      `the history has no more room: values are kept for ${hours(at - until)} hours and not for ${hours(age)}; ` +
        'history-size says how much room it has',
    );
    this.#count = 0;
  }
}

function hours(duration: number): number {
  return Math.round(duration / 3_600_000);
}
