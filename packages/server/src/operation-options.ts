import type { Instant, Milliseconds } from '@dunlin/base';
import type { Content, NotificationAttributesChange, Value } from '@dunlin/lwm2m';

import type { Registration } from './registration.ts';

/** How an operation is asked of a device. */
export interface OperationOptions {
  /**
   * How long to wait in all, the wait for its turn and for a sleeping device included; then the operation rejects
   * with a `TransmissionError` (`expired`). Without it a device that sleeps is waited for until it wakes or its
   * registration ends, and then the timing of CoAP decides (RFC 7252 §4.8.2: `no-answer` after 93 s).
   */
  readonly timeout?: Milliseconds | undefined;
  /**
   * What to do when the device is in queue mode and sleeps: `wait` (the default), or `fail` with
   * `DeviceAsleepError`. What shall outlive this process is for `Device.operations`.
   */
  readonly whenAsleep?: 'wait' | 'fail' | undefined;
  /**
   * `sms`: asks by short message, at once and whatever the device sleeps, where it registered over UDP with mode US or
   * UQS. Rejects with a `TransmissionError` (`not-sent`) that says why when that cannot be. Default: over UDP, or the
   * way that it registered.
   */
  readonly channel?: 'sms' | undefined;
  /** Gives the operation up: it rejects with the signal's reason and nothing more is sent for it. */
  readonly signal?: AbortSignal | undefined;
  /** The Content-Format to ask for or to send in. Without it TLV, and what the device can do when it cannot do that. */
  readonly format?: number | undefined;
}

/** How something is written. */
export interface WriteOptions extends OperationOptions {
  /** `replace` (the default; R-440), or `update`: keep what is not mentioned; Object Instances only. */
  readonly mode?: 'replace' | 'update' | undefined;
}

/** How an Object Instance is created. */
export interface CreateOptions extends OperationOptions {
  /** The id of the new Object Instance; without it the device chooses. */
  readonly objectInstanceId?: number | undefined;
}

/** How something is observed. */
export interface ObserveOptions extends OperationOptions {
  /** Written before the observation begins. */
  readonly attributes?: NotificationAttributesChange | undefined;
  /**
   * Notifications to keep for a consumer that is slow, by default `bufferedNotifications` of the limits. 0 for
   * who does not iterate and listens to `LwM2mServer.notified`.
   */
  readonly buffered?: number | undefined;
}

/** How an observation is cancelled. */
export interface CancelOptions extends Omit<OperationOptions, 'format'> {
  /**
   * `active` tells the device at once; `passive` sends nothing and rejects the next notification.
   * Default: `active`, and `passive` when the device sleeps.
   */
  readonly way?: 'active' | 'passive' | undefined;
}

/** The value of one Resource: one value, or values by Resource Instance id. */
export type ResourceValue = Value | ReadonlyMap<number, Value>;

/** What can be written to a path: for a Resource its value, for an Object Instance values by Resource id. */
export type WritableContent = ResourceValue | Content | Readonly<Record<number, ResourceValue>>;

/** The Resources of a new Object Instance. */
export type CreatableContent = Content | Readonly<Record<number, ResourceValue>>;

/** What `Device.observations` tells. */
export interface ObservationSummary {
  /** Without alternate root, like `/3/0/9`. */
  readonly path: string;
  readonly observedAt: Instant;
}

/** What of a registration page is asked. */
export interface RegistrationsOptions {
  /** Only endpoint names after this one: the `next` of the page before. */
  readonly after?: string | undefined;
  /** At most so many; 1 to 10,000, by default 100. */
  readonly limit?: number | undefined;
  readonly filter?: ((registration: Registration) => boolean) | undefined;
}
