export type { Authorization, AuthorizationRequest, Authorizer } from './authorizer.ts';
export {
  checkCredential,
  type CredentialProof,
  type CredentialSummary,
  type NewCredential,
  newCredentialId,
  proofName,
} from './credentials/credential.ts';
export {
  type CredentialLimits,
  credentialLimitsDefaults,
  type CredentialPageRequest,
  type CredentialStore,
  type FoundPreSharedKey,
  type PutOutcome,
} from './credentials/credential-store.ts';
export { DeviceCredentials } from './credentials/device-credentials.ts';
export { MemoryCredentialStore } from './credentials/memory-credential-store.ts';
export { Device } from './device.ts';
export type { Target } from './target.ts';
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
export type { RegisteredModel, Registration } from './registration.ts';
export type {
  MaybePromise,
  RegistrationPageRequest,
  RegistrationStore,
  RemovedRegistration,
  StoredObservation,
  TouchOutcome,
} from './registration-store.ts';
export { type LocalAddress, LwM2mServer, type LwM2mServerOptions, type RegistrationPage } from './server.ts';
export { MemoryRegistrationStore } from './store/memory-registration-store.ts';
export { type ServerLimits, serverLimitsDefaults } from './server-limits.ts';
