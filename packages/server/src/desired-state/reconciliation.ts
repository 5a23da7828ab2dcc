import {
  addDuration,
  DeadlineQueue,
  earliestOf,
  type Instant,
  milliseconds,
  type Milliseconds,
  type Scheduled,
} from '@dunlin/base';
import { usesQueueMode } from '@dunlin/lwm2m';

import { inBackground } from '../in-background.ts';
import type { Registration } from '../registration.ts';
import type { ServerContext } from '../server-context.ts';

/** How the look at a device ended: all is as wished, something failed, or the device went out of reach. */
export type LookOutcome = 'settled' | 'failed' | 'interrupted';

/** A device where something failed, until it is tried again. */
interface Retry extends Scheduled {
  readonly endpointName: string;
  delay: Milliseconds;
  /** Not before. */
  at: Instant;
}

/**
 * Which devices are looked at when: a bounded number at a time and in each second, so that a fleet that comes back
 * all at once is not asked all at once; those that may fall asleep first; where something failed, after a while
 * that doubles.
 */
export class Reconciliation {
  readonly #context: ServerContext;
  readonly #look: (registration: Registration) => Promise<LookOutcome>;
  readonly #onDeadline: () => void;
  /** To be looked at: those in queue mode, the others, and those that were there at the start. */
  readonly #sleepers = new Set<string>();
  readonly #others = new Set<string>();
  readonly #underWay = new Map<string, { isDueAgain: boolean }>();
  readonly #failed = new Map<string, Retry>();
  readonly #retries = new DeadlineQueue<Retry>();
  #resumeAt: Instant | undefined;
  #sliceBegan: Instant | undefined;
  #begunInSlice = 0;
  #isClosed = false;

  /** `onDeadline` is called when the deadline changed outside of `wake`. */
  constructor(
    context: ServerContext,
    look: (registration: Registration) => Promise<LookOutcome>,
    onDeadline: () => void,
  ) {
    this.#context = context;
    this.#look = look;
    this.#onDeadline = onDeadline;
  }

  get deadline(): Instant | undefined {
    return earliestOf(this.#resumeAt, this.#retries.deadline);
  }

  wake(now: Instant): void {
    for (let retry = this.#retries.takeDue(now); retry !== undefined; retry = this.#retries.takeDue(now))
      this.#others.add(retry.endpointName);
    if (this.#resumeAt !== undefined && this.#resumeAt <= now) this.#resumeAt = undefined;
    this.#beginAll();
  }

  /** Whether a device is being looked at. */
  isUnderWay(endpointName: string): boolean {
    return this.#underWay.has(endpointName);
  }

  /** Something failed with this device: it is looked at again after a while. */
  failed(endpointName: string): void {
    this.#retryLater(endpointName, this.#failed.get(endpointName));
  }

  /** Something is to be done for these devices, which may be reachable or not. */
  dueAll(endpointNames: Iterable<string>): void {
    for (const endpointName of endpointNames) this.#others.add(endpointName);
    this.#beginAll();
  }

  /** Something is to be done for this device; after a failure `isNew` says that what failed may do now. */
  due({ endpointName, bindingMode }: Registration, isNew: boolean): void {
    const retry = this.#failed.get(endpointName);
    if (isNew && retry !== undefined) this.#forgive(retry);
    else if (retry !== undefined && retry.at > this.#context.now()) return;
    if (usesQueueMode(bindingMode)) this.#sleepers.add(endpointName);
    else this.#others.add(endpointName);
    this.#beginAll();
  }

  close(): void {
    this.#isClosed = true;
  }

  #beginAll(): void {
    const { reconciliations, reconciliationsPerSecond } = this.#context.limits;
    const now = this.#context.now();
    if (this.#sliceBegan === undefined || now >= addDuration(this.#sliceBegan, slice)) {
      this.#sliceBegan = now;
      this.#begunInSlice = 0;
    }
    const perSlice = Math.ceil((reconciliationsPerSecond * slice) / 1000);
    while (!this.#isClosed && this.#underWay.size < reconciliations) {
      if (this.#begunInSlice >= perSlice && this.#sleepers.size + this.#others.size > 0) {
        this.#resumeAt = addDuration(this.#sliceBegan, slice);
        this.#onDeadline();
        return;
      }
      const next = this.#takeNext();
      if (next === undefined) return;
      this.#begunInSlice += 1;
      this.#begin(next);
    }
  }

  #takeNext(): string | undefined {
    for (const names of [this.#sleepers, this.#others]) {
      for (const endpointName of names) {
        names.delete(endpointName);
        const underWay = this.#underWay.get(endpointName);
        if (underWay === undefined) return endpointName;
        underWay.isDueAgain = true;
      }
    }
    return undefined;
  }

  #begin(endpointName: string): void {
    const facts = { isDueAgain: false };
    this.#underWay.set(endpointName, facts);
    inBackground(this.#context, `establishing what is wished for ${endpointName}`, async () => {
      try {
        const outcome = await this.#lookAt(endpointName);
        const retry = this.#failed.get(endpointName);
        if (outcome === 'failed') this.#retryLater(endpointName, retry);
        else if (outcome === 'settled' && retry !== undefined) this.#forgive(retry);
      } finally {
        this.#underWay.delete(endpointName);
        if (facts.isDueAgain) this.#others.add(endpointName);
        this.#beginAll();
      }
    });
  }

  /** One that cannot be reached now is looked at when it is heard. */
  async #lookAt(endpointName: string): Promise<LookOutcome> {
    const { store, presence, now } = this.#context;
    const registration = await store.findByEndpoint(endpointName);
    if (registration === undefined || !presence.isReachable(registration, now())) return 'interrupted';
    return await this.#look(registration);
  }

  #retryLater(endpointName: string, present: Retry | undefined): void {
    const delay = milliseconds(
      Math.min(present === undefined ? firstDelay : present.delay * 2, longestDelay),
    );
    const at = addDuration(this.#context.now(), delay);
    const retry: Retry = present ?? { endpointName, delay, at, dueAt: undefined, heapIndex: 0 };
    retry.delay = delay;
    retry.at = at;
    this.#failed.set(endpointName, retry);
    this.#retries.schedule(retry, at);
    this.#onDeadline();
  }

  #forgive(retry: Retry): void {
    this.#failed.delete(retry.endpointName);
    this.#retries.cancel(retry);
  }
}

/** The rate is held within such slices, so that a second's worth does not hold up everything else. */
const slice: Milliseconds = milliseconds(100);

/** After a failure: long enough for a device to come to itself, and in the end often enough for an hour's trouble. */
const firstDelay: Milliseconds = milliseconds(30_000);
const longestDelay: Milliseconds = milliseconds(3_600_000);
