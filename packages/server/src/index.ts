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
export {
  type DesiredAttributes,
  type DesiredObservation,
  type DesiredState,
  type DesiredStateKind,
} from './desired-state/desired-state.ts';
export {
  DeviceDesires,
  type DesireObservationOptions,
  type DesireOptions,
  type ObservationWish,
} from './desired-state/device-desires.ts';
export { desiredFromJson, desiredToJson } from './device-store/desired-json.ts';
export type { DesiredItem, DesiredKind, DesiredOutcome } from './device-store/desired-item.ts';
export {
  type DeviceRecord,
  type DeviceStore,
  type DeviceStoreLimits,
  deviceStoreLimitsDefaults,
  type NewOperation,
  type OperationChange,
  type OperationPageRequest,
} from './device-store/device-store.ts';
export type { KnownValue, ValueOrigin } from './device-store/known-value.ts';
export { MemoryDeviceStore } from './device-store/memory-device-store.ts';
export { requestFromJson, requestToJson, stateFromJson, stateToJson } from './device-store/operation-json.ts';
export type { OperationRequest, RequestName } from './device-store/operation-request.ts';
export { compareDesired, comparePathTexts } from './device-store/path-order.ts';
export {
  isFinished,
  type OperationFailure,
  type OperationFailureReason,
  type OperationResult,
  type OperationState,
  type OperationStateKind,
  type QueuedOperation,
} from './device-store/queued-operation.ts';
export { valueLength } from './device-store/value-length.ts';
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
  ValuesKnownEvent,
} from './events.ts';
export { DeviceFirmware, type FirmwareOptions } from './firmware/device-firmware.ts';
export { FirmwareConflictError, FirmwareUpdateError, NoSuchImageError } from './firmware/firmware-errors.ts';
export type { FirmwareDownload } from './firmware/firmware-serving.ts';
export { firmwareSegment, type FirmwareListener, type FirmwareUriOptions } from './firmware/firmware-uris.ts';
export type { FirmwareUpdatesOptions, ServerFirmware } from './firmware/server-firmware.ts';
export { resultMeaning } from './firmware/update-result.ts';
export { firmwareUpdateFromJson, firmwareUpdateToJson } from './firmware/firmware-update-json.ts';
export {
  type FirmwareDelivery,
  type FirmwareFailure,
  type FirmwareLogEntry,
  type FirmwareMethod,
  type FirmwareState,
  type FirmwareStateKind,
  type FirmwareTransfer,
  type FirmwareUpdate,
  isOver,
  transferredBytes,
} from './firmware/firmware-update.ts';
export {
  type FirmwareImage,
  checkImage,
  imageLabels,
  isImageId,
  type NewFirmwareImage,
} from './firmware/firmware-image.ts';
export {
  type AddImageOptions,
  checkImageCount,
  compareImages,
  type FirmwareImageLimits,
  firmwareImageLimitsDefaults,
  type FirmwareImageStore,
  ImageStoreFullError,
  ImageTooLargeError,
} from './firmware/firmware-image-store.ts';
export { ImageAllowance, type IncomingImage } from './firmware/image-allowance.ts';
export { MemoryFirmwareImageStore } from './firmware/memory-firmware-image-store.ts';
export type { FleetRecord, FleetStore } from './fleet/fleet-store.ts';
export { MemoryFleetStore } from './fleet/memory-fleet-store.ts';
export { bucketsOf } from './history/history-bucket.ts';
export {
  type HistoryBucket,
  type HistoryLimits,
  historyLimitsDefaults,
  type HistoryRange,
  type HistorySample,
  type HistorySeries,
  type HistoryStore,
  type NewHistorySample,
} from './history/history-store.ts';
export { MemoryHistoryStore } from './history/memory-history-store.ts';
export { type OperationInput } from './operation-input.ts';
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
export {
  DeviceAsleepError,
  OperationCancelledError,
  OperationExpiredError,
  OperationUnderWayError,
  OutcomeUnknownError,
  QueueFullError,
} from './queue-mode/operation-errors.ts';
export { resultOf } from './queue-mode/operation-outcome.ts';
export type { Reachability, ReachabilityFacts } from './queue-mode/presence.ts';
export {
  type EnqueueOptions,
  type FinishedOptions,
  QueuedOperations,
  type OperationsOptions,
} from './queue-mode/queued-operations.ts';
export type { RegisteredModel, Registration } from './registration.ts';
export type {
  MaybePromise,
  RegistrationPageRequest,
  RegistrationStore,
  RemovedRegistration,
  StoredObservation,
  TouchOutcome,
} from './registration-store.ts';
export {
  type LocalAddress,
  LwM2mServer,
  type LwM2mServerOptions,
  type RegistrationPage,
  type ServerFirmwareOptions,
} from './server.ts';
export { MemoryRegistrationStore } from './store/memory-registration-store.ts';
export { type ServerLimits, serverLimitsDefaults } from './server-limits.ts';
export { MemorySmsNumberStore, type ProvisionedNumber, type SmsNumberStore } from './sms/sms-number-store.ts';
export { type SmsDestination, SmsNumbers, type SmsNumberPolicy } from './sms/sms-numbers.ts';
export type { SentTrigger, ServerSmsOptions } from './sms/sms-options.ts';
