import { type AccessRightName, inputToContent } from '@dunlin/api';
import {
  type AccessControlEntry,
  AccessRight,
  type BootstrapConfiguration,
  bootstrapOwner,
  type BootstrapTarget,
  type BootstrapWrite,
  checkConfiguration,
  type DeletePath,
  everyInstance,
} from '@dunlin/bootstrap';
import { ContentFormat } from '@dunlin/coap';
import {
  type Content,
  type ObjectDefinitions,
  parsePath,
  pathOf,
  type ResourceContents,
} from '@dunlin/lwm2m';

import { type AccountFacts, readBootstrapServer, readServer } from './account-input.ts';
import { BodyReader } from './body-reader.ts';
import { badRequest } from './request-problem.ts';

/** What reading a configuration needs to know beside the request. */
export interface ConfigurationFacts extends AccountFacts {
  readonly definitions: ObjectDefinitions;
}

/** Reads the body of a request (`BootstrapInput`); throws the answer 400, which never repeats anything of a key. */
export function readConfiguration(
  body: unknown,
  target: BootstrapTarget,
  facts: ConfigurationFacts,
): BootstrapConfiguration {
  const reader = new BodyReader(body, 'body');
  const bootstrapServer = reader.optionalObject('bootstrapServer');
  const format = reader.optionalWord('format', ['tlv', 'json']);
  const configuration: BootstrapConfiguration = {
    target,
    servers: reader.list('servers', (item, field) => readServer(item, field, facts)),
    bootstrapServer: bootstrapServer && readBootstrapServer(bootstrapServer, facts),
    accessControl:
      reader.value('accessControl') === 'shared' ? 'shared' : reader.optionalList('accessControl', readEntry),
    writes: reader.optionalList('writes', (item, field) => readWrite(item, field, facts.definitions)),
    deletes: reader.optionalList('deletes', readDelete),
    writeLevel: reader.optionalWord('writeLevel', ['object', 'object-instance', 'resource']),
    contentFormat: format && ContentFormat[format],
    isVerified: reader.optionalBoolean('verify'),
    allowsKeysWithoutSecurity: reader.optionalBoolean('allowKeysWithoutSecurity'),
  };
  reader.end();
  const [problem] = checkConfiguration(configuration, facts.definitions);
  if (problem !== undefined) throw badRequest(fieldInRequest(problem.field), problem.reason);
  return configuration;
}

const rightNames: readonly AccessRightName[] = ['read', 'write', 'execute', 'delete', 'create'];

function readEntry(item: unknown, field: string): AccessControlEntry {
  const reader = new BodyReader(item, field);
  const path = parsePath(reader.text('path'));
  if (path?.kind !== 'object' && path?.kind !== 'object-instance') {
    throw badRequest(
      reader.fieldOf('path'),
      'must be that of an Object Instance (/3/0) or an Object (/3303)',
    );
  }
  const acl = reader.object('acl');
  const entry: AccessControlEntry = {
    objectId: path.objectId,
    objectInstanceId: path.kind === 'object' ? everyInstance : path.objectInstanceId,
    owner: reader.value('owner') === 'bootstrap-server' ? bootstrapOwner : reader.wholeNumber('owner'),
    acl: new Map(acl.entries().map(([name]) => [shortServerIdFrom(name, acl), rightsFrom(name, acl)])),
  };
  reader.end();
  return entry;
}

function shortServerIdFrom(name: string, acl: BodyReader): number {
  if (name === 'others') return 0;
  if (/^[1-9]\d{0,4}$/.test(name)) return Number(name);
  throw badRequest(acl.fieldOf(name), 'must be named by a Short Server ID, or others');
}

function rightsFrom(name: string, acl: BodyReader): number {
  const words = acl.list(name, (item, field) => {
    const word = rightNames.find((candidate) => candidate === item);
    if (word === undefined) throw badRequest(field, `must be one of ${rightNames.join(', ')}`);
    return word;
  });
  return words.reduce((mask, word) => mask | AccessRight[word], 0);
}

function readWrite(item: unknown, field: string, definitions: ObjectDefinitions): BootstrapWrite {
  const reader = new BodyReader(item, field);
  const path = parsePath(reader.text('path'));
  if (path === undefined || path.kind === 'root' || path.kind === 'resource-instance') {
    throw badRequest(
      reader.fieldOf('path'),
      'must be that of a Resource (/3/0/14), an Object Instance (/3303/0) or an Object (/3303)',
    );
  }
  const isOptional = reader.optionalBoolean('optional');
  const content =
    path.kind === 'object'
      ? readInstances(reader, path.objectId, definitions)
      : readContent(reader, path, definitions);
  reader.end();
  return { path, content, isOptional };
}

function readInstances(reader: BodyReader, objectId: number, definitions: ObjectDefinitions): Content {
  const given = reader.object('instances');
  const instances = new Map<number, ResourceContents>();
  for (const [name] of given.entries()) {
    const id = /^(0|[1-9]\d{0,4})$/.test(name) ? Number(name) : everyInstance;
    if (id >= everyInstance) throw badRequest(given.fieldOf(name), 'is no id from 0 to 65534');
    const instance = given.object(name);
    const content = readContent(instance, pathOf(objectId, id), definitions);
    instance.end();
    if (content.kind === 'object-instance') instances.set(id, content.resources);
  }
  return { kind: 'object', instances };
}

/** By the rules of a Write at a device, whose messages begin with `body`. */
function readContent(
  reader: BodyReader,
  path: Extract<BootstrapWrite['path'], { kind: 'object-instance' | 'resource' }>,
  definitions: ObjectDefinitions,
): Content {
  const names = path.kind === 'resource' ? ['value', 'values', 'type'] : ['resources'];
  const given = names.flatMap((name) => {
    const value = reader.value(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  const content = inputToContent(path, Object.fromEntries(given), definitions.find(path.objectId));
  if (content.kind !== 'problem') return content;
  throw badRequest(content.field.replace(/^body/, reader.field), content.reason);
}

function readDelete(item: unknown, field: string): DeletePath {
  const path = typeof item === 'string' ? parsePath(item) : undefined;
  if (path === undefined || path.kind === 'resource' || path.kind === 'resource-instance') {
    throw badRequest(field, 'must be /, or the path of an Object (/3303) or an Object Instance (/3303/0)');
  }
  return path;
}

/** What a member of the configuration is called in a request. */
function fieldInRequest(field: string): string {
  if (field.startsWith('target.')) return field === 'target.pattern' ? 'pattern' : 'endpoint';
  const name = field
    .replace(/^contentFormat$/, 'format')
    .replace(/^(accessControl\.\d+)\.object(?:Instance)?Id$/, '$1.path')
    .replace(/^(writes\.\d+)\.content$/, '$1');
  return `body.${name}`;
}
