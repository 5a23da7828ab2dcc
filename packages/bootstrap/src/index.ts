export type {
  BootstrapDiagnostic,
  BootstrapFailedEvent,
  BootstrapFinishedEvent,
  BootstrapStartedEvent,
  BootstrapStepEvent,
} from './bootstrap-event.ts';
export { type BootstrapLimits, bootstrapLimitsDefaults } from './bootstrap-limits.ts';
export {
  type LocalAddress,
  LwM2mBootstrapServer,
  type LwM2mBootstrapServerOptions,
  type SessionsRequest,
} from './bootstrap-server.ts';
export {
  type AccessControlEntry,
  AccessRight,
  bootstrapOwner,
  everyInstance,
  fullAccess,
} from './configuration/access-control.ts';
export {
  type AccountSecurity,
  type BootstrapServerAccount,
  type GivenSecurity,
  type ServerAccount,
  serverAccountDefaults,
} from './configuration/accounts.ts';
export {
  type BootstrapConfiguration,
  bootstrapConfigurationDefaults,
  type BootstrapWrite,
  type ConfigurationDefaults,
  type DeletePath,
  type WriteLevel,
} from './configuration/bootstrap-configuration.ts';
export {
  type BootstrapConfigurationStore,
  type ConfigurationOutcome,
  type ConfigurationPageRequest,
  configurationStoreDefaults,
  type ConfigurationStoreLimits,
  type StoredConfiguration,
} from './configuration/bootstrap-configuration-store.ts';
export { type BootstrapTarget, compareParticularity } from './configuration/bootstrap-target.ts';
export { checkConfiguration, requireSound } from './configuration/check-configuration.ts';
export { decodeConfiguration, encodeConfiguration } from './configuration/configuration-codec.ts';
export { type ConfigurationLimits, configurationLimits } from './configuration/configuration-limits.ts';
export type { ConfigurationProblem } from './configuration/configuration-problem.ts';
export { MemoryBootstrapConfigurationStore } from './configuration/memory-bootstrap-configuration-store.ts';
export {
  type EndpointClaim,
  type EndpointIdentities,
  type EndpointJudgement,
  identitiesByEquality,
} from './endpoint-identities.ts';
export type { MaybePromise } from './maybe-promise.ts';
export { type PreviewedStep, type PreviewedValue, previewBootstrap } from './session/preview.ts';
export type { IssuedSecurity, IssueOutcome, IssueRequest, SecurityIssuer } from './security-issuer.ts';
export type {
  BootstrapSessionRecord,
  BootstrapStep,
  BootstrapStepAnswer,
  SessionFailure,
  SessionFailureKind,
} from './session/session-record.ts';
export { type DeviceUri, parseDeviceUri } from './device-uri.ts';
