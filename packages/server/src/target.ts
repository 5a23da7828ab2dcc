import { UsageError } from '@dunlin/base';
import {
  type ExecutableReference,
  formatPath,
  type ObjectDefinition,
  type ObjectDefinitions,
  parsePath,
  type Path,
  type ResourceDefinition,
  type ResourceReference,
} from '@dunlin/lwm2m';

import { definitionFor } from './object-version.ts';
import type { RegisteredModel } from './registration.ts';

/** What an operation is aimed at: a path, its text such as `/3/0/0`, or a typed reference. */
export type Target = Path | string | ResourceReference | ExecutableReference;

/** A target that is understood. */
export interface ResolvedTarget {
  readonly path: Path;
  /** Like `/3/0/0`. */
  readonly pathText: string;
  /** That of the reference, when the target is one. */
  readonly resource: ResourceDefinition | undefined;
}

/** Understands a target; throws `UsageError` when a text names no path. */
export function resolveTarget(target: Target): ResolvedTarget {
  if (typeof target === 'string') {
    const path = parsePath(target);
    if (path === undefined) throw new UsageError(`${JSON.stringify(target)} is not a path such as /3/0/0`);
    return { path, pathText: formatPath(path), resource: undefined };
  }
  if (target.kind === 'resource-reference' || target.kind === 'executable-reference') {
    return { path: target.path, pathText: formatPath(target.path), resource: target.definition };
  }
  return { path: target, pathText: formatPath(target), resource: undefined };
}

/** The definition by which content at the target is read and written: what a reference says comes first. */
export function definitionOfTarget(
  { path, resource }: ResolvedTarget,
  definitions: ObjectDefinitions,
  model: RegisteredModel,
): ObjectDefinition | undefined {
  if (resource === undefined || path.kind === 'root') return definitionFor(definitions, model, path);
  return {
    id: path.objectId,
    name: '',
    version: '1.0',
    isMultiple: true,
    isMandatory: false,
    resources: new Map([[resource.id, resource]]),
  };
}
