import { TransmissionError } from '@dunlin/base';

import type { DeviceSessions } from './device-session.ts';
import { DeviceNotRegisteredError } from './errors.ts';
import type { ObservationEndReason } from './events.ts';
import { inBackground } from './in-background.ts';
import type { Observations } from './observations.ts';
import type { OperationQueue } from './queue-mode/operation-queue.ts';
import type { Registration } from './registration.ts';
import type { RemovedRegistration } from './registration-store.ts';
import type { ServerContext } from './server-context.ts';

/** What follows when a registration is no more: its requests, observations and the events about it. */
export class RegistrationRemovals {
  readonly #context: ServerContext;
  readonly #sessions: DeviceSessions;
  readonly #observations: Observations;
  readonly #queue: OperationQueue;

  constructor(
    context: ServerContext,
    parts: {
      readonly sessions: DeviceSessions;
      readonly observations: Observations;
      readonly queue: OperationQueue;
    },
  ) {
    this.#context = context;
    this.#sessions = parts.sessions;
    this.#observations = parts.observations;
    this.#queue = parts.queue;
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
    this.#gone(registration);
    this.#context.signals.deregistered.emit({ registration });
  }

  /** Its lifetime ended. */
  expired({ registration }: RemovedRegistration): void {
    this.#end(registration, 'expired', (endpointName) => {
      return new DeviceNotRegisteredError(endpointName, `the registration of ${endpointName} expired`);
    });
    this.#gone(registration);
    this.#context.signals.expired.emit({ registration });
  }

  /** Until it registers again it is a device that is known and out of reach. */
  #gone({ endpointName }: Registration): void {
    const { presence, devices, now } = this.#context;
    presence.forget(endpointName);
    if (this.#queue.isAwaiting(endpointName)) this.#queue.gone(endpointName);
    inBackground(this.#context, `remembering ${endpointName}`, () => devices.remember(endpointName, now()));
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
