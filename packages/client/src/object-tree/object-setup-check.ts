import { UsageError } from '@dunlin/base';
import { checkValue, maxId, type ResourceContent, type ResourceDefinition } from '@dunlin/lwm2m';

import type { ObjectSetup } from './object-setup.ts';
import type { TreeResource, TreeResources } from './tree-resource.ts';

/** Throws `UsageError` when a setup breaks a rule of its Object's definition. */
export function checkObjectSetup(setup: ObjectSetup, isDuplicate: boolean): void {
  const { definition } = setup;
  if (isDuplicate) throw new UsageError(`Object ${definition.id} (${definition.name}) is given twice.`);
  for (const [instanceId, resources] of setup.instances) {
    const where = `/${definition.id}/${instanceId}`;
    if (!Number.isInteger(instanceId) || instanceId < 0 || instanceId >= maxId) {
      throw new UsageError(`${where}: an Object Instance id is a whole number from 0 to 65534.`);
    }
    if (!definition.isMultiple && instanceId !== 0) {
      throw new UsageError(`${where}: ${definition.name} has one instance at most, and its id is 0.`);
    }
    checkResources(setup, resources, where);
  }
}

function checkResources(setup: ObjectSetup, resources: TreeResources, where: string): void {
  for (const [id, resource] of resources) {
    const definition = setup.definition.resources.get(id);
    if (definition === undefined) throw new UsageError(`${where}/${id} is not defined.`);
    const problem = problemOfResource(resource, definition);
    if (problem !== undefined) throw new UsageError(`${where}/${id} (${definition.name}): ${problem}.`);
  }
  for (const definition of setup.definition.resources.values()) {
    if (definition.isMandatory && !resources.has(definition.id)) {
      throw new UsageError(`${where}/${definition.id} (${definition.name}) is mandatory.`);
    }
  }
}

function problemOfResource(resource: TreeResource, definition: ResourceDefinition): string | undefined {
  switch (resource.kind) {
    case 'stored':
      return problemOfContent(resource.content, definition);
    case 'dynamic':
      return definition.operations === 'E' ? 'an executable Resource has no value' : undefined;
    case 'executable':
      return definition.operations === 'E' ? undefined : 'only an executable Resource takes a handler';
  }
}

/** Why a content is not one that the Resource can have: kind, type or range. */
export function problemOfContent(
  content: ResourceContent,
  definition: ResourceDefinition,
): string | undefined {
  if (definition.operations === 'E') return 'an executable Resource has no value';
  if (content.kind === 'single') {
    return definition.isMultiple
      ? 'a Multiple Resource takes values by Resource Instance id'
      : checkValue(definition.type, content.value, definition.range);
  }
  if (!definition.isMultiple) return 'a Single Resource takes one value';
  for (const [id, value] of content.values) {
    if (!Number.isInteger(id) || id < 0 || id > maxId) return `${id} is no Resource Instance id`;
    const problem = checkValue(definition.type, value, definition.range);
    if (problem !== undefined) return `Resource Instance ${id}: ${problem}`;
  }
  return undefined;
}
