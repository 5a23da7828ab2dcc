import { type Instant, type Scheduled, TransmissionError } from '@dunlin/base';

import type { AskedRequest } from '../asked-request.ts';
import type { OperationResult } from '../device-store/queued-operation.ts';
import { AbortListener } from '../pending-request.ts';
import type { Registration } from '../registration.ts';

/** What a caller wants done when the turn has come. The signal aborts when nobody waits for the outcome any more. */
export type Work<T = OperationResult> = (registration: Registration, signal: AbortSignal) => Promise<T>;

/** Where a call that nobody waits for any more is taken out of the line. */
export interface LiveCallOwner {
  left(call: LiveCall): void;
}

/** Somebody in this process who waits for his turn with a device, and for the outcome. */
export class LiveCall implements Scheduled {
  dueAt: Instant | undefined = undefined;
  heapIndex = 0;
  /** What is asked, when that may be asked together with the same of others. */
  readonly asked: AskedRequest | undefined;
  readonly work: Work;
  readonly outcome: Promise<OperationResult>;
  readonly endpointName: string;
  /** It rejects rather than wait for a device that sleeps. */
  readonly failsAsleep: boolean;
  readonly #owner: LiveCallOwner;
  readonly #abort: AbortListener;
  readonly #resolve: (result: OperationResult) => void;
  readonly #reject: (reason: unknown) => void;
  #hasTurn = false;
  #isSettled = false;

  constructor(
    owner: LiveCallOwner,
    facts: {
      readonly endpointName: string;
      readonly asked: AskedRequest | undefined;
      readonly work: Work;
      readonly signal: AbortSignal | undefined;
      readonly failsAsleep: boolean;
    },
  ) {
    const { promise, resolve, reject } = Promise.withResolvers<OperationResult>();
    this.outcome = promise;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#owner = owner;
    this.endpointName = facts.endpointName;
    this.failsAsleep = facts.failsAsleep;
    this.asked = facts.asked;
    this.work = facts.work;
    this.#abort = new AbortListener(facts.signal, (reason) => this.#leave(reason));
  }

  get isSettled(): boolean {
    return this.#isSettled;
  }

  /** Its request is sent now. */
  turnCame(): void {
    this.#hasTurn = true;
  }

  resolve(result: OperationResult): void {
    if (this.#settle()) this.#resolve(result);
  }

  reject(reason: unknown): void {
    if (this.#settle()) this.#reject(reason);
  }

  /** The caller's deadline has come. */
  expired(): void {
    const what = this.#hasTurn ? 'answer' : 'wake up';
    this.#leave(
      new TransmissionError('expired', `${this.endpointName} did not ${what} within the time given`),
    );
  }

  #leave(reason: unknown): void {
    if (this.#isSettled) return;
    this.reject(reason);
    this.#owner.left(this);
  }

  #settle(): boolean {
    if (this.#isSettled) return false;
    this.#isSettled = true;
    this.#abort[Symbol.dispose]();
    return true;
  }
}
