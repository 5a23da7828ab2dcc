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
import { type InputProblem, InputProblems } from './input-problems.ts';
import { badRequest } from './request-problem.ts';

/** What reading a configuration needs to know beside the request. */
export interface ConfigurationFacts extends AccountFacts {
  readonly definitions: ObjectDefinitions;
}

/** What was sent as a configuration: good as it is, or all that is wrong with it. */
export type ConfigurationInput =
  | { readonly kind: 'sound'; readonly configuration: BootstrapConfiguration }
  | { readonly kind: 'unsound'; readonly problems: readonly InputProblem[] };

/** Reads the body of a request (`BootstrapInput`); throws the answer 400, which never repeats anything of a key. */
export function requireConfiguration(
  body: unknown,
  target: BootstrapTarget,
  facts: ConfigurationFacts,
): BootstrapConfiguration {
  const input = readConfiguration(body, target, facts);
  if (input.kind === 'sound') return input.configuration;
  const [problem] = input.problems;
  throw badRequest(problem?.field ?? 'body', problem?.reason ?? 'is no configuration');
}

/** Reads a configuration (`BootstrapInput`) as far as it can be read; members are named as those of `body`. */
export function readConfiguration(
  body: unknown,
  target: BootstrapTarget,
  facts: ConfigurationFacts,
): ConfigurationInput {
  const problems = new InputProblems();
  const reader = new BodyReader(body, 'body', problems);
  const bootstrapServer = reader.optionalObject('bootstrapServer');
  const format = reader.optionalWord('format', ['tlv', 'json']);
  const configuration: BootstrapConfiguration = {
    target,
    servers: reader.list('servers', (item, field) =>
      readServer(new BodyReader(item, field, problems), facts),
    ),
    bootstrapServer: bootstrapServer && readBootstrapServer(bootstrapServer, facts),
    accessControl:
      reader.value('accessControl') === 'shared'
        ? 'shared'
        : reader.optionalList('accessControl', (item, field) =>
            readEntry(new BodyReader(item, field, problems)),
          ),
    writes: reader.optionalList('writes', (item, field) =>
      readWrite(new BodyReader(item, field, problems), facts.definitions),
    ),
    deletes: reader.optionalList('deletes', (item, field) => readDelete(item, field, problems)),
    writeLevel: reader.optionalWord('writeLevel', ['object', 'object-instance', 'resource']),
    contentFormat: format && ContentFormat[format],
    isVerified: reader.optionalBoolean('verify'),
    allowsKeysWithoutSecurity: reader.optionalBoolean('allowKeysWithoutSecurity'),
  };
  reader.end();
  checkWhole(configuration, facts.definitions, problems);
  return problems.isEmpty ? { kind: 'sound', configuration } : { kind: 'unsound', problems: problems.all };
}

/** Lists from which unreadable items were left out are as long, and say as much, as nobody meant. */
const listsOfItems = ['body.accessControl', 'body.writes', 'body.deletes'];

function checkWhole(
  configuration: BootstrapConfiguration,
  definitions: ObjectDefinitions,
  problems: InputProblems,
): void {
  const unread = listsOfItems.filter((list) => problems.concern(list));
  for (const { field, reason } of checkConfiguration(configuration, definitions)) {
    const member = fieldInRequest(field);
    if (unread.some((list) => member === list || member.startsWith(`${list}.`))) continue;
    problems.add(member, reason);
  }
}

const rightNames: readonly AccessRightName[] = ['read', 'write', 'execute', 'delete', 'create'];

function readEntry(reader: BodyReader): AccessControlEntry | undefined {
  const path = parsePath(reader.text('path'));
  const acl = reader.object('acl');
  const owner = reader.value('owner') === 'bootstrap-server' ? bootstrapOwner : reader.wholeNumber('owner');
  const rights = acl
    .entries()
    .map(([name]) => [shortServerIdFrom(name, acl), rightsFrom(name, acl)] as const);
  reader.end();
  if (path?.kind !== 'object' && path?.kind !== 'object-instance') {
    reader.refuse('path', 'must be that of an Object Instance (/3/0) or an Object (/3303)');
    return undefined;
  }
  return {
    objectId: path.objectId,
    objectInstanceId: path.kind === 'object' ? everyInstance : path.objectInstanceId,
    owner,
    acl: new Map(rights),
  };
}

function shortServerIdFrom(name: string, acl: BodyReader): number {
  if (name === 'others') return 0;
  if (/^[1-9]\d{0,4}$/.test(name)) return Number(name);
  acl.refuse(name, 'must be named by a Short Server ID, or others');
  return 0;
}

function rightsFrom(name: string, acl: BodyReader): number {
  const words = acl.list(name, (item, field) => {
    const word = rightNames.find((candidate) => candidate === item);
    if (word === undefined) acl.problems.add(field, `must be one of ${rightNames.join(', ')}`);
    return word;
  });
  return words.reduce((mask, word) => mask | AccessRight[word], 0);
}

function readWrite(reader: BodyReader, definitions: ObjectDefinitions): BootstrapWrite | undefined {
  const path = parsePath(reader.text('path'));
  if (path === undefined || path.kind === 'root' || path.kind === 'resource-instance') {
    reader.refuse(
      'path',
      'must be that of a Resource (/3/0/14), an Object Instance (/3303/0) or an Object (/3303)',
    );
    return undefined;
  }
  const isOptional = reader.optionalBoolean('optional');
  const content =
    path.kind === 'object'
      ? readInstances(reader, path.objectId, definitions)
      : readContent(reader, path, definitions);
  reader.end();
  return content && { path, content, isOptional };
}

function readInstances(reader: BodyReader, objectId: number, definitions: ObjectDefinitions): Content {
  const given = reader.object('instances');
  const instances = new Map<number, ResourceContents>();
  for (const [name] of given.entries()) {
    const id = /^(0|[1-9]\d{0,4})$/.test(name) ? Number(name) : everyInstance;
    if (id >= everyInstance) {
      given.refuse(name, 'is no id from 0 to 65534');
      continue;
    }
    const instance = given.object(name);
    const content = readContent(instance, pathOf(objectId, id), definitions);
    instance.end();
    if (content?.kind === 'object-instance') instances.set(id, content.resources);
  }
  return { kind: 'object', instances };
}

/** By the rules of a Write at a device, whose messages begin with `body`. */
function readContent(
  reader: BodyReader,
  path: Extract<BootstrapWrite['path'], { kind: 'object-instance' | 'resource' }>,
  definitions: ObjectDefinitions,
): Content | undefined {
  const names = path.kind === 'resource' ? ['value', 'values', 'type'] : ['resources'];
  const given = names.flatMap((name) => {
    const value = reader.value(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  const content = inputToContent(path, Object.fromEntries(given), definitions.find(path.objectId));
  if (content.kind !== 'problem') return content;
  reader.problems.add(content.field.replace(/^body/, reader.field), content.reason);
  return undefined;
}

function readDelete(item: unknown, field: string, problems: InputProblems): DeletePath | undefined {
  const path = typeof item === 'string' ? parsePath(item) : undefined;
  if (path === undefined || path.kind === 'resource' || path.kind === 'resource-instance') {
    problems.add(field, 'must be /, or the path of an Object (/3303) or an Object Instance (/3303/0)');
    return undefined;
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
