import type { ObjectDefinition, ResourceDefinition } from '../object-definition.ts';
import {
  type ObjectDefinitionCatalogue,
  type ObjectDefinitionSummary,
  nearestVersion,
} from '../object-definition-registry.ts';
import { compactSummary, decodeCompactDefinition, decodeCompactResource } from './compact-definition.ts';

interface Entry extends ObjectDefinitionSummary {
  readonly line: string;
  definition?: ObjectDefinition;
}

/**
 * Definitions out of compact lines. A line is decoded when its Object is first looked up, and Resources that are
 * defined alike in several Objects, as the reusable ones are, are one object.
 */
export class RegisteredDefinitions implements ObjectDefinitionCatalogue {
  readonly #entries = new Map<number, Entry[]>();
  readonly #resources = new Map<string, ResourceDefinition>();

  /** The lines come by id and then by version, both ascending. */
  constructor(lines: Iterable<string>) {
    for (const line of lines) {
      const entry = { ...compactSummary(line), line };
      const versions = this.#entries.get(entry.id);
      if (versions === undefined) this.#entries.set(entry.id, [entry]);
      else versions.push(entry);
    }
  }

  find(objectId: number, version?: string): ObjectDefinition | undefined {
    const entry = nearestVersion(this.#entries.get(objectId) ?? [], version);
    if (entry === undefined) return undefined;
    entry.definition ??= decodeCompactDefinition(entry.line, (text) => this.#resource(text));
    return entry.definition;
  }

  list(): readonly ObjectDefinitionSummary[] {
    const entries = [...this.#entries.values()].flat();
    return entries.map(({ id, name, version }) => ({ id, name, version }));
  }

  #resource(text: string): ResourceDefinition {
    let resource = this.#resources.get(text);
    if (resource === undefined) {
      resource = decodeCompactResource(text);
      this.#resources.set(text, resource);
    }
    return resource;
  }
}
