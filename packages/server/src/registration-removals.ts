import { TransmissionError } from '@dunlin/base';

import type { DeviceSessions } from './device-session.ts';
import { DeviceNotRegisteredError } from './errors.ts';
import type { ObservationEndReason } from './events.ts';
import type { Observations } from './observations.ts';
import type { Registration } from './registration.ts';
import type { RemovedRegistration } from './registration-store.ts';
import type { ServerContext } from './server-context.ts';

/** What follows when a registration is no more: its requests, observations and the events about it. */
export class RegistrationRemovals {
  readonly #context: ServerContext;
  readonly #sessions: DeviceSessions;
  readonly #observations: Observations;

  constructor(context: ServerContext, sessions: DeviceSessions, observations: Observations) {
    this.#context = context;
    this.#sessions = sessions;
    this.#observations = observations;
  }

  /** A new Register took its place. The event of that is the caller's. */
  replaced({ registration }: RemovedRegistration): void {
    this.#end(registration, 'reregistered', (endpointName) => {
      return new TransmissionError('superseded', `${endpointName} registered anew`);
    });
  }

  /** The device left, or was removed by us. */
  deregistered({ registration }: RemovedRegistration): void {
    this.#end(registration, 'deregistered', (endpointName) => {
      return new DeviceNotRegisteredError(endpointName, `${endpointName} deregistered`);
    });
    this.#context.signals.deregistered.emit({ registration });
  }

  /** Its lifetime ended. */
  expired({ registration }: RemovedRegistration): void {
    this.#end(registration, 'expired', (endpointName) => {
      return new DeviceNotRegisteredError(endpointName, `the registration of ${endpointName} expired`);
    });
    this.#context.signals.expired.emit({ registration });
  }

  /** Most devices have nothing under way, and an error that nobody sees costs more than all else here. */
  #end(
    { id, endpointName }: Registration,
    reason: ObservationEndReason,
    errorFor: (endpointName: string) => Error,
  ): void {
    this.#context.writtenLifetimes.take(id);
    if (this.#sessions.find(id) === undefined) return;
    const error = errorFor(endpointName);
    this.#observations.ended(this.#sessions.end(id, error), reason, error);
  }
}
