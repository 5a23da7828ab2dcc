import type { Instant, Seconds } from '@dunlin/base';
import type { Peer } from '@dunlin/coap';
import type { BindingMode } from '@dunlin/lwm2m';

/** What a device said about one of its Objects. */
export interface RegisteredObject {
  /** The Object's version as announced by `ver`; absent means 1.0. */
  readonly version?: string | undefined;
  /** The ids of its Object Instances, ascending; empty for an Object without instances. */
  readonly instances: readonly number[];
}

/** The Objects and formats that a device announced. Devices that announce the same share one object. */
export interface RegisteredModel {
  /** Where its Objects begin: `/`, or an alternate path such as `/lwm2m`; no slash at the end otherwise. */
  readonly rootPath: string;
  /** Its Objects by id. Object 0 is never among them. */
  readonly objects: ReadonlyMap<number, RegisteredObject>;
  /** The Content-Formats announced by `ct` on the root link; TLV need not be among them. */
  readonly contentFormats: readonly number[];
}

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
