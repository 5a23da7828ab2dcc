export { type DataType, dataTypes } from '@dunlin/lwm2m';
export { ApiError, ApiUnreachableError, OperationQueuedError } from './api-error.ts';
export {
  type ApiErrorWord,
  apiErrorWords,
  type ErrorDocument,
  ErrorDocumentSchema,
} from './error-document.ts';
export {
  type AttributesDocument,
  type AttributesInput,
  AttributesInputSchema,
  AttributesSchema,
  type DiscoverDocument,
  type DiscoverResult,
  DiscoverResultSchema,
} from './attributes-document.ts';
export {
  type ContentDocument,
  ContentDocumentSchema,
  type MultipleResourceDocument,
  type ResourceDocument,
  type ResourceDocuments,
  type SingleResourceDocument,
  type ValueDocument,
  ValueDocumentSchema,
} from './content-document.ts';
export {
  type CertificateFacts,
  type CredentialAdded,
  CredentialAddedSchema,
  type CredentialDocument,
  CredentialDocumentSchema,
  type CredentialInput,
  CredentialInputSchema,
  type CredentialPage,
  CredentialPageSchema,
  type CredentialQuery,
  CredentialQuerySchema,
  type ServerIdentityDocument,
  ServerIdentitySchema,
} from './credential-document.ts';
export {
  type DefinitionListQuery,
  DefinitionListQuerySchema,
  type DefinitionPage,
  DefinitionPageSchema,
  type DefinitionSource,
  type DefinitionsUploaded,
  DefinitionsUploadedSchema,
  type DefinitionSummary,
} from './definition-document.ts';
export { DefinitionCalls } from './definition-calls.ts';
export {
  type DefinitionDocument,
  type DefinitionQuery,
  DefinitionQuerySchema,
  DefinitionSchema,
  type RangeDocument,
  type ResourceDefinitionDocument,
  type ResourceOperationsWord,
} from './definition-document.ts';
export {
  type DesiredAttributesDocument,
  type DesiredAttributesList,
  DesiredAttributesListSchema,
  DesiredAttributesSchema,
  type DesiredProblem,
  type DesiredState,
  desiredStates,
} from './desired-document.ts';
export {
  type DeviceChange,
  DeviceChangeSchema,
  type DeviceObject,
  type DevicePage,
  DevicePageSchema,
  type DeviceQuery,
  DeviceQuerySchema,
  type DeviceSummary,
  DeviceSummarySchema,
  deviceStates,
  type DeviceState,
  type DeviceTags,
  DeviceTagsSchema,
  type Presence,
  maxEndpointNameLength,
  type SecurityKind,
  securityKinds,
} from './device-summary.ts';
export {
  type HistoricContent,
  type ServerEvent,
  ServerEventSchema,
  type ServerEventType,
} from './event-document.ts';
export {
  type ObservationDocument,
  type ObservationList,
  ObservationListSchema,
  type ObservationStarted,
  ObservationStartedSchema,
  type ObserveInput,
  ObserveInputSchema,
} from './observation-document.ts';
export type { ApiCallOptions, DunlinApiOptions } from './api-calls.ts';
export { BootstrapCalls } from './bootstrap-calls.ts';
export {
  type BootstrapCheckDocument,
  type BootstrapCheckInput,
  BootstrapCheckInputSchema,
  BootstrapCheckSchema,
  type BootstrapProblemDocument,
  type BootstrapStepPreview,
  type BootstrapValuePreview,
} from './bootstrap-check-document.ts';
export {
  type AccessControlTerms,
  type AccessRightName,
  type AccountSecurityDocument,
  type AccountSecurityInput,
  type BootstrapDocument,
  BootstrapDocumentSchema,
  type BootstrapInput,
  BootstrapInputSchema,
  type BootstrapPage,
  BootstrapPageSchema,
  type BootstrapQuery,
  BootstrapQuerySchema,
  type BootstrapServerTerms,
  type BootstrapTargetDocument,
  BootstrapTargetSchema,
  type BootstrapTerms,
  type BootstrapWriteTerms,
  type ServerAccountTerms,
} from './bootstrap-document.ts';
export {
  type BootstrapFailureDocument,
  type BootstrapOperationWord,
  type BootstrapSessionDocument,
  type BootstrapSessionList,
  BootstrapSessionListSchema,
  type BootstrapSessionQuery,
  BootstrapSessionQuerySchema,
  BootstrapSessionSchema,
  type BootstrapStartInput,
  BootstrapStartInputSchema,
  type BootstrapStepDocument,
} from './bootstrap-session-document.ts';
export { FirmwareCalls, type FirmwareUploadOptions, type FirmwareWaitOptions } from './firmware-calls.ts';
export {
  type FirmwareImageDocument,
  type FirmwareImageFacts,
  FirmwareImageFactsSchema,
  type FirmwareImagePage,
  FirmwareImagePageSchema,
  type FirmwareImageQuery,
  FirmwareImageQuerySchema,
  FirmwareImageSchema,
} from './firmware-image-document.ts';
export {
  type FirmwareFailureDocument,
  type FirmwareFailureReason,
  type FirmwareLogDocument,
  type FirmwareMethodName,
  firmwareMethods,
  type FirmwareProtocolName,
  firmwareProtocols,
  type FirmwareUpdateDocument,
  type FirmwareUpdateInput,
  FirmwareUpdateInputSchema,
  type FirmwareUpdatePage,
  FirmwareUpdatePageSchema,
  type FirmwareUpdateQuery,
  FirmwareUpdateQuerySchema,
  FirmwareUpdateSchema,
  firmwareUpdateStates,
  type FirmwareUpdateState,
} from './firmware-update-document.ts';
export { CredentialCalls } from './credential-calls.ts';
export { SmsCalls } from './sms-calls.ts';
export {
  type DeviceSmsDocument,
  DeviceSmsSchema,
  type SmsBudgetDocument,
  type SmsNumberDocument,
  type SmsNumberInput,
  SmsNumberInputSchema,
  SmsNumberSchema,
  type SmsNumbersDocument,
  type SmsNumbersQuery,
  SmsNumbersQuerySchema,
  SmsNumbersSchema,
  type SmsOutboxDocument,
  type SmsOutboxEntryDocument,
  type SmsOutboxQuery,
  SmsOutboxQuerySchema,
  SmsOutboxSchema,
  type SmsStatusDocument,
  SmsStatusSchema,
  type WakeDocument,
  WakeSchema,
} from './sms-document.ts';
export { type DataFormat, dataFormats } from './data-format.ts';
export {
  type ContentCallOptions,
  type DeviceCallOptions,
  DunlinApi,
  type EventsOptions,
  type RawInput,
  type ReceivedEvent,
  type WriteOptions,
} from './dunlin-api.ts';
export { contentToDocument, resourceToDocument, valueToDocument } from './content-to-document.ts';
export {
  type EventStreamFailure,
  type EventStreamMessage,
  EventStreamParser,
  eventStreamParserDefaults,
  type EventStreamParserOptions,
} from './event-stream-parser.ts';
export type { HttpAnswer, HttpBody, HttpFetch, HttpRequest } from './http-fetch.ts';
export {
  type CreateContent,
  type InputProblem,
  inputToContent,
  inputToCreate,
  rawToContent,
} from './input-to-content.ts';
export { indentedJson, type ParsedJson, parseJson, stringifyJson } from './json-text.ts';
export type { Schema } from './schema.ts';
export {
  type CreatedInstance,
  CreatedInstanceSchema,
  type CreateInput,
  CreateInputSchema,
  type InstanceInput,
  type ResourceInput,
  type WriteInput,
  WriteInputSchema,
  type WriteMode,
} from './write-document.ts';
export {
  type KnownValueDocument,
  type KnownValues,
  KnownValuesSchema,
  type ValueOrigin,
} from './known-value-document.ts';
export {
  expiresInSchema,
  type OperationDocument,
  OperationDocumentSchema,
  type OperationInputDocument,
  OperationInputSchema,
  type OperationPage,
  OperationPageSchema,
  type OperationQuery,
  OperationQuerySchema,
  type OperationRequestDocument,
  type OperationResultDocument,
  type OperationState,
  operationStates,
  type QueueableOperation,
  queueableOperations,
} from './operation-document.ts';
export type { PathListOptions } from './path-list-call.ts';
export { type PathPageQuery, PathPageQuerySchema } from './path-page.ts';
export { type FollowTraceOptions, TraceCalls } from './trace-calls.ts';
export {
  type TraceAssociation,
  type TraceBlock,
  type TraceEntry,
  TraceEntrySchema,
  type TraceLink,
  type TraceMalformed,
  type TraceMessage,
  type TraceOption,
  type TracePage,
  TracePageSchema,
  type TracePayload,
  type TraceQuery,
  TraceQuerySchema,
  type TraceSwitch,
  TraceSwitchSchema,
} from './trace-document.ts';
export {
  type EventLogQuery,
  EventLogQuerySchema,
  type EventPage,
  EventPageSchema,
  type LoggedEventDocument,
  type OverviewCount,
  overviewCounts,
  type OverviewCounts,
  type OverviewDocument,
  type OverviewMinute,
  OverviewSchema,
} from './overview-document.ts';
export { HistoryCalls } from './history-calls.ts';
export {
  type HistoryBucketDocument,
  type HistoryDocument,
  type HistoryQuery,
  HistoryQuerySchema,
  type HistorySampleDocument,
  HistorySchema,
  type HistorySeriesDocument,
  type HistorySeriesList,
  HistorySeriesListSchema,
} from './history-document.ts';
export { OperationsApi, type OperationWaitOptions } from './operations-api.ts';
export { AccessCalls } from './access-calls.ts';
export { includesRole, type Role, roles, RoleSchema } from './role.ts';
export {
  type IdentityDocument,
  IdentitySchema,
  type PasswordChange,
  PasswordChangeSchema,
  passwordLengths,
  type SessionDocument,
  SessionDocumentSchema,
  type SessionPage,
  SessionPageSchema,
  type SessionQuery,
  SessionQuerySchema,
  type SignInInput,
  SignInInputSchema,
  userNamePattern,
} from './session-document.ts';
export {
  defaultTokenLifetime,
  type TokenAdded,
  TokenAddedSchema,
  type TokenDocument,
  TokenDocumentSchema,
  type TokenInput,
  TokenInputSchema,
  type TokenPage,
  TokenPageSchema,
  type TokenQuery,
  TokenQuerySchema,
} from './token-document.ts';
export {
  type UserAdded,
  UserAddedSchema,
  type UserChange,
  UserChangeSchema,
  type UserDocument,
  UserDocumentSchema,
  type UserInput,
  UserInputSchema,
  type UserPage,
  UserPageSchema,
  type UserQuery,
  UserQuerySchema,
} from './user-document.ts';
export {
  type AuditActorKind,
  auditActorKinds,
  type AuditEntryDocument,
  AuditEntrySchema,
  type AuditOutcome,
  auditOutcomes,
  type AuditPage,
  AuditPageSchema,
  type AuditQuery,
  AuditQuerySchema,
} from './audit-document.ts';
