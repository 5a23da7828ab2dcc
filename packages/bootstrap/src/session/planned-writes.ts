import {
  type ObjectInstancePath,
  type ObjectPath,
  pathOf,
  type ResourceContents,
  type ResourcePath,
} from '@dunlin/lwm2m';

import {
  type AccessControlEntry,
  AccessRight,
  bootstrapOwner,
  everyInstance,
  fullAccess,
} from '../configuration/access-control.ts';
import {
  bootstrapConfigurationDefaults,
  type BootstrapWrite,
  type GivenConfiguration,
  type WriteLevel,
} from '../configuration/bootstrap-configuration.ts';
import {
  accessControlContents,
  securityOfBootstrapServer,
  securityOfServer,
  serverContents,
} from './account-content.ts';
import type { DeviceInstances } from './device-instances.ts';
import type { AllottedInstances } from './instance-ids.ts';

type Instances = ReadonlyMap<number, ResourceContents>;

/** All that is written, in order: the accounts, access control, and what else the configuration has. */
export function plannedWrites(
  configuration: GivenConfiguration,
  allotted: AllottedInstances,
  present: DeviceInstances | undefined,
): readonly BootstrapWrite[] {
  const { writes = [], writeLevel = bootstrapConfigurationDefaults.writeLevel } = configuration;
  const entries = accessControlEntries(configuration, allotted, present);
  const objects: readonly (readonly [number, Instances])[] = [
    [0, securityInstances(configuration, allotted)],
    [
      1,
      new Map(
        configuration.servers.map((account, index) => [
          idAt(allotted.server, index),
          serverContents(account),
        ]),
      ),
    ],
    [2, new Map(entries.map((entry, index) => [index, accessControlContents(entry)]))],
  ];
  return [
    ...objects.flatMap(([objectId, instances]) => writesOf(objectId, instances, writeLevel)),
    ...writes,
  ];
}

function securityInstances(
  { servers, bootstrapServer }: GivenConfiguration,
  { security, bootstrapServer: own }: AllottedInstances,
): Instances {
  const instances = new Map(
    servers.map((account, index) => [idAt(security, index), securityOfServer(account)]),
  );
  if (bootstrapServer !== undefined && own !== undefined) {
    instances.set(own, securityOfBootstrapServer(bootstrapServer));
  }
  return instances;
}

/** Splits instances by how much goes into one Write. */
function writesOf(objectId: number, instances: Instances, level: WriteLevel): readonly BootstrapWrite[] {
  if (instances.size === 0) return [];
  switch (level) {
    case 'object':
      return [{ path: pathOf(objectId), content: { kind: 'object', instances } }];
    case 'object-instance':
      return [...instances].map(([id, resources]) => ({
        path: pathOf(objectId, id),
        content: { kind: 'object-instance', resources },
      }));
    case 'resource':
      return [...instances].flatMap(([id, resources]) =>
        [...resources].map(([resourceId, resource]): BootstrapWrite => ({
          path: pathOf(objectId, id, resourceId),
          content: { kind: 'resource', resource },
        })),
      );
  }
}

/** The entries of the configuration, and one for each server's own instance of Object 1 that it has none for. */
function accessControlEntries(
  configuration: GivenConfiguration,
  allotted: AllottedInstances,
  present: DeviceInstances | undefined,
): readonly AccessControlEntry[] {
  const { servers, accessControl = [] } = configuration;
  if (accessControl.length === 0) return [];
  const given = accessControl === 'shared' ? sharedEntries(configuration, present) : accessControl;
  const ownEntries = servers.flatMap(({ shortServerId }, index): readonly AccessControlEntry[] => {
    const objectInstanceId = idAt(allotted.server, index);
    const isGiven = given.some(
      (entry) => entry.objectId === 1 && entry.objectInstanceId === objectInstanceId,
    );
    const acl = new Map([[shortServerId, fullAccess]]);
    return isGiven ? [] : [{ objectId: 1, objectInstanceId, owner: shortServerId, acl }];
  });
  return [...ownEntries, ...given];
}

/** Full rights for all servers on all that the device has, and on what is written to it. */
function sharedEntries(
  { servers, writes = [] }: GivenConfiguration,
  present: DeviceInstances | undefined,
): readonly AccessControlEntry[] {
  const [first] = servers;
  if (first === undefined) return [];
  const everybody = (rights: number): ReadonlyMap<number, number> =>
    new Map(servers.map(({ shortServerId }) => [shortServerId, rights]));
  const owner = first.shortServerId;
  const entries: AccessControlEntry[] = [];
  for (const [objectId, ids] of idsByObject(present, writes)) {
    if (objectId <= 2) continue;
    for (const objectInstanceId of ids) {
      entries.push({ objectId, objectInstanceId, owner, acl: everybody(fullAccess) });
    }
    const acl = everybody(AccessRight.create);
    entries.push({ objectId, objectInstanceId: everyInstance, owner: bootstrapOwner, acl });
  }
  return entries;
}

function idsByObject(
  present: DeviceInstances | undefined,
  writes: readonly BootstrapWrite[],
): ReadonlyMap<number, ReadonlySet<number>> {
  const ids = new Map<number, Set<number>>();
  const add = (objectId: number, instanceIds: Iterable<number>): void => {
    const known = ids.get(objectId) ?? new Set();
    for (const id of instanceIds) known.add(id);
    ids.set(objectId, known);
  };
  for (const [objectId, instances] of present ?? []) {
    add(
      objectId,
      instances.map(({ objectInstanceId }) => objectInstanceId),
    );
  }
  for (const { path, content } of writes) add(path.objectId, instanceIdsOf(path, content));
  return new Map([...ids].sort(([a], [b]) => a - b));
}

function instanceIdsOf(
  path: ObjectPath | ObjectInstancePath | ResourcePath,
  content: BootstrapWrite['content'],
): Iterable<number> {
  if (path.kind !== 'object') return [path.objectInstanceId];
  return content.kind === 'object' ? content.instances.keys() : [];
}

/** There is one for each server: `allotInstances` made them so. */
function idAt(ids: readonly number[], index: number): number {
  const id = ids[index];
  if (id === undefined) throw new Error(`no instance was allotted to server ${index}`);
  return id;
}
