import type { OutgoingNotification } from './reporting.ts';

/** The notifications that wait until a Server can be reached again; of too many the oldest go. */
export class StoredNotifications {
  readonly #limit: number;
  #waiting: OutgoingNotification[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#waiting.length;
  }

  /** Keeps one: the one that had to go for it, if any. */
  add(notification: OutgoingNotification): OutgoingNotification | undefined {
    this.#waiting.push(notification);
    return this.#waiting.length > this.#limit ? this.#waiting.shift() : undefined;
  }

  /** Gives all, the oldest first, and keeps none. */
  takeAll(): readonly OutgoingNotification[] {
    const all = this.#waiting;
    this.#waiting = [];
    return all;
  }
}
