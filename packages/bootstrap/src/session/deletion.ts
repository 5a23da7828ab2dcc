import { codeClass, ResponseCode } from '@dunlin/coap';
import { formatPath, pathContains, pathOf } from '@dunlin/lwm2m';

import type { DeletePath } from '../configuration/bootstrap-configuration.ts';
import { bootstrapServerIds, deletedBy, type DeviceInstances, withoutDeleted } from './device-instances.ts';
import {
  isSequenceFailure,
  type OperationAnswer,
  refusalText,
  type Sequence,
  sequenceFailure,
} from './sequence.ts';

/** Deletes in order, and gives what is left, where it is known what there was. */
export function* deletions(
  paths: readonly DeletePath[],
  present: DeviceInstances | undefined,
): Sequence<DeviceInstances | undefined> {
  let left = present;
  for (const path of paths) {
    const result = yield* deletion(path, left);
    if (isSequenceFailure(result)) return result;
    left = left === undefined ? undefined : withoutDeleted(left, path);
  }
  return left;
}

/** Nothing is asked when there is nothing to delete. */
function* deletion(path: DeletePath, present: DeviceInstances | undefined): Sequence<undefined> {
  const affected = present === undefined ? undefined : affectedBy(path, present);
  if (affected?.length === 0 && !coversUnknownAccounts(path, present)) return undefined;
  const answer = yield { name: 'bootstrap-delete', path };
  if (answer.kind === 'success') return undefined;
  if (path.kind === 'object' && affected !== undefined && codeClass(answer.code) === 4) {
    return yield* deletionOfEach(path.objectId, affected);
  }
  // Without knowing what the device has, nothing may have been there to be deleted.
  return affected === undefined && meansNothingThere(answer) ? undefined : failed(path, answer);
}

/** The first version of 1.0 has Delete of instances and of Object 0 only: some devices take it at its word. */
function* deletionOfEach(objectId: number, instanceIds: readonly number[]): Sequence<undefined> {
  for (const objectInstanceId of instanceIds) {
    const path = pathOf(objectId, objectInstanceId);
    const answer = yield { name: 'bootstrap-delete', path };
    // The Delete of an account takes with it what belongs to the account.
    if (answer.kind === 'refused' && !meansNothingThere(answer)) return failed(path, answer);
  }
  return undefined;
}

function affectedBy(path: DeletePath, present: DeviceInstances): readonly number[] {
  return [...present].flatMap(([objectId, instances]) =>
    instances
      .filter((instance) => deletedBy(path, objectId, instance))
      .map(({ objectInstanceId }) => objectInstanceId),
  );
}

/** True when Short Server IDs do not tell which instance of Object 0 is the Bootstrap-Server's: the device knows. */
function coversUnknownAccounts(path: DeletePath, present: DeviceInstances | undefined): boolean {
  return present !== undefined && bootstrapServerIds(present).length > 1 && pathContains(path, pathOf(0));
}

type RefusedAnswer = Extract<OperationAnswer, { kind: 'refused' }>;

function meansNothingThere({ code }: RefusedAnswer): boolean {
  return code === ResponseCode.notFound || code === ResponseCode.badRequest;
}

function failed(path: DeletePath, answer: RefusedAnswer): ReturnType<typeof sequenceFailure> {
  return sequenceFailure(`refused to delete ${formatPath(path)} (${refusalText(answer)})`);
}
