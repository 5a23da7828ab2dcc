import { hexDecode, noBytes, utf8Encode } from '@dunlin/base';
import type { Content, ObjectDefinition, Path, ResourceContent, ResourceContents } from '@dunlin/lwm2m';
import {
  coreDefinitions,
  formatPath,
  type ObjectInstancePath,
  type ObjectPath,
  type ResourcePath,
} from '@dunlin/lwm2m';
import { type ById, multiple, single } from './contents.ts';

/** The endpoint name of the example client of 1.0 Appendix F. */
export const referenceEndpointName = 'example-client';

/** What the example client registers with: every Object Instance, and Object 5, which has none. */
export const referenceObjectLinks = '</1/0>,</1/1>,</2/0>,</2/1>,</2/2>,</2/3>,</2/4>,</3/0>,</4/0>,</5>';

const identity = utf8Encode('b313cc22-f969-42ec-ad42');
const device: ById<ResourceContent> = {
  0: single('string', 'Open Mobile Alliance'),
  1: single('string', 'Lightweight M2M Client'),
  2: single('string', '345000123'),
  3: single('string', '1.0'),
  6: multiple('integer', { 0: 1, 1: 5 }),
  7: multiple('integer', { 0: 3800, 1: 5000 }),
  8: multiple('integer', { 0: 125, 1: 900 }),
  9: single('integer', 100),
  10: single('integer', 15),
  11: multiple('integer', { 0: 0 }),
  13: single('time', 1367491215),
  14: single('string', '+02:00'),
  16: single('string', 'U'),
};
const connectivity: ById<ResourceContent> = {
  0: single('integer', 0),
  1: multiple('integer', { 0: 0 }),
  2: single('integer', 92),
  3: single('integer', 2),
  4: multiple('string', { 0: '192.168.0.100' }),
  5: multiple('string', { 0: '192.168.1.1' }),
  6: single('integer', 5),
  7: multiple('string', { 0: 'internet' }),
};

/** The example client of 1.0 Appendix F, whole: Resources by Object Instance by Object. */
export const referenceDevice: ReadonlyMap<number, ReadonlyMap<number, ResourceContents>> = mapOf({
  0: mapOf({
    0: mapOf(
      security('coaps://bootstrap.example.com', true, 0, 'e129791359950cbb1c8c3c582913b551', {
        11: single('integer', 3600),
      }),
    ),
    1: mapOf(
      security('coaps://server1.example.com', false, 0, '1ca2028d7197c778e9aef5ef69082bea', {
        10: single('integer', 101),
      }),
    ),
    // The keys of the account with a raw public key are not printed: they are empty here.
    2: mapOf(security('coaps://server2.example.com', false, 1, '', { 10: single('integer', 102) })),
  }),
  1: mapOf({ 0: mapOf(server(101, 300, true, 'U')), 1: mapOf(server(102, 60, false, 'UQ')) }),
  2: mapOf({
    0: mapOf(accessControl(1, 0, { 101: 15 }, 101)),
    1: mapOf(accessControl(1, 1, { 102: 15 }, 102)),
    2: mapOf(accessControl(3, 0, { 101: 15, 102: 1 }, 101)),
    3: mapOf(accessControl(4, 0, { 0: 1, 101: 1 }, 101)),
    4: mapOf(accessControl(5, 65535, { 101: 16 }, 65535)),
  }),
  3: mapOf({ 0: mapOf(device) }),
  4: mapOf({ 0: mapOf(connectivity) }),
  5: new Map(),
});

/** The content of the example client at a path; throws when it has nothing there. */
export function referenceContent(path: ObjectPath | ObjectInstancePath | ResourcePath): Content {
  const instances = referenceDevice.get(path.objectId);
  if (path.kind === 'object') return { kind: 'object', instances: expected(instances, path) };
  const resources = instances?.get(path.objectInstanceId);
  if (path.kind === 'object-instance')
    return { kind: 'object-instance', resources: expected(resources, path) };
  return { kind: 'resource', resource: expected(resources?.get(path.resourceId), path) };
}

/** The definition of an Object of the example client, in version 1.0. */
export function referenceDefinition(objectId: number): ObjectDefinition {
  return expected(coreDefinitions.find(objectId, '1.0'), { kind: 'object', objectId });
}

function security(
  uri: string,
  isBootstrap: boolean,
  mode: number,
  key: string,
  rest: ById<ResourceContent>,
): ById<ResourceContent> {
  const isPreShared = mode === 0;
  return {
    0: single('string', uri),
    1: single('boolean', isBootstrap),
    2: single('integer', mode),
    3: single('opaque', isPreShared ? identity : noBytes),
    4: single('opaque', noBytes),
    5: single('opaque', hexDecode(key) ?? noBytes),
    ...rest,
  };
}

function server(
  id: number,
  minimumPeriod: number,
  isStoring: boolean,
  binding: string,
): ById<ResourceContent> {
  return {
    0: single('integer', id),
    1: single('integer', 86400),
    2: single('integer', minimumPeriod),
    3: single('integer', 6000),
    5: single('integer', 86400),
    6: single('boolean', isStoring),
    7: single('string', binding),
  };
}

function accessControl(
  objectId: number,
  instanceId: number,
  rights: ById<number>,
  owner: number,
): ById<ResourceContent> {
  return {
    0: single('integer', objectId),
    1: single('integer', instanceId),
    2: multiple('integer', rights),
    3: single('integer', owner),
  };
}

function expected<T>(found: T | undefined, path: Path): T {
  if (found === undefined) throw new Error(`The example client has nothing at ${formatPath(path)}.`);
  return found;
}

function mapOf<T>(items: ById<T>): ReadonlyMap<number, T> {
  return new Map(Object.entries(items).map(([id, item]) => [Number(id), item]));
}
