import type { Instant, Seconds } from '@dunlin/base';
import type { Peer } from '@dunlin/coap';
import type { BindingMode, ObjectList } from '@dunlin/lwm2m';

/** The Objects and formats that a device announced. Devices that announce the same share one object. */
export type RegisteredModel = ObjectList;

/** A device as it registered: a snapshot, never changed (1.0 §5.3). */
export interface Registration extends RegisteredModel {
  /** The Endpoint Client Name. */
  readonly endpointName: string;
  /** Its location is `/rd/{id}`: at most 16 ASCII letters, digits, `-` and `_`, unguessable, new on each Register. */
  readonly id: string;
  readonly lifetime: Seconds;
  /** The enabler version: `1.0`. */
  readonly version: string;
  readonly bindingMode: BindingMode;
  /** The MSISDN, digits only. */
  readonly smsNumber?: string | undefined;
  /** Where requests to the device go: the source of its last Register or Update. */
  readonly peer: Peer;
  /** The address of ours that the device talks to, like `coap://0.0.0.0:5683`; requests leave from there. */
  readonly localUri: string;
  /** Query parameters that the enabler does not define, by name. */
  readonly additional: Readonly<Record<string, string>>;
  readonly registeredAt: Instant;
  /** When the last Register or Update arrived. */
  readonly updatedAt: Instant;
  /** When it ends unless the device says otherwise before. */
  readonly expiresAt: Instant;
}
