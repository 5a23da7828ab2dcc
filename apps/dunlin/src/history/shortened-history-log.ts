import { type Instant, type Milliseconds, milliseconds } from '@dunlin/base';
import type { HistoryShortened } from '@dunlin/node';
import type { Logger } from 'pino';

import { instantText } from '../http/device-to-summary.ts';
import { Occasional } from '../server/occasional.ts';

/** Often enough for a day's log, too rare to fill a disk. */
const warningInterval = milliseconds(3_600_000);

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
  readonly #occasional: Occasional;

  constructor(room: HistoryRoom, now: () => Instant, log: Pick<Logger, 'warn'>) {
    this.#room = room;
    this.#now = now;
    this.#log = log;
    this.#occasional = new Occasional(warningInterval, now);
  }

  shortened({ count, until }: HistoryShortened): void {
    const forgotten = this.#occasional.happened(count);
    if (forgotten === undefined) return;
    const at = this.#now();
    const { age, size } = this.#room;
    this.#log.warn(
      { bytes: size, forgotten, keptSince: instantText(until) },
      `the history has no more room: values are kept for ${hours(at - until)} hours and not for ${hours(age)}; ` +
        'history-size says how much room it has',
    );
  }
}

function hours(duration: number): number {
  return Math.round(duration / 3_600_000);
}
