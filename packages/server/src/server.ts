import type { Signal } from '@dunlin/base';
import type { Binding, CoapEndpointOptions } from '@dunlin/coap';
import type { ObjectDefinitions } from '@dunlin/lwm2m';

import type { Authorizer } from './authorizer.ts';
import type { Device } from './device.ts';
import type {
  DeregisteredEvent,
  ExpiredEvent,
  NotifiedEvent,
  ObservationEndedEvent,
  RegisteredEvent,
  ServerDiagnostic,
  UpdatedEvent,
} from './events.ts';
import type { RegistrationsOptions } from './operation-options.ts';
import type { Registration } from './registration.ts';
import type { RegistrationStore } from './registration-store.ts';
import type { ServerLimits } from './server-limits.ts';

export interface LwM2mServerOptions {
  /** Where it listens, at least one. */
  readonly listen: readonly Binding[];
  /** Default: in memory. The server closes it. */
  readonly store?: RegistrationStore | undefined;
  /** Default: the Objects of the enabler. */
  readonly definitions?: ObjectDefinitions | undefined;
  /** Default: everybody may register. */
  readonly authorizer?: Authorizer | undefined;
  readonly limits?: Partial<ServerLimits> | undefined;
  /** Refuse what 1.0 forbids even where real devices do it. Default false. */
  readonly isStrict?: boolean | undefined;
  /** Passed to the CoAP endpoint of each binding. */
  readonly coap?: Omit<CoapEndpointOptions, 'random'> | undefined;
}

export interface LocalAddress {
  readonly address: string;
  readonly port: number;
  readonly uri: string;
}

/** CONTRACT STUB. */
export abstract class LwM2mServer implements AsyncDisposable {
  static open(options: Readonly<LwM2mServerOptions>): Promise<LwM2mServer> {
    throw new Error(`stub ${options.listen.length}`);
  }
  abstract readonly local: readonly LocalAddress[];
  abstract readonly registered: Signal<RegisteredEvent>;
  abstract readonly updated: Signal<UpdatedEvent>;
  abstract readonly deregistered: Signal<DeregisteredEvent>;
  abstract readonly expired: Signal<ExpiredEvent>;
  abstract readonly notified: Signal<NotifiedEvent>;
  abstract readonly observationEnded: Signal<ObservationEndedEvent>;
  abstract readonly diagnostics: Signal<ServerDiagnostic>;
  abstract device(endpointName: string): Device;
  abstract registrations(
    options?: Readonly<RegistrationsOptions>,
  ): Promise<{ readonly registrations: readonly Registration[]; readonly next?: string }>;
  abstract deregister(endpointName: string): Promise<boolean>;
  abstract close(): Promise<void>;
  abstract [Symbol.asyncDispose](): Promise<void>;
}
