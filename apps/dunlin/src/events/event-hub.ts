import type { EventPage, ServerEvent } from '@dunlin/api';

import {
  eventFrame,
  EventLog,
  type EventLogLimits,
  type LoggedEvent,
  type PastEvents,
  type UnreadEvent,
} from './event-log.ts';

/** Where a subscriber's frames go: a response that is being written. */
export interface EventSink {
  write(text: string): void;
  /** How many bytes wait to be taken by the reader. */
  readonly waiting: number;
  /** Ends the stream; frames that wait are dropped. */
  close(): void;
}

interface EventHubLimits extends EventLogLimits {
  readonly subscribers: number;
  /**
   * Bytes that wait for one reader. One that lags further behind is cut off; it resumes with its last id and
   * gets what it missed from the log, so that a slow reader costs bounded memory and loses nothing.
   */
  readonly waitingPerSubscriber: number;
}

export interface EventHubOptions {
  /** A text without `-` that no other run of the server has. */
  readonly epoch: string;
  /** RFC 3339 text of the time now, for events of the hub's own. */
  readonly now: () => string;
  readonly limits?: Partial<EventHubLimits>;
}

export interface SubscribeRequest {
  readonly endpoint?: string | undefined;
  readonly lastEventId?: string | undefined;
}

interface Subscriber {
  readonly sink: EventSink;
  readonly endpoint: string | undefined;
}

/** Brings events to everybody who reads the stream, and what they missed to those who come back. */
export class EventHub {
  readonly #log: EventLog;
  readonly #now: () => string;
  readonly #maxSubscribers: number;
  readonly #maxWaiting: number;
  readonly #subscribers = new Set<Subscriber>();

  constructor(options: Readonly<EventHubOptions>) {
    this.#log = new EventLog(options.epoch, options.limits);
    this.#now = options.now;
    this.#maxSubscribers = options.limits?.subscribers ?? 200;
    this.#maxWaiting = options.limits?.waitingPerSubscriber ?? 1024 * 1024;
  }

  get subscriberCount(): number {
    return this.#subscribers.size;
  }

  get isFull(): boolean {
    return this.#subscribers.size >= this.#maxSubscribers;
  }

  publish(event: ServerEvent | UnreadEvent): void {
    const logged = this.#log.append(event);
    for (const subscriber of this.#subscribers) this.#send(subscriber, logged);
  }

  /** Sends what was missed, then everything from now on, until the result is disposed or the sink closed. */
  subscribe(sink: EventSink, request: SubscribeRequest): Disposable {
    const subscriber: Subscriber = { sink, endpoint: request.endpoint };
    this.#subscribers.add(subscriber);
    sink.write('retry: 1000\n\n');
    if (request.lastEventId !== undefined) this.#resume(subscriber, request.lastEventId);
    return { [Symbol.dispose]: () => void this.#subscribers.delete(subscriber) };
  }

  /** Events of the past, as far as they are kept. */
  past(request: PastEvents): EventPage {
    return this.#log.past(request);
  }

  /** Writes a comment to every stream, so that nothing between takes it for dead, and dead ones are found. */
  heartbeat(): void {
    for (const subscriber of this.#subscribers) this.#write(subscriber, ': still here\n\n');
  }

  /** Ends every stream. */
  close(): void {
    for (const { sink } of this.#subscribers) sink.close();
    this.#subscribers.clear();
  }

  #resume(subscriber: Subscriber, lastEventId: string): void {
    const missed = this.#log.since(lastEventId);
    if (missed === undefined) {
      subscriber.sink.write(eventFrame(this.#log.lastId, { type: 'reset', time: this.#now() }));
      return;
    }
    // What was missed may be more than may wait; the reader takes it at once or comes back for the rest.
    for (const event of missed) {
      if (!this.#subscribers.has(subscriber)) break;
      this.#send(subscriber, event);
    }
  }

  #send(subscriber: Subscriber, event: LoggedEvent): void {
    const { endpoint } = subscriber;
    if (endpoint !== undefined && event.endpoint !== endpoint && !event.isForAll) return;
    this.#write(subscriber, event.frame);
  }

  #write(subscriber: Subscriber, text: string): void {
    if (subscriber.sink.waiting > this.#maxWaiting) {
      this.#subscribers.delete(subscriber);
      subscriber.sink.close();
      return;
    }
    subscriber.sink.write(text);
  }
}
