import type { Signal } from '@dunlin/base';
import type {
  Content,
  DiscoverLink,
  NotificationAttributesChange,
  ObjectInstancePath,
  Path,
} from '@dunlin/lwm2m';
import type {
  CancelOptions,
  CreateOptions,
  DeregisteredEvent,
  ExpiredEvent,
  Notification,
  NotifiedEvent,
  ObservationEndedEvent,
  ObservationSummary,
  ObserveOptions,
  OperationOptions,
  RegisteredEvent,
  Registration,
  RegistrationsOptions,
  UpdatedEvent,
  WriteOptions,
} from '@dunlin/server';

/** What of a running observation the interface uses: its first content, and that somebody takes what follows. */
export interface ManagedObservation extends AsyncIterable<Notification<Content>> {
  started(): Promise<Notification<Content>>;
}

/** What of `Device` the interface uses: operations by path. */
export interface ManagedDevice {
  registration(): Promise<Registration | undefined>;
  readContent(path: Path, options?: OperationOptions): Promise<Content>;
  write(path: Path, content: Content, options?: WriteOptions): Promise<void>;
  writeAttributes(
    path: Path,
    change: NotificationAttributesChange,
    options?: OperationOptions,
  ): Promise<void>;
  discover(path: Path, options?: OperationOptions): Promise<readonly DiscoverLink[]>;
  execute(path: Path, args?: string, options?: OperationOptions): Promise<void>;
  create(path: Path, content: Content, options?: CreateOptions): Promise<ObjectInstancePath>;
  delete(path: Path, options?: OperationOptions): Promise<void>;
  observe(path: Path, options?: ObserveOptions): ManagedObservation;
  observations(): Promise<readonly ObservationSummary[]>;
  cancelObservation(path: Path, options?: CancelOptions): Promise<void>;
}

/** What of `LwM2mServer` the interface uses, so that it can be tested without one. */
export interface ManagedServer {
  readonly registered: Signal<RegisteredEvent>;
  readonly updated: Signal<UpdatedEvent>;
  readonly deregistered: Signal<DeregisteredEvent>;
  readonly expired: Signal<ExpiredEvent>;
  readonly notified: Signal<NotifiedEvent>;
  readonly observationEnded: Signal<ObservationEndedEvent>;
  device(endpointName: string): ManagedDevice;
  registrations(
    options?: RegistrationsOptions,
  ): Promise<{ readonly registrations: readonly Registration[]; readonly next?: string | undefined }>;
  deregister(endpointName: string): Promise<boolean>;
}
