import type { NotificationOrder } from '@dunlin/coap';

import type { StoredObservation } from '../registration-store.ts';

/** An observation in the memory of the store; the newest notification, which changes all the time, in place. */
export class ObservationEntry {
  readonly #observation: StoredObservation;
  newest: NotificationOrder | undefined;

  constructor(observation: StoredObservation) {
    this.#observation = observation;
    this.newest = observation.record.newest;
  }

  toObservation(): StoredObservation {
    const { newest } = this;
    const observation = this.#observation;
    if (newest === observation.record.newest || newest === undefined) return observation;
    return { ...observation, record: { ...observation.record, newest } };
  }
}
