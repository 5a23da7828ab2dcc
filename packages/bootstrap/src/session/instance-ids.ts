import type { BootstrapConfiguration } from '../configuration/bootstrap-configuration.ts';
import { bootstrapServerIds, type DeviceInstances } from './device-instances.ts';
import { sequenceFailure, type SequenceFailure } from './sequence.ts';

/** Which instances the accounts of a configuration become, in the order of its servers. */
export interface AllottedInstances {
  readonly security: readonly number[];
  readonly server: readonly number[];
  /** Set when there is an account of the Bootstrap-Server. */
  readonly bootstrapServer: number | undefined;
}

/**
 * Gives every account its instances: those that the configuration names, those that the device has for the same Short
 * Server ID, or the lowest that are free. The account of the Bootstrap-Server is never overwritten by another: a device
 * that lost it could not come back.
 */
export function allotInstances(
  configuration: BootstrapConfiguration,
  present: DeviceInstances | undefined,
): AllottedInstances | SequenceFailure {
  const { servers, bootstrapServer } = configuration;
  if (present === undefined && hasOpenInstances(configuration)) {
    return sequenceFailure(
      'does not say what it has, so that the configuration must say into which instances its accounts go ' +
        '(securityInstanceId, serverInstanceId)',
    );
  }
  const own = ownInstance(configuration, present);
  if (typeof own === 'object') return own;
  const reserved = present === undefined ? [] : bootstrapServerIds(present);
  const clash = servers.find(({ securityInstanceId: id }) => id !== undefined && reserved.includes(id));
  if (clash !== undefined) {
    return sequenceFailure(
      `has the account of its Bootstrap-Server in /0/${clash.securityInstanceId}, where the configuration puts another`,
    );
  }
  const security = allot(
    servers.map(({ securityInstanceId, shortServerId }) => ({ id: securityInstanceId, shortServerId })),
    present?.get(0) ?? [],
    own === undefined ? reserved : [...reserved, own],
  );
  const server = allot(
    servers.map(({ serverInstanceId, shortServerId }) => ({ id: serverInstanceId, shortServerId })),
    present?.get(1) ?? [],
    [],
  );
  return { security, server, bootstrapServer: bootstrapServer === undefined ? undefined : own };
}

function hasOpenInstances({ servers, bootstrapServer }: BootstrapConfiguration): boolean {
  return (
    servers.some(
      (account) => account.securityInstanceId === undefined || account.serverInstanceId === undefined,
    ) ||
    (bootstrapServer !== undefined && bootstrapServer.securityInstanceId === undefined)
  );
}

/** Where the account of the Bootstrap-Server goes; a device has one, so that a new one takes its place. */
function ownInstance(
  { servers, bootstrapServer }: BootstrapConfiguration,
  present: DeviceInstances | undefined,
): number | undefined | SequenceFailure {
  if (bootstrapServer === undefined) return undefined;
  const { securityInstanceId: wanted } = bootstrapServer;
  const [present0] = present === undefined ? [] : bootstrapServerIds(present);
  if (present0 === undefined || wanted === present0) {
    const named = servers.map(({ securityInstanceId }) => securityInstanceId);
    const taken = (present?.get(0) ?? []).map(({ objectInstanceId }) => objectInstanceId);
    return wanted ?? lowestFree([...named, ...taken]);
  }
  if (wanted === undefined) return present0;
  return sequenceFailure(
    `has the account of its Bootstrap-Server in /0/${present0}, and the configuration writes it to /0/${wanted}`,
  );
}

interface Wanted {
  readonly id: number | undefined;
  readonly shortServerId: number;
}

function allot(
  accounts: readonly Wanted[],
  present: NonNullable<ReturnType<DeviceInstances['get']>>,
  reserved: readonly number[],
): readonly number[] {
  const ofSameServer = accounts.map(({ id, shortServerId }) => {
    const found = present.find((instance) => instance.shortServerId === shortServerId);
    return id ?? found?.objectInstanceId;
  });
  const taken = [...reserved, ...present.map(({ objectInstanceId }) => objectInstanceId)];
  const ids: number[] = [];
  for (const known of ofSameServer) ids.push(known ?? lowestFree([...taken, ...ofSameServer, ...ids]));
  return ids;
}

function lowestFree(taken: readonly (number | undefined)[]): number {
  let id = 0;
  while (taken.includes(id)) id += 1;
  return id;
}
