import { ResponseCode } from '@dunlin/coap';
import { formatPath, isFormatFailure, parseBootstrapDiscovery, pathOf, rootPath } from '@dunlin/lwm2m';

import {
  bootstrapConfigurationDefaults as defaults,
  type GivenConfiguration,
} from '../configuration/bootstrap-configuration.ts';
import { deletions } from './deletion.ts';
import { type DeviceInstances, instancesOf } from './device-instances.ts';
import { type AllottedInstances, allotInstances } from './instance-ids.ts';
import { plannedWrites } from './planned-writes.ts';
import {
  isSequenceFailure,
  refusalText,
  type Sequence,
  sequenceFailure,
  type SequenceFailure,
} from './sequence.ts';
import { writings } from './writing.ts';

/**
 * Everything that is asked of a device to give it a configuration (1.0 §5.2.3.3): Discover, Deletes, Writes, and
 * Finish when all went well. Without Finish the device goes back to what it had, so that whatever goes
 * wrong costs nothing but time.
 *
 * Discover comes first, as its small request also shows whether the device is where it says it is; and what it finds
 * decides which instances are free, and which one is the account of the Bootstrap-Server.
 */
export function* bootstrapSequence(configuration: GivenConfiguration): Sequence<undefined> {
  const found = yield* discovery();
  if (isSequenceFailure(found) && configuration.accessControl === 'shared') return found;
  const present = isSequenceFailure(found) ? undefined : found;
  const left = yield* deletions(configuration.deletes ?? defaults.deletes, present);
  if (isSequenceFailure(left)) return left;
  const allotted = allotInstances(configuration, left);
  if (isSequenceFailure(allotted)) return allotted;
  const writes = plannedWrites(configuration, allotted, left);
  const written = yield* writings(writes, configuration.contentFormat ?? defaults.contentFormat);
  if (isSequenceFailure(written)) return written;
  if (configuration.isVerified ?? defaults.isVerified) {
    const verified = yield* verification(configuration, allotted);
    if (isSequenceFailure(verified)) return verified;
  }
  return yield* finish();
}

function* discovery(): Sequence<DeviceInstances> {
  const answer = yield { name: 'bootstrap-discover', path: rootPath };
  if (answer.kind === 'refused') return sequenceFailure(`refused Discover (${refusalText(answer)})`);
  const discovered = parseBootstrapDiscovery(answer.response.payload);
  return isFormatFailure(discovered)
    ? sequenceFailure(`answered Discover with something that is no list of links: ${discovered.reason}`)
    : instancesOf(discovered);
}

/** Asks the device whether it has the accounts (1.0 §5.2.7.3). */
function* verification(configuration: GivenConfiguration, allotted: AllottedInstances): Sequence<undefined> {
  const present = yield* discovery();
  if (isSequenceFailure(present)) return present;
  return problemOfAccounts(configuration, allotted, present);
}

function problemOfAccounts(
  { servers }: GivenConfiguration,
  { security, server, bootstrapServer }: AllottedInstances,
  present: DeviceInstances,
): SequenceFailure | undefined {
  for (const [objectId, ids] of [
    [0, security],
    [1, server],
  ] as const) {
    for (const [index, { shortServerId }] of servers.entries()) {
      const id = ids[index];
      const found = present.get(objectId)?.find(({ objectInstanceId }) => objectInstanceId === id);
      if (found?.shortServerId === shortServerId) continue;
      const path = id === undefined ? '' : formatPath(pathOf(objectId, id));
      return sequenceFailure(`does not have ${path} of the server ${shortServerId} after it took the Write`);
    }
  }
  const isThere = present.get(0)?.some(({ objectInstanceId }) => objectInstanceId === bootstrapServer);
  return bootstrapServer === undefined || isThere === true
    ? undefined
    : sequenceFailure(`does not have /0/${bootstrapServer} of the Bootstrap-Server after it took the Write`);
}

/** 4.06 is the device's own judgement of what it was given. */
function* finish(): Sequence<undefined> {
  const answer = yield { name: 'bootstrap-finish' };
  if (answer.kind === 'success') return undefined;
  return answer.code === ResponseCode.notAcceptable
    ? sequenceFailure(`finds what it was given inconsistent (${refusalText(answer)})`)
    : sequenceFailure(`refused Finish (${refusalText(answer)})`);
}
