import type { ObjectDefinition, ResourceDefinition, ValueRange } from './object-definition.ts';
import { maxId } from './path.ts';

/**
 * Why a definition is not one that the enabler allows, or `undefined` when it is: ids are whole numbers from 0
 * to 65534, names are given, the version is `major.minor`, each Resource is held under its own
 * id, an executable Resource is single and has no type and any other has one, and ranges are not empty.
 */
export function problemOfObjectDefinition(definition: ObjectDefinition): string | undefined {
  if (!isId(definition.id)) return `its id is ${definition.id}, not a whole number from 0 to 65534`;
  if (definition.name === '') return 'it has no name';
  if (!isObjectVersion(definition.version)) {
    return `its version is '${definition.version}', not two numbers joined by a dot`;
  }
  for (const [id, resource] of definition.resources) {
    if (id !== resource.id) return `Resource ${resource.id} is held under the id ${id}`;
    const problem = problemOfResourceDefinition(resource);
    if (problem !== undefined) return `Resource ${resource.id} ${problem}`;
  }
  return undefined;
}

/** True for `major.minor`, both canonical decimal numbers of at most five digits. */
export function isObjectVersion(text: string): boolean {
  return /^(?:0|[1-9]\d{0,4})\.(?:0|[1-9]\d{0,4})$/.test(text);
}

function problemOfResourceDefinition(resource: ResourceDefinition): string | undefined {
  if (!isId(resource.id)) return 'has an id that is not a whole number from 0 to 65534';
  if (resource.name === '') return 'has no name';
  if (resource.operations === 'E') {
    if (resource.isMultiple) return 'is executable and multiple';
    if (resource.type !== 'none') return `is executable and has the type ${resource.type}`;
  } else if (resource.type === 'none') {
    return 'has no type and is not executable';
  }
  return resource.range === undefined ? undefined : problemOfRange(resource.range);
}

function problemOfRange(range: ValueRange): string | undefined {
  switch (range.kind) {
    case 'interval':
    case 'length':
      if (range.minimum <= range.maximum) return undefined;
      return `has the empty range from ${range.minimum} to ${range.maximum}`;
    case 'enumeration':
      return range.values.length > 0 ? undefined : 'has an enumeration without values';
  }
}

function isId(id: number): boolean {
  return Number.isInteger(id) && id >= 0 && id < maxId;
}
