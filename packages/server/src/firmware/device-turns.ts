import { usesQueueMode } from '@dunlin/lwm2m';

import type { WaitOptions } from '../pending-request.ts';
import type { OperationQueue } from '../queue-mode/operation-queue.ts';
import type { Registration } from '../registration.ts';

/** What is to be done with a device when it may be. */
export type TurnWork<T> = (registration: Registration, wait: WaitOptions) => Promise<T>;

/** Asks devices at once, and those in queue mode in their awake window when their turn has come. */
export class DeviceTurns {
  readonly #queue: OperationQueue;

  constructor(queue: OperationQueue) {
    this.#queue = queue;
  }

  /** Rejects with `DeviceAsleepError` when the device sleeps. */
  async run<T>(registration: Registration, signal: AbortSignal, work: TurnWork<T>): Promise<T> {
    signal.throwIfAborted();
    if (!usesQueueMode(registration.bindingMode)) return await work(registration, { signal });
    return await this.#queue.run(
      registration,
      (present, turnSignal) => work(present, { signal: turnSignal }),
      {
        signal,
        failsAsleep: true,
      },
    );
  }
}
