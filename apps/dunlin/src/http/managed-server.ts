import type { Milliseconds, Signal } from '@dunlin/base';
import type { Path } from '@dunlin/lwm2m';
import type {
  CancelOptions,
  DeregisteredEvent,
  DeviceDesires,
  DeviceFirmware,
  ExpiredEvent,
  FirmwareUpdate,
  KnownValue,
  NotifiedEvent,
  ObservationEndedEvent,
  ObservationSummary,
  OperationInput,
  OperationOptions,
  OperationResult,
  QueuedOperation,
  QueuedOperations,
  Reachability,
  ReachabilityFacts,
  RegisteredEvent,
  Registration,
  RegistrationsOptions,
  ServerFirmware,
  UpdatedEvent,
  ValuesKnownEvent,
} from '@dunlin/server';

/** What of the operations that wait for a device the interface uses. */
export type ManagedOperations = Pick<
  QueuedOperations,
  'enqueue' | 'list' | 'get' | 'cancel' | 'remove' | 'finished'
>;

/** What of the wishes for a device the interface uses. */
export type ManagedDesires = Pick<
  DeviceDesires,
  'observe' | 'setAttributes' | 'withdrawObservation' | 'withdrawAttributes' | 'list'
>;

/** What of the firmware of a device the interface uses. */
export type ManagedDeviceFirmware = Pick<
  DeviceFirmware,
  'start' | 'status' | 'install' | 'cancel' | 'finished'
>;

/** What of the images of firmware the interface uses. */
export type ManagedFirmware = Pick<
  ServerFirmware,
  'add' | 'image' | 'images' | 'remove' | 'updates' | 'download'
>;

/** What of `Device` the interface uses. */
export interface ManagedDevice {
  readonly operations: ManagedOperations;
  readonly desired: ManagedDesires;
  readonly firmware: ManagedDeviceFirmware;
  readonly awakeWindow: Milliseconds;
  registration(): Promise<Registration | undefined>;
  isKnown(): Promise<boolean>;
  ask(input: OperationInput, options?: OperationOptions): Promise<OperationResult>;
  observations(): Promise<readonly ObservationSummary[]>;
  cancelObservation(path: Path, options?: CancelOptions): Promise<void>;
  knownValues(path?: Path): Promise<readonly KnownValue[]>;
  setAwakeWindow(window: Milliseconds | undefined): Promise<void>;
  triggerUpdate(): Promise<void>;
  forget(): Promise<boolean>;
}

/** What of `LwM2mServer` the interface uses, so that it can be tested without one. */
export interface ManagedServer {
  readonly registered: Signal<RegisteredEvent>;
  readonly updated: Signal<UpdatedEvent>;
  readonly deregistered: Signal<DeregisteredEvent>;
  readonly expired: Signal<ExpiredEvent>;
  readonly notified: Signal<NotifiedEvent>;
  readonly valuesKnown: Signal<ValuesKnownEvent>;
  readonly observationEnded: Signal<ObservationEndedEvent>;
  readonly operationQueued: Signal<QueuedOperation>;
  readonly operationSent: Signal<QueuedOperation>;
  readonly operationFinished: Signal<QueuedOperation>;
  readonly firmwareProgress: Signal<FirmwareUpdate>;
  readonly firmwareFinished: Signal<FirmwareUpdate>;
  readonly firmware: ManagedFirmware;
  device(endpointName: string): ManagedDevice;
  reachabilityOf(facts: ReachabilityFacts): Reachability;
  registrations(
    options?: RegistrationsOptions,
  ): Promise<{ readonly registrations: readonly Registration[]; readonly next?: string | undefined }>;
  deregister(endpointName: string): Promise<boolean>;
}
