export type { Authorization, AuthorizationRequest, Authorizer } from './authorizer.ts';
export type { Device, Target } from './device.ts';
export { type Blame, DeviceNotRegisteredError, ResponseError } from './errors.ts';
export type {
  DeregisteredEvent,
  ExpiredEvent,
  NotifiedEvent,
  ObservationEndedEvent,
  ObservationEndReason,
  RegisteredEvent,
  ServerDiagnostic,
  UpdatedEvent,
} from './events.ts';
export type { Notification, Observation } from './observation.ts';
export type {
  CancelOptions,
  CreatableContent,
  CreateOptions,
  ObservationSummary,
  ObserveOptions,
  OperationOptions,
  RegistrationsOptions,
  ResourceValue,
  WritableContent,
  WriteOptions,
} from './operation-options.ts';
export type { RegisteredModel, RegisteredObject, Registration } from './registration.ts';
export type {
  MaybePromise,
  RegistrationPageRequest,
  RegistrationStore,
  RemovedRegistration,
  StoredObservation,
  TouchOutcome,
} from './registration-store.ts';
export { type LocalAddress, LwM2mServer, type LwM2mServerOptions } from './server.ts';
export { type ServerLimits, serverLimitsDefaults } from './server-limits.ts';
