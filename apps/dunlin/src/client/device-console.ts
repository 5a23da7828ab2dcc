import { contentToDocument } from '@dunlin/api';
import { DunlinError } from '@dunlin/base';
import type { LwM2mClient } from '@dunlin/client';
import {
  checkValue,
  type Content,
  isFormatFailure,
  Location,
  type ObjectInstancePath,
  parsePath,
  parseValueText,
  type Path,
  pathOf,
  type ResourceContent,
  type ResourceDefinition,
  type ResourceInstancePath,
  type ResourcePath,
  type ResourceReference,
  type Value,
} from '@dunlin/lwm2m';
import { now } from '@dunlin/node';

import { contentHeader, contentRows } from '../cli/content-rows.ts';
import { renderTable } from '../cli/table.ts';
import { didYouMean } from '../program/suggestion.ts';
import { consoleHelp } from './console-help.ts';
import type { SimulatedDevice } from './open-device.ts';

/** What came of a line. */
export type ConsoleResult =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'problem'; readonly reason: string }
  | { readonly kind: 'wait'; readonly seconds: number }
  | { readonly kind: 'quit' };

const commands = ['list', 'get', 'set', 'move', 'update', 'sleep', 'quit', 'help'] as const;

/** Does what a line typed or scripted says. An empty line and one that begins with # say nothing. */
export function runConsoleLine(device: SimulatedDevice, line: string): ConsoleResult {
  const [, word = '', path = '', value = ''] = /^(\S*)\s*(\S*)\s*(.*)$/.exec(line.trim()) ?? [];
  if (word === '' || word.startsWith('#')) return text('');
  const command = commands.find((candidate) => candidate === word);
  if (command === undefined)
    return problem(`there is no command ${word}${didYouMean(word, commands) || '; try help'}`);
  switch (command) {
    case 'list':
      return text(listText(device.client));
    case 'get':
      return get(device.client, path);
    case 'set':
      return set(device, path, value);
    case 'move':
      device.isMoving = true;
      return text('the temperature moves\n');
    case 'update':
      device.client.update();
      return text('update sent\n');
    case 'sleep':
      return sleep(path);
    case 'quit':
      return { kind: 'quit' };
    case 'help':
      return text(consoleHelp);
  }
}

function listText(client: LwM2mClient): string {
  return renderTable(
    ['OBJECT', 'NAME', 'INSTANCES'],
    client.objects.objectIds.map((id) => [
      `/${id}`,
      client.objects.definition(id)?.name ?? '',
      client.objects.instanceIds(id).join(' '),
    ]),
  );
}

function get(client: LwM2mClient, pathText: string): ConsoleResult {
  const path = parsePath(pathText);
  if (path === undefined || path.kind === 'root') return problem('give a path, such as get /3303/0/5700');
  const content = contentAt(client, path);
  if (content === undefined) return problem(`there is nothing to read at ${pathText}`);
  const document = contentToDocument(path, content, client.objects.definition(path.objectId));
  return text(renderTable(contentHeader, contentRows(document)));
}

function set(device: SimulatedDevice, pathText: string, valueText: string): ConsoleResult {
  const path = parsePath(pathText);
  if (path?.kind !== 'resource' && path?.kind !== 'resource-instance') {
    return problem('give a Resource and a value, such as set /3303/0/5700 21.5');
  }
  const { client } = device;
  const definition = client.objects.definition(path.objectId)?.resources.get(path.resourceId);
  if (definition === undefined) return problem(`there is no Resource ${pathText}`);
  const { type, range } = definition;
  const value = type === 'boolean' ? booleanText(valueText) : parseValueText(type, valueText);
  if (isFormatFailure(value)) return problem(value.reason);
  const reason = checkValue(type, value, range);
  if (reason !== undefined) return problem(reason);
  try {
    const reference = referenceTo(path, definition);
    client.change((objects) => {
      objects.set(reference, newValue(client, path, definition, value));
      // Whoever says where the device is says when, too.
      if (isPosition(path)) objects.set(Location.timestamp, Math.floor(now() / 1000));
    });
  } catch (error) {
    if (DunlinError.is(error)) return problem(error.message);
    throw error;
  }
  if (path.objectId === 3303 && path.resourceId === 5700) device.isMoving = false;
  return text('');
}

function isPosition({ objectId, resourceId }: ResourcePath | ResourceInstancePath): boolean {
  return objectId === Location.path.objectId && resourceId !== Location.timestamp.path.resourceId;
}

/** Of a multiple Resource, the other instances stay as they are. */
function newValue(
  client: LwM2mClient,
  path: ResourcePath | ResourceInstancePath,
  definition: ResourceDefinition,
  value: Value,
): Value | ReadonlyMap<number, Value> {
  if (!definition.isMultiple) return value;
  const content = client.objects.content(resourcePath(path), now());
  const others = content?.kind === 'multiple' ? content.values : new Map<number, Value>();
  return new Map([...others, [path.kind === 'resource-instance' ? path.resourceInstanceId : 0, value]]);
}

function referenceTo(
  path: ResourcePath | ResourceInstancePath,
  definition: ResourceDefinition,
): ResourceReference {
  return { kind: 'resource-reference', path: resourcePath(path), definition };
}

function resourcePath({
  objectId,
  objectInstanceId,
  resourceId,
}: ResourcePath | ResourceInstancePath): ResourcePath {
  return pathOf(objectId, objectInstanceId, resourceId);
}

function contentAt(client: LwM2mClient, path: Exclude<Path, { kind: 'root' }>): Content | undefined {
  switch (path.kind) {
    case 'object': {
      const ids = client.objects.instanceIds(path.objectId);
      if (ids.length === 0) return undefined;
      const instances = ids.map((id) => [id, resourcesOf(client, pathOf(path.objectId, id))] as const);
      return { kind: 'object', instances: new Map(instances) };
    }
    case 'object-instance': {
      if (!client.objects.instanceIds(path.objectId).includes(path.objectInstanceId)) return undefined;
      return { kind: 'object-instance', resources: resourcesOf(client, path) };
    }
    case 'resource': {
      const resource = client.objects.content(path, now());
      return resource === undefined ? undefined : { kind: 'resource', resource };
    }
    case 'resource-instance': {
      const resource = client.objects.content(resourcePath(path), now());
      const value = resource?.kind === 'multiple' ? resource.values.get(path.resourceInstanceId) : undefined;
      if (resource === undefined || value === undefined) return undefined;
      return { kind: 'resource-instance', type: resource.type, value };
    }
  }
}

function resourcesOf(
  client: LwM2mClient,
  { objectId, objectInstanceId }: ObjectInstancePath,
): ReadonlyMap<number, ResourceContent> {
  const contents = new Map<number, ResourceContent>();
  for (const id of client.objects.definition(objectId)?.resources.keys() ?? []) {
    const content = client.objects.content(pathOf(objectId, objectInstanceId, id), now());
    if (content !== undefined) contents.set(id, content);
  }
  return contents;
}

function sleep(duration: string): ConsoleResult {
  const seconds = Number(duration);
  if (duration === '' || !Number.isFinite(seconds) || seconds < 0)
    return problem('give seconds, such as sleep 5');
  return { kind: 'wait', seconds };
}

function booleanText(value: string): ReturnType<typeof parseValueText> {
  if (value === 'true') return true;
  return value === 'false' ? false : parseValueText('boolean', value);
}

function text(output: string): ConsoleResult {
  return { kind: 'text', text: output };
}

function problem(reason: string): ConsoleResult {
  return { kind: 'problem', reason };
}
