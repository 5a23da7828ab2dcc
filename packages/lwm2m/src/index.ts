export { type BindingMode, parseBindingMode, usesQueueMode } from './binding-mode.ts';
export type {
  Content,
  MultipleResource,
  ResourceContent,
  ResourceContents,
  SingleResource,
  TimestampedContent,
} from './content.ts';
export type { NotificationAttributes, NotificationAttributesChange } from './notification-attributes.ts';
export type {
  ObjectDefinition,
  ObjectDefinitions,
  ResourceDefinition,
  ResourceOperations,
  ValueRange,
} from './object-definition.ts';
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
export type { DataType, Integer, ObjectLink, Value } from './value.ts';
