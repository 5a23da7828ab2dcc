import { UsageError } from '@dunlin/base';
import { ContentFormat } from '@dunlin/coap';
import {
  checkValue,
  type Content,
  formatPath,
  maxId,
  type ObjectDefinition,
  type ObjectDefinitions,
  pathContains,
  pathIds,
  pathOf,
  problemOfEndpointName,
  type ResourceContent,
  type ResourceContents,
  type ResourceDefinition,
} from '@dunlin/lwm2m';

import {
  type BootstrapConfiguration,
  bootstrapConfigurationDefaults,
  type BootstrapWrite,
  type DeletePath,
} from './bootstrap-configuration.ts';
import { type BootstrapTarget, targetText } from './bootstrap-target.ts';
import { checkAccessControl } from './check-access-control.ts';
import { checkAccounts } from './check-accounts.ts';
import { configurationLimits as limits } from './configuration-limits.ts';
import { type ConfigurationProblem, Problems } from './configuration-problem.ts';

/**
 * All that is wrong with a configuration, so that no device is sent what it must refuse, or is left without a server
 * . What is written is compared with the definitions, as far as there are any for its Objects.
 */
export function checkConfiguration(
  configuration: BootstrapConfiguration,
  definitions?: ObjectDefinitions,
): readonly ConfigurationProblem[] {
  const problems = new Problems();
  checkTarget(configuration.target, problems);
  checkAccounts(configuration, problems);
  checkDeletes(configuration, problems);
  checkAccessControl(configuration, problems);
  const { writes = [], contentFormat } = configuration;
  problems.count('writes', writes.length, limits.writes);
  for (const [index, write] of writes.entries()) checkWrite(`writes.${index}`, write, definitions, problems);
  checkRepetition(writes, problems);
  if (
    contentFormat !== undefined &&
    contentFormat !== ContentFormat.tlv &&
    contentFormat !== ContentFormat.json
  ) {
    problems.add('contentFormat', `must be ${ContentFormat.tlv} (TLV) or ${ContentFormat.json} (JSON)`);
  }
  return problems.all;
}

/** For stores: throws a `UsageError` that names everything that is wrong with a configuration. */
export function requireSound(configuration: BootstrapConfiguration): void {
  const problems = checkConfiguration(configuration);
  if (problems.length === 0) return;
  const sentences = problems.map(({ field, reason }) => `${field} ${reason}`).join('; ');
  throw new UsageError(`the bootstrap configuration for ${targetText(configuration.target)}: ${sentences}`);
}

function checkTarget(target: BootstrapTarget, problems: Problems): void {
  const text = targetText(target);
  const field = `target.${target.kind === 'endpoint' ? 'endpointName' : 'pattern'}`;
  problems.add(field, problemOfEndpointName(text, limits.targetLength));
  if (target.kind === 'pattern' && !text.includes('*')) problems.add(field, 'must have a * in it');
}

function checkDeletes({ servers, deletes }: BootstrapConfiguration, problems: Problems): void {
  const paths = deletes ?? bootstrapConfigurationDefaults.deletes;
  problems.count('deletes', paths.length, limits.deletes);
  const seen = new Set<string>();
  for (const [index, path] of paths.entries()) {
    const text = formatPath(path);
    if (seen.has(text)) problems.add(`deletes.${index}`, `must not be ${text} once more`);
    seen.add(text);
    if (pathIds(path).includes(maxId)) problems.add(`deletes.${index}`, `must not have the id ${maxId}`);
    if (text === '/3' || text === '/3/0') {
      problems.add(
        `deletes.${index}`,
        'must not be the Device Object, which cannot be deleted (1.0 §5.2.7.5)',
      );
    }
  }
  if (servers.length === 0 && paths.some(takesAccounts)) {
    problems.add('servers', 'must not be empty when accounts are deleted: a device needs one (1.0 §5.2.2)');
  }
}

function takesAccounts(path: DeletePath): boolean {
  return pathContains(path, pathOf(0)) || pathContains(path, pathOf(1));
}

function checkWrite(
  field: string,
  { path, content }: BootstrapWrite,
  definitions: ObjectDefinitions | undefined,
  problems: Problems,
): void {
  const { objectId } = path;
  if (objectId <= 2) {
    const where = objectId === 2 ? 'accessControl' : 'servers and bootstrapServer';
    problems.add(`${field}.path`, `must not be of Object ${objectId}: ${where} are for it`);
    return;
  }
  if (pathIds(path).includes(maxId)) problems.add(`${field}.path`, `must not have the id ${maxId}`);
  if (content.kind !== path.kind) {
    problems.add(`${field}.content`, `must be of the kind ${path.kind}, as ${formatPath(path)} is`);
    return;
  }
  const definition = definitions?.find(objectId);
  for (const reason of problemsOfContent(path, content, definition)) problems.add(`${field}.content`, reason);
}

function problemsOfContent(
  path: BootstrapWrite['path'],
  content: Content,
  definition: ObjectDefinition | undefined,
): readonly string[] {
  switch (content.kind) {
    case 'object':
      if (content.instances.size === 0) return ['must have an instance'];
      return [...content.instances].flatMap(([id, resources]) =>
        Number.isInteger(id) && id >= 0 && id < maxId
          ? problemsOfInstance(resources, definition)
          : [`must not have the instance ${id}`],
      );
    case 'object-instance':
      return problemsOfInstance(content.resources, definition);
    case 'resource':
      return path.kind === 'resource'
        ? problemsOfResource(path.resourceId, content.resource, definition?.resources.get(path.resourceId))
        : [];
    case 'resource-instance':
      return ['must not be a Resource Instance, which has no path (1.0 §6.1)'];
  }
}

/** A Write makes an instance or takes its place, so that what is mandatory must be there. */
function problemsOfInstance(
  resources: ResourceContents,
  definition: ObjectDefinition | undefined,
): readonly string[] {
  const missing = [...(definition?.resources.values() ?? [])].filter(
    ({ id, isMandatory, operations }) => isMandatory && operations !== 'E' && !resources.has(id),
  );
  return [
    ...missing.map(
      ({ id, name }) => `must have the mandatory Resource ${id} (${name}), or be written by Resource`,
    ),
    ...[...resources].flatMap(([id, resource]) =>
      problemsOfResource(id, resource, definition?.resources.get(id)),
    ),
  ];
}

function problemsOfResource(
  id: number,
  resource: ResourceContent,
  definition: ResourceDefinition | undefined,
): readonly string[] {
  if (definition?.operations === 'E') return [`must not have Resource ${id}, which is executed`];
  if (definition !== undefined && definition.isMultiple !== (resource.kind === 'multiple')) {
    return [`must have ${definition.isMultiple ? 'several values' : 'one value'} for Resource ${id}`];
  }
  if (definition !== undefined && definition.type !== resource.type) {
    return [`must have a value of type ${definition.type} for Resource ${id}`];
  }
  const values = resource.kind === 'single' ? [resource.value] : [...resource.values.values()];
  return values.flatMap((value) => {
    const problem = checkValue(resource.type, value, definition?.range);
    return problem === undefined ? [] : [`must have another value for Resource ${id}: ${problem}`];
  });
}

function checkRepetition(writes: readonly BootstrapWrite[], problems: Problems): void {
  const seen = new Set<string>();
  for (const [index, { path }] of writes.entries()) {
    const text = formatPath(path);
    if (seen.has(text)) problems.add(`writes.${index}.path`, `must not be ${text} once more`);
    seen.add(text);
  }
}
