import type { Instant } from './time.ts';

/** Something that can wait in a `DeadlineQueue`. The queue alone writes to it. */
export interface Scheduled {
  /** When it is due; `undefined` while it waits in no queue. */
  dueAt: Instant | undefined;
  /** Its place in the queue's heap. */
  heapIndex: number;
}

/**
 * What is due when: a binary heap in which any item can be re-scheduled or taken out in O(log n).
 * Items are their own entries, so that scheduling allocates nothing.
 */
export class DeadlineQueue<T extends Scheduled> {
  readonly #heap: T[] = [];

  /** How many items wait. */
  get size(): number {
    return this.#heap.length;
  }

  /** When the first item is due. */
  get deadline(): Instant | undefined {
    return this.#heap[0]?.dueAt;
  }

  /** Puts the item in, or moves it when it waits already. */
  schedule(item: T, dueAt: Instant): void {
    if (item.dueAt === undefined) {
      item.dueAt = dueAt;
      this.#place(item, this.#heap.length);
      this.#rise(item);
      return;
    }
    const earlier = dueAt < item.dueAt;
    item.dueAt = dueAt;
    if (earlier) this.#rise(item);
    else this.#sink(item);
  }

  /** Takes the item out; harmless when it does not wait. */
  cancel(item: T): void {
    if (item.dueAt === undefined) return;
    item.dueAt = undefined;
    const last = this.#heap.pop();
    if (last === undefined || last === item) return;
    this.#place(last, item.heapIndex);
    this.#rise(last);
    this.#sink(last);
  }

  /** Takes out and returns the next item that is due at `now`, or `undefined` when none is. */
  takeDue(now: Instant): T | undefined {
    const first = this.#heap[0];
    if (first?.dueAt === undefined || first.dueAt > now) return undefined;
    this.cancel(first);
    return first;
  }

  #place(item: T, index: number): void {
    this.#heap[index] = item;
    item.heapIndex = index;
  }

  #rise(item: T): void {
    let index = item.heapIndex;
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = this.#heap[parentIndex];
      if (parent === undefined || isBefore(parent, item)) break;
      this.#place(parent, index);
      index = parentIndex;
    }
    this.#place(item, index);
  }

  #sink(item: T): void {
    let index = item.heapIndex;
    for (;;) {
      const left = this.#heap[index * 2 + 1];
      if (left === undefined) break;
      const right = this.#heap[index * 2 + 2];
      const child = right !== undefined && isBefore(right, left) ? right : left;
      if (isBefore(item, child)) break;
      const childIndex = child.heapIndex;
      this.#place(child, index);
      index = childIndex;
    }
    this.#place(item, index);
  }
}

function isBefore(a: Scheduled, b: Scheduled): boolean {
  return (a.dueAt ?? Infinity) <= (b.dueAt ?? Infinity);
}
