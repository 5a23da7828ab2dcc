export { type BindingMode, parseBindingMode, usesQueueMode } from './binding-mode.ts';
export type {
  Content,
  MultipleResource,
  ResourceContent,
  ResourceContents,
  SingleResource,
  TimestampedContent,
} from './content.ts';
export {
  contentFromJson,
  contentToJson,
  resourceContentFromJson,
  resourceContentToJson,
} from './content-json.ts';
export { coreDefinitions } from './core-definitions.ts';
export { type DdfLimits, ddfLimitsDefaults, type DdfOptions } from './ddf/ddf-limits.ts';
export type { DefinitionFailure } from './ddf/definition-failure.ts';
export {
  type DefinedObject,
  defineObject,
  type MultipleInstanceObject,
  type ObjectInstanceReference,
  type ObjectSpecification,
  type ReferenceTo,
  type ResourceSpecification,
  type ResourceSpecifications,
  type ResourceValues,
  type SingleInstanceObject,
} from './define-object.ts';
export { problemOfEndpointName } from './endpoint-name.ts';
export {
  type FirmwareBaseUri,
  firmwareProtocolOf,
  type FirmwareProtocol,
  parseFirmwareBaseUri,
} from './firmware-base-uri.ts';
export { parsePhoneNumber } from './phone-number.ts';
export { endpointPattern, matchesEndpointPattern } from './endpoint-pattern.ts';
export { loadRegisteredDefinitions } from './load-registered-definitions.ts';
export type { NotificationAttributes, NotificationAttributesChange } from './notification-attributes.ts';
export type {
  ObjectDefinition,
  ObjectDefinitions,
  ResourceDefinition,
  ResourceOperations,
  ValueRange,
} from './object-definition.ts';
export {
  compareObjectVersions,
  type ObjectDefinitionCatalogue,
  ObjectDefinitionRegistry,
  type ObjectDefinitionSummary,
} from './object-definition-registry.ts';
export { AccessControl } from './objects/access-control.ts';
export { ConnectivityMonitoring } from './objects/connectivity-monitoring.ts';
export { ConnectivityStatistics } from './objects/connectivity-statistics.ts';
export { Device } from './objects/device.ts';
export { FirmwareUpdate } from './objects/firmware-update.ts';
export {
  FirmwareUpdateDeliveryMethod,
  FirmwareUpdateProtocol,
  FirmwareUpdateResult,
  FirmwareUpdateState,
} from './objects/firmware-update-codes.ts';
export { Location } from './objects/location.ts';
export { Security } from './objects/security.ts';
export { Server } from './objects/server.ts';
export { decodeCompactDefinition, encodeCompactDefinition } from './registered-objects/compact-definition.ts';
export { isDefinitionFailure, parseObjectDefinitionXml } from './parse-object-definition-xml.ts';
export {
  formatPath,
  maxId,
  type ObjectInstancePath,
  type ObjectPath,
  parsePath,
  type Path,
  pathContains,
  pathFromSegments,
  pathIds,
  pathOf,
  pathSegments,
  type ResourceInstancePath,
  type ResourcePath,
  type RootPath,
  rootPath,
} from './path.ts';
export type {
  ExecutableReference,
  ReadableReference,
  ReferredValue,
  ResourceReference,
  SingleOrMultiple,
  ValueOf,
  WritableReference,
} from './resource-reference.ts';
export { type DataType, dataTypes, type Integer, type ObjectLink, type Value } from './value.ts';
export { formatAttributeQuery, maxPeriod, parseAttributeQuery } from './attribute/attribute-query.ts';
export { applyAttributesChange } from './attribute/attribute-rules.ts';
export {
  isNotificationAttribute,
  type NotificationAttributeName,
  notificationAttributeNames,
} from './attribute/attribute-set.ts';
export { type ConditionsAt, type ResourceLocation } from './attribute/content-change.ts';
export { effectiveAttributes } from './attribute/effective-attributes.ts';
export {
  evaluateNotification,
  type ReportingDecision,
  type ReportingInput,
  reportingPeriods,
  type ReportingState,
  startReporting,
} from './attribute/notification-evaluation.ts';
export type { ChangeConditions } from './attribute/value-change.ts';
export {
  type ExecuteArguments,
  formatExecuteArguments,
  noArguments,
  parseExecuteArguments,
} from './execute-arguments.ts';
export { checkFormats } from './operation/check-formats.ts';
export {
  type BootstrapOperationName,
  type BootstrapOperationRule,
  bootstrapOperations,
  bootstrapPath,
  type IdentifiedBootstrapOperation,
  identifyBootstrapOperation,
  judgeBootstrapResponse,
  type OutgoingBootstrapOperation,
  requestForBootstrapOperation,
} from './operation/bootstrap-operations.ts';
export type { IdentifiableRequest } from './operation/identifiable-request.ts';
export { type IdentifiedOperation, identifyOperation } from './operation/identify-operation.ts';
export {
  formatsFor,
  isListedRefusal,
  judgeResponse,
  type OperationName,
  type OperationRule,
  operations,
  type PayloadKind,
  type RegistrationOperationName,
  type RegistrationOperationRule,
  registrationOperations,
  registrationPath,
} from './operation/operations.ts';
export { type OutgoingOperation, requestForOperation } from './operation/request-for-operation.ts';
export { isRefusal, type Refusal, refusal } from './refusal.ts';
export {
  acceptsVersion,
  type EnablerVersion,
  enablerVersion,
  formatEnablerVersion,
  parseEnablerVersion,
} from './registration/enabler-version.ts';
export {
  type BootstrapParameters,
  bootstrapQueryDefaults,
  type BootstrapQueryOptions,
  formatBootstrapQuery,
  parseBootstrapQuery,
} from './bootstrap-query.ts';
export {
  formatRegistrationQuery,
  formatUpdateQuery,
  parseRegistrationQuery,
  parseUpdateQuery,
  type RegistrationParameters,
  registrationQueryDefaults,
  type RegistrationQueryOptions,
  type UpdateParameters,
} from './registration/registration-query.ts';
export {
  canonicalFormat,
  decodeContent,
  decodeTimestampedContent,
  encodeContent,
  encodeTimestampedContent,
} from './format/content-format-codec.ts';
export { formatDecimal, parseDecimal } from './format/decimal.ts';
export { type FormatFailure, isFormatFailure } from './format/format-failure.ts';
export { type FormatLimits, formatLimitsDefaults } from './format/format-limits.ts';
export {
  isJsonArray,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  parseJsonExactly,
  stringifyJsonExactly,
} from './format/json-value.ts';
export { formatValueText, parseValueText } from './format/plain-text.ts';
export { type OpaqueFrame, tlvOpaqueFrame } from './format/tlv-opaque-frame.ts';
export { unixTimeOf } from './timestamp.ts';
export { checkValue } from './value-check.ts';
export { equalContents, equalValues } from './value-equality.ts';
export { valueFromJson, valueToJson } from './value-json.ts';
export {
  type DiscoverAnswer,
  type DiscoveredInstance,
  type DiscoveredObject,
  type DiscoveredResource,
  type DiscoverLink,
  formatDiscoverLinks,
  parseDiscoverLinks,
} from './discovery-links.ts';
export {
  type BootstrapDiscovery,
  type BootstrapInstance,
  type BootstrapObject,
  formatBootstrapDiscovery,
  parseBootstrapDiscovery,
} from './bootstrap-discovery.ts';
export {
  objectLinksDefaults,
  type ParsedObjectLinks,
  parseObjectLinks,
} from './registration/object-links.ts';
export {
  canonicalObjectLinks,
  formatObjectLinks,
  type ObjectList,
  type RegisteredObject,
} from './registration/object-list.ts';
