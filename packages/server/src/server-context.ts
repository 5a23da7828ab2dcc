import { type Instant, SignalSource } from '@dunlin/base';
import type { ObjectDefinitions } from '@dunlin/lwm2m';

import type { Authorizer } from './authorizer.ts';
import type { DeviceCredentials } from './credentials/device-credentials.ts';
import type { KnownValues } from './device-store/known-values.ts';
import type { DeviceStore } from './device-store/device-store.ts';
import type { QueuedOperation } from './device-store/queued-operation.ts';
import type {
  DeregisteredEvent,
  ExpiredEvent,
  NotifiedEvent,
  ObservationEndedEvent,
  RegisteredEvent,
  ServerDiagnostic,
  UpdatedEvent,
  ValuesKnownEvent,
} from './events.ts';
import type { FirmwareUpdate } from './firmware/firmware-update.ts';
import type { Presence } from './queue-mode/presence.ts';
import type { RegistrationStore } from './registration-store.ts';
import type { ServerLimits } from './server-limits.ts';
import type { SmsNumbers } from './sms/sms-numbers.ts';
import type { WrittenLifetimes } from './written-lifetimes.ts';

/** What the parts of one server share. */
export interface ServerContext {
  readonly store: RegistrationStore;
  readonly devices: DeviceStore;
  readonly definitions: ObjectDefinitions;
  readonly authorizer: Authorizer | undefined;
  readonly credentials: DeviceCredentials | undefined;
  readonly limits: ServerLimits;
  readonly isStrict: boolean;
  readonly signals: ServerSignals;
  readonly writtenLifetimes: WrittenLifetimes;
  readonly presence: Presence;
  /** With short messages among the bindings. */
  readonly smsNumbers: SmsNumbers | undefined;
  readonly values: KnownValues;
  readonly now: () => Instant;
}

/** Everything a server tells to whoever listens. */
export class ServerSignals {
  readonly registered: SignalSource<RegisteredEvent> = new SignalSource();
  readonly updated: SignalSource<UpdatedEvent> = new SignalSource();
  readonly deregistered: SignalSource<DeregisteredEvent> = new SignalSource();
  readonly expired: SignalSource<ExpiredEvent> = new SignalSource();
  readonly notified: SignalSource<NotifiedEvent> = new SignalSource();
  readonly valuesKnown: SignalSource<ValuesKnownEvent> = new SignalSource();
  readonly observationEnded: SignalSource<ObservationEndedEvent> = new SignalSource();
  readonly operationQueued: SignalSource<QueuedOperation> = new SignalSource();
  readonly operationSent: SignalSource<QueuedOperation> = new SignalSource();
  readonly operationFinished: SignalSource<QueuedOperation> = new SignalSource();
  readonly firmwareProgress: SignalSource<FirmwareUpdate> = new SignalSource();
  readonly firmwareFinished: SignalSource<FirmwareUpdate> = new SignalSource();
  readonly diagnostics: SignalSource<ServerDiagnostic> = new SignalSource();
}
