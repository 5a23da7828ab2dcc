import { TransmissionError } from '@dunlin/base';

import type { DeviceSessions } from './device-session.ts';
import { DeviceNotRegisteredError } from './errors.ts';
import type { ObservationEndReason } from './events.ts';
import type { Observations } from './observations.ts';
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
    const message = `${registration.endpointName} registered anew`;
    this.#end(registration.id, 'reregistered', new TransmissionError('superseded', message));
  }

  /** The device left, or was removed by us. */
  deregistered({ registration }: RemovedRegistration): void {
    const { endpointName } = registration;
    const error = new DeviceNotRegisteredError(endpointName, `${endpointName} deregistered`);
    this.#end(registration.id, 'deregistered', error);
    this.#context.signals.deregistered.emit({ registration });
  }

  /** Its lifetime ended. */
  expired({ registration }: RemovedRegistration): void {
    const { endpointName } = registration;
    const error = new DeviceNotRegisteredError(endpointName, `the registration of ${endpointName} expired`);
    this.#end(registration.id, 'expired', error);
    this.#context.signals.expired.emit({ registration });
  }

  #end(registrationId: string, reason: ObservationEndReason, error: Error): void {
    this.#observations.ended(this.#sessions.end(registrationId, error), reason, error);
  }
}
