import { UsageError } from '@dunlin/base';

import { equalObjectDefinitions } from './object-definition-equality.ts';
import { isObjectVersion, problemOfObjectDefinition } from './object-definition-problem.ts';
import type { ObjectDefinition, ObjectDefinitions } from './object-definition.ts';

/** Enough of a definition to list it. */
export interface ObjectDefinitionSummary {
  readonly id: number;
  readonly name: string;
  /** `major.minor`. */
  readonly version: string;
}

/** Definitions that can be listed as well as looked up. */
export interface ObjectDefinitionCatalogue extends ObjectDefinitions {
  /** Every definition, by id and then by version, both ascending. */
  list(): readonly ObjectDefinitionSummary[];
}

/**
 * Definitions by Object id and version, over those of its parents. Of two definitions that answer a question
 * equally well the registry's own is given, then that of the first parent: an operator's definitions lie over
 * the registered ones, and those over the core's.
 */
export class ObjectDefinitionRegistry implements ObjectDefinitionCatalogue {
  readonly #parents: readonly ObjectDefinitionCatalogue[];
  readonly #definitions = new Map<number, Map<string, ObjectDefinition>>();

  constructor(parents: readonly ObjectDefinitionCatalogue[] = []) {
    this.#parents = parents;
  }

  /** A registry that holds the given definitions, over those of the parents. */
  static of(
    definitions: Iterable<ObjectDefinition>,
    parents: readonly ObjectDefinitionCatalogue[] = [],
  ): ObjectDefinitionRegistry {
    const registry = new ObjectDefinitionRegistry(parents);
    for (const definition of definitions) registry.add(definition);
    return registry;
  }

  /**
   * Adds a definition, in place of an earlier one of the same id and version, and returns the one that is held
   * from now on: one that says the same and is known already is kept, so that equal definitions are one object.
   * Throws `UsageError` for a definition that the enabler does not allow.
   */
  add(definition: ObjectDefinition): ObjectDefinition {
    const problem = problemOfObjectDefinition(definition);
    if (problem !== undefined) {
      throw new UsageError(`The definition of Object ${definition.id} cannot be used: ${problem}.`);
    }
    const known = this.find(definition.id, definition.version);
    if (known !== undefined && equalObjectDefinitions(known, definition)) return known;

    const versions = this.#definitions.get(definition.id) ?? new Map<string, ObjectDefinition>();
    versions.set(definition.version, definition);
    this.#definitions.set(definition.id, versions);
    return definition;
  }

  find(objectId: number, version?: string): ObjectDefinition | undefined {
    const own = this.#definitions.get(objectId)?.values() ?? [];
    let best = nearestVersion(own, version);
    for (const parent of this.#parents) {
      const candidate = parent.find(objectId, version);
      if (candidate !== undefined) best = nearestVersion(best ? [best, candidate] : [candidate], version);
    }
    return best;
  }

  list(): readonly ObjectDefinitionSummary[] {
    const listed = new Map<string, ObjectDefinitionSummary>();
    for (const parent of this.#parents.toReversed()) {
      for (const summary of parent.list()) listed.set(`${summary.id} ${summary.version}`, summary);
    }
    for (const versions of this.#definitions.values()) {
      for (const { id, name, version } of versions.values())
        listed.set(`${id} ${version}`, { id, name, version });
    }
    return [...listed.values()].sort(
      (one, other) => one.id - other.id || compareObjectVersions(one.version, other.version),
    );
  }
}

/**
 * Of the candidates the one of the wanted version, else the one of the same major version whose minor version is
 * nearest, the higher of two that are equally near; the newest when no version is wanted. The first of
 * several that are equally good. A version that is none matches nothing.
 */
export function nearestVersion<T extends { readonly version: string }>(
  candidates: Iterable<T>,
  version: string | undefined,
): T | undefined {
  if (version !== undefined && !isObjectVersion(version)) return undefined;
  let best: T | undefined;
  for (const candidate of candidates) {
    if (version !== undefined && majorOf(candidate.version) !== majorOf(version)) continue;
    if (best === undefined || isNearer(candidate.version, best.version, version)) best = candidate;
  }
  return best;
}

/** Negative when the first version is the older one, positive when it is the newer one, 0 when they are the same. */
export function compareObjectVersions(one: string, other: string): number {
  return majorOf(one) - majorOf(other) || minorOf(one) - minorOf(other);
}

function isNearer(candidate: string, best: string, version: string | undefined): boolean {
  const isNewer = compareObjectVersions(candidate, best) > 0;
  if (version === undefined) return isNewer;
  const wanted = minorOf(version);
  const closer = Math.abs(minorOf(candidate) - wanted) - Math.abs(minorOf(best) - wanted);
  return closer < 0 || (closer === 0 && isNewer);
}

function majorOf(version: string): number {
  return Number(version.slice(0, version.indexOf('.')));
}

function minorOf(version: string): number {
  return Number(version.slice(version.indexOf('.') + 1));
}
