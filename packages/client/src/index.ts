export type { AccessControlEntry } from './access-control/access-control-entry.ts';
export { accessControl } from './access-control/access-control-object.ts';
export type { BootstrapEvent, BootstrapFailure } from './bootstrap/bootstrap-event.ts';
export { decodeProvisioningFile, type ProvisionedObject } from './bootstrap/provisioning-file.ts';
export type { Smartcard } from './bootstrap/smartcard.ts';
export type { BootstrapServerAccount } from './bootstrap/bootstrap-server-account.ts';
export { LwM2mClient, type ServerStatus } from './client.ts';
export type { ClientSizes } from './client-sizes.ts';
export type { ClientDiagnostic } from './client-diagnostic.ts';
export { type ClientLimits, clientLimitsDefaults } from './client-limits.ts';
export type { ClientOptions, CoapTuning, SecureBinding, SecureListener } from './client-options.ts';
export { type AccessPolicy, type AccessRights, fullRights } from './device-management/access-rights.ts';
export type { ObjectsChange } from './device-objects.ts';
export type { ObjectClock } from './object-tree/object-clock.ts';
export type { ObjectSetup } from './object-tree/object-setup.ts';
export { ObjectTree, type ObjectTreeLimits, objectTreeLimitsDefaults } from './object-tree/object-tree.ts';
export type { ChangeOrigin, ResourceWrite, TreeChange, TreeProposal } from './object-tree/tree-change.ts';
export type { TreeTransaction } from './object-tree/tree-transaction.ts';
export {
  afterAnswer,
  type AfterAnswer,
  type DynamicResource,
  type ExecutableResource,
  type ExecuteHandler,
  type Execution,
  type PartTaker,
  type StoredResource,
  type TreeResource,
  type TreeResources,
  type ValuePart,
} from './object-tree/tree-resource.ts';
export {
  connectivityMonitoring,
  type ConnectivityMonitoringOptions,
  type ConnectivityMonitoringValues,
} from './objects/connectivity-monitoring.ts';
export {
  connectivityStatistics,
  type ConnectivityStatisticsOptions,
} from './objects/connectivity-statistics.ts';
export { device, type DeviceOptions, type DeviceValues } from './objects/device.ts';
export { DeviceErrorCode, DeviceErrors } from './objects/device-errors.ts';
export { location, type LocationFix, type LocationValues, reportLocation } from './objects/location.ts';
export type {
  FirmwareDownload,
  FirmwareDownloader,
  FirmwareDownloadRequest,
} from './firmware/firmware-downloader.ts';
export { FirmwareError, type FirmwareFailure } from './firmware/firmware-error.ts';
export type { FirmwareUpdateEvent } from './firmware/firmware-event.ts';
export { type FirmwareStorage, memoryFirmwareStorage } from './firmware/firmware-storage.ts';
export type { FirmwareVerifier } from './firmware/firmware-intake.ts';
export type { InstallationJudge } from './firmware/firmware-recovery.ts';
export type { FirmwareStateStore } from './firmware/firmware-status-board.ts';
export type { FirmwareDelivery, FirmwarePackage, FirmwareStatus } from './firmware/firmware-status.ts';
export {
  firmwareUpdate,
  type FirmwareUpdateOptions,
  type FirmwareUpdateSetup,
} from './firmware/firmware-update.ts';
export {
  type FirmwareUpdateLimits,
  firmwareUpdateLimitsDefaults,
} from './firmware/firmware-update-limits.ts';
export { objectInstances, type ObjectInstancesOptions } from './objects/object-instances.ts';
export type {
  DynamicInput,
  InstanceInput,
  PartialInstanceInput,
  ResourceInput,
  ValueInput,
} from './objects/resource-input.ts';
export { type ServerAccount, serverAccountDefaults } from './objects/server-account.ts';
export { awakeWindowDefault, type QueueModeEvent } from './queue-mode/awake-window.ts';
export type { SmsCounters } from './objects/traffic-collection.ts';
export type { RegistrationState } from './registration/registration-state.ts';
export type { RegistrationEvent } from './registration/registration-event.ts';
export type { RegistrationFailure } from './registration/registration-failure.ts';
export type { CredentialFor, SecureCredential } from './security/secure-credential.ts';
export type { ServerSecurity } from './security/server-security.ts';
export type { ClientSms, SmsBindings, SmsNeeds, SmsPolicy } from './sms/client-sms.ts';
export { smsPolicyDefaults } from './sms/client-sms.ts';
export type { ServerSms, SmsSecurity } from './sms/sms-account.ts';
export type { ClientStateStore } from './state/client-state.ts';
export { type RetryPolicy, retryPolicyDefaults } from './registration/retry-policy.ts';
