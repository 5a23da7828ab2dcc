import {
  addDuration,
  earliestOf,
  type Instant,
  type Seconds,
  type Signal,
  SignalSource,
  toMilliseconds,
} from '@dunlin/base';
import { ConnectivityStatistics, type ResourcePath } from '@dunlin/lwm2m';

import type { ObjectClock } from '../object-tree/object-clock.ts';
import { TrafficCount } from './traffic-count.ts';

/** Short messages of a device since it was made. */
export interface SmsCounters {
  readonly sent: number;
  readonly received: number;
}

/** How traffic is collected. */
export interface TrafficCollectionOptions {
  /** 0: from Start until Stop. */
  readonly period: Seconds;
  readonly reviewInterval: Seconds;
  readonly smsCounters: (() => SmsCounters) | undefined;
}

const none: SmsCounters = { sent: 0, received: 0 };

/** All that a collection changes: `/7/0/0` to `/7/0/5`. */
const figures: readonly ResourcePath[] = [
  ConnectivityStatistics.smsTxCounter,
  ConnectivityStatistics.smsRxCounter,
  ConnectivityStatistics.txData,
  ConnectivityStatistics.rxData,
  ConnectivityStatistics.maxMessageSize,
  ConnectivityStatistics.averageMessageSize,
].map(({ path }) => path);

/**
 * What Start begins and Stop or the end of the period ends: a count of traffic that stays to be read (R-1070).
 *
 * Notifications are traffic too, so that telling every change would never end: observers are told when another kilobyte
 * is full, which takes many notifications, or when a packet was larger than all before.
 */
export class TrafficCollection implements ObjectClock {
  readonly #options: TrafficCollectionOptions;
  readonly #changed = new SignalSource<readonly ResourcePath[]>();
  #period: Seconds;
  #traffic = new TrafficCount();
  #startedAt: Instant | undefined;
  #reviewedAt: Instant | undefined;
  #hasNews = false;
  #told = '';
  #smsAtStart = none;
  #sms = none;

  constructor(options: TrafficCollectionOptions) {
    this.#options = options;
    this.#period = options.period;
  }

  get changed(): Signal<readonly ResourcePath[]> {
    return this.#changed;
  }

  get traffic(): TrafficCount {
    return this.#traffic;
  }

  /** Short messages since Start. */
  get sms(): SmsCounters {
    if (this.#startedAt === undefined) return this.#sms;
    const { sent, received } = this.#options.smsCounters?.() ?? none;
    return { sent: sent - this.#smsAtStart.sent, received: received - this.#smsAtStart.received };
  }

  get deadline(): Instant | undefined {
    const { reviewInterval } = this.#options;
    if (this.#startedAt === undefined || this.#reviewedAt === undefined) return undefined;
    const review = addDuration(this.#reviewedAt, toMilliseconds(reviewInterval));
    return earliestOf(this.#end, this.#hasNews ? review : undefined);
  }

  /** Counts from 0 on, whether it was counting or not. */
  start(now: Instant): void {
    this.#traffic = new TrafficCount();
    this.#smsAtStart = { ...(this.#options.smsCounters?.() ?? none) };
    this.#startedAt = now;
    this.#told = '';
    this.#review(now);
  }

  /** Counts no more. */
  stop(): void {
    this.#sms = this.sms;
    this.#startedAt = undefined;
    this.#changed.emit(figures);
  }

  /** A new period is one from Start on; one that is over by now ends the collection. */
  setPeriod(period: Seconds): void {
    this.#period = period;
  }

  packetPassed(direction: 'sent' | 'received', bytes: number): void {
    if (this.#startedAt === undefined) return;
    this.#traffic.add(direction, bytes);
    this.#hasNews = true;
  }

  wake(now: Instant): void {
    const end = this.#end;
    if (end !== undefined && end <= now) this.stop();
    else this.#review(now);
  }

  get #end(): Instant | undefined {
    if (this.#startedAt === undefined || this.#period === 0) return undefined;
    return addDuration(this.#startedAt, toMilliseconds(this.#period));
  }

  #review(now: Instant): void {
    const { sentKilobytes, receivedKilobytes, largest } = this.#traffic;
    const { sent, received } = this.sms;
    const figuresNow = [sentKilobytes, receivedKilobytes, largest, sent, received].join(' ');
    this.#reviewedAt = now;
    // Nobody tells of short messages.
    this.#hasNews = this.#options.smsCounters !== undefined;
    if (figuresNow === this.#told) return;
    this.#told = figuresNow;
    this.#changed.emit(figures);
  }
}
