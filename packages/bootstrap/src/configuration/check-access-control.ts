import { maxId } from '@dunlin/lwm2m';

import {
  AccessRight,
  bootstrapOwner,
  everyInstance,
  fullAccess,
  type AccessControlEntry,
} from './access-control.ts';
import { type BootstrapConfiguration, bootstrapConfigurationDefaults } from './bootstrap-configuration.ts';
import { configurationLimits as limits } from './configuration-limits.ts';
import type { Problems } from './configuration-problem.ts';

/** What is wrong with the access control of a configuration (R-261, R-602, R-610, 1.0 E.3). */
export function checkAccessControl(configuration: BootstrapConfiguration, problems: Problems): void {
  const { servers, accessControl = [] } = configuration;
  const deletes = configuration.deletes ?? bootstrapConfigurationDefaults.deletes;
  if (accessControl.length === 0) {
    if (servers.length > 1) {
      problems.add(
        'accessControl',
        'must be there with more than one server, since none may do anything otherwise (1.0 §7.3): ' +
          'give entries, or "shared"',
      );
    }
    return;
  }
  const isCleared = deletes.some(
    (path) => path.kind === 'root' || (path.kind === 'object' && path.objectId === 2),
  );
  if (!isCleared) problems.add('deletes', 'must have /2 or / with accessControl, which takes its place');
  if (accessControl === 'shared') {
    if (servers.length === 0) problems.add('accessControl', 'must not be "shared" without a server');
    return;
  }
  problems.count('accessControl', accessControl.length, limits.accessControl);
  const shortServerIds = new Set(servers.map(({ shortServerId }) => shortServerId));
  const seen = new Set<string>();
  for (const [index, entry] of accessControl.entries()) {
    checkEntry(`accessControl.${index}`, entry, shortServerIds, problems);
    const key = `${entry.objectId}/${entry.objectInstanceId}`;
    if (seen.has(key)) problems.add(`accessControl.${index}`, `must not be for /${key} as well`);
    seen.add(key);
  }
}

function checkEntry(
  field: string,
  { objectId, objectInstanceId, owner, acl }: AccessControlEntry,
  shortServerIds: ReadonlySet<number>,
  problems: Problems,
): void {
  problems.number(`${field}.objectId`, objectId, 1, maxId - 1);
  // Rights on Object 2 itself are not defined.
  if (objectId === 2) problems.add(`${field}.objectId`, 'must not be 2');
  problems.number(`${field}.objectInstanceId`, objectInstanceId, 0, everyInstance);
  const isForCreation = objectInstanceId === everyInstance;
  if (owner !== bootstrapOwner && (isForCreation || !shortServerIds.has(owner))) {
    problems.add(
      `${field}.owner`,
      isForCreation
        ? `must be ${bootstrapOwner} for an entry about creation (1.0 §7.3.1.2.1)`
        : `must be the shortServerId of one of the servers, or ${bootstrapOwner}`,
    );
  }
  for (const [shortServerId, rights] of acl) {
    if (shortServerId !== 0 && !shortServerIds.has(shortServerId)) {
      problems.add(
        `${field}.acl.${shortServerId}`,
        'must be that of one of the servers, or 0 for all others',
      );
    }
    const possible = isForCreation ? AccessRight.create : fullAccess;
    if (!Number.isInteger(rights) || rights < 0 || (rights & ~possible) !== 0) {
      problems.add(
        `${field}.acl.${shortServerId}`,
        isForCreation
          ? 'can only have the right to create'
          : 'can only have the rights to read, write, execute and delete',
      );
    }
  }
}
