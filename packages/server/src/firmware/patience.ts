import { addDuration, earliestOf, type Instant } from '@dunlin/base';

import type { Registration } from '../registration.ts';
import type { ServerContext } from '../server-context.ts';
import { type ActiveUpdate, withState } from './active-update.ts';
import type { FirmwareUpdate } from './firmware-update.ts';

/**
 * When an update has stood still for too long; `undefined` for never, as an image that waits to be installed may wait,
 * and so may one that waits for its turn. It counts from when the update came on last, and no earlier than this process
 * could know: from its start, and from when the device was back.
 */
export function endOfPatience(
  { update, isInLine, reachedAt }: ActiveUpdate,
  registration: Registration | undefined,
  { limits, presence, now }: ServerContext,
  startedAt: Instant | undefined,
): Instant | undefined {
  if (isInLine) return undefined;
  const { activeAt } = update;
  const lifetime = addDuration(activeAt, limits.firmwareLifetime);
  const patience = addDuration(latestOf(activeAt, reachedAt, startedAt), limits.firmwarePatience);
  switch (update.state.kind) {
    case 'downloaded':
      return update.install === 'manual' ? undefined : lifetime;
    case 'cancelling':
      return lifetime;
    case 'installing':
      return patience;
    case 'waiting':
    case 'transferring': {
      const isHere = registration !== undefined && presence.isReachable(registration, now());
      return isHere ? earliestOf(patience, lifetime) : lifetime;
    }
    case 'succeeded':
    case 'failed':
    case 'cancelled':
      return undefined;
  }
}

/** How an update ends that has stood still for too long. */
export function givenUp(
  update: FirmwareUpdate,
  registration: Registration | undefined,
  at: Instant,
): FirmwareUpdate {
  const { endpointName, activeAt, log } = update;
  if (update.state.kind === 'cancelling') {
    const message = `${endpointName} could not be told to forget the image`;
    return withState(update, { kind: 'cancelled', at }, at, message);
  }
  const minutes = Math.round((at - activeAt) / 60_000);
  const where = registration === undefined ? ', which is not registered,' : '';
  const last = log.at(-1)?.message ?? 'nothing was heard of it';
  const message = `the update of ${endpointName}${where} has stood still for ${minutes} minutes; last: ${last}`;
  return withState(update, { kind: 'failed', at, failure: { reason: 'no-progress', message } }, at, message);
}

function latestOf(first: Instant, ...others: readonly (Instant | undefined)[]): Instant {
  let latest = first;
  for (const other of others) if (other !== undefined && other > latest) latest = other;
  return latest;
}
