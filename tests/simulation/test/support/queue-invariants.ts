import assert from 'node:assert/strict';

import { milliseconds } from '@dunlin/base';
import { formatPath, type NotificationAttributesChange, pathOf, rootPath } from '@dunlin/lwm2m';
import { isFinished, type OperationRequest, type QueuedOperation, resultOf } from '@dunlin/server';

import { Counters } from './counter-object.ts';
import {
  checkExecutions,
  checkObservations,
  checkRegistrations,
  checkSizes,
  checkViolations,
  checkWrites,
} from './invariants.ts';
import { attributeNames, markOf, type QueueWorkload } from './queue-workload.ts';
import type { SimulatedDevice } from './simulated-device.ts';

const reading = Counters(0).reading.path;

/** All that must hold of devices in queue mode once everything has come to rest. */
export async function checkQueueMode(workload: QueueWorkload): Promise<void> {
  checkViolations(workload.base);
  assert.deepEqual(workload.requests?.violations ?? [], [], 'a request begins while a device sleeps');
  checkExecutions(workload.base);
  checkWrites(workload.base);
  await checkRegistrations(workload.base);
  await checkObservations(workload.base);
  checkSizes(workload.base);
  await checkAccepted(workload);
  for (const [key, count] of workload.ends)
    assert.equal(count, 1, `the end of ${key} is told ${count} times`);
  for (const device of workload.base.devices) {
    const operations = await operationsOf(workload, device);
    for (const operation of operations) checkOperation(operation, device);
    checkOrder(operations, device);
    await checkWishes(workload, device);
    await checkValue(workload, device);
  }
}

function operationsOf(workload: QueueWorkload, device: SimulatedDevice): Promise<readonly QueuedOperation[]> {
  return Promise.resolve(workload.base.server.deviceStore.operationsOf(device.name, { limit: Infinity }));
}

/** What was accepted is there, as it was accepted, whatever was killed; and what was taken back stays so. */
async function checkAccepted({ accepted, base }: QueueWorkload): Promise<void> {
  for (const { device, id, name, mark, isCancelled } of accepted) {
    const operation = await base.server.deviceStore.findOperation(device.name, id);
    assert.ok(operation !== undefined, `operation ${id} of ${device.name} was accepted and is lost`);
    assert.deepEqual([operation.request.name, markOf(operation.request)], [name, mark], 'another operation');
    if (isCancelled) assert.equal(operation.state.kind, 'cancelled', `operation ${id} comes back`);
  }
}

/** An operation is over, and its effect is what its state says. */
function checkOperation(operation: QueuedOperation, device: SimulatedDevice): void {
  const { id, request, state, attempts } = operation;
  const what = `operation ${id} of ${device.name} (${request.name}, ${state.kind}, ${attempts} attempts)`;
  if (device.client === undefined) assert.notEqual(state.kind, 'sent', `${what} does not end`);
  else assert.ok(isFinished(operation), `${what} does not end`);
  const mark = markOf(request);
  const lives = livesOf(request, mark, device);
  if (mark === undefined || lives === undefined) return;
  if (request.name === 'execute') {
    assert.ok(attempts <= 1, `${what} is sent more than once`);
    assert.equal(new Set(lives).size, lives.length, `${what} runs more than once in a life`);
  }
  if (state.kind === 'done') assert.ok(lives.length > 0, `${what} is done and had no effect`);
  const isRefused = state.kind === 'failed' && state.failure.reason === 'refused';
  if (attempts === 0 || (attempts === 1 && isRefused)) assert.deepEqual(lives, [], `${what} had an effect`);
}

function livesOf(
  { name }: OperationRequest,
  mark: number | undefined,
  { executions, writes }: SimulatedDevice,
): readonly number[] | undefined {
  if (mark === undefined) return undefined;
  return (name === 'execute' ? executions : writes).get(mark) ?? [];
}

/** What was done was done in the order of the ids. */
function checkOrder(operations: readonly QueuedOperation[], { name, firstRuns }: SimulatedDevice): void {
  let last = 0;
  for (const { id, request, state } of operations) {
    const mark = markOf(request);
    if (mark === undefined || state.kind !== 'done') continue;
    const ranAt = firstRuns.get(mark) ?? 0;
    assert.ok(ranAt >= last, `operation ${id} of ${name} runs before one that was asked for earlier`);
    last = ranAt;
  }
}

/** Every wish is active, its device does what is wished and nothing else, and it is what callers were told. */
async function checkWishes(workload: QueueWorkload, device: SimulatedDevice): Promise<void> {
  const { observations, attributes } = workload;
  const wishes = await workload.wishesOf(device);
  const wished = new Set<string>();
  const wishedAttributes = new Map<string, number>();
  for (const wish of wishes) {
    if (device.client !== undefined) {
      assert.equal(
        wish.state,
        'active',
        `the wish for ${wish.kind} of ${wish.path} of ${device.name}: ${wish.reason}`,
      );
    }
    if (wish.kind === 'observation') wished.add(wish.path);
    else for (const name of attributeNames) wishedAttributes.set(name, wish.change[name] ?? Number.NaN);
  }
  for (const path of [reading, pathOf(26_300, 0)].map(formatPath)) {
    const { isCertain, value } = observations.of(device.name, path);
    if (isCertain) assert.equal(wished.has(path), value, `the wish to observe ${path} of ${device.name}`);
    // One whose withdrawal had no answer may go on for as long as its registration.
    if (device.client !== undefined && isCertain && !wished.has(path))
      assert.ok(!device.relations.has(path), `${device.name} notifies ${path}, which nobody wishes any more`);
  }
  for (const name of attributeNames) {
    const { isCertain, value } = attributes.of(device.name, name);
    const kept = wishedAttributes.get(name) ?? Number.NaN;
    if (isCertain) assert.equal(kept, value ?? Number.NaN, `the wish for ${name} of ${device.name}`);
  }
}

/** The last known value of a reading that is observed is what the device has. */
async function checkValue({ base }: QueueWorkload, device: SimulatedDevice): Promise<void> {
  if (device.client === undefined || !device.relations.has(formatPath(reading))) return;
  const values = await base.server.deviceStore.valuesOf(device.name, rootPath);
  const known = values.find(({ path }) => path === formatPath(reading))?.resource;
  assert.ok(known?.kind === 'single', `the reading of ${device.name} is not known`);
  assert.equal(
    Number(known.value),
    device.readings.at(-1)?.value,
    `the last known reading of ${device.name}`,
  );
}

/** The attributes that a device has are those that are wished. */
export async function checkAttributes(workload: QueueWorkload): Promise<void> {
  const { base } = workload;
  const ids = new Map<SimulatedDevice, readonly [id: number, change: NotificationAttributesChange]>();
  for (const device of base.devices) {
    if (device.client === undefined) continue;
    const wishes = await workload.wishesOf(device);
    const wish = wishes.find(({ kind }) => kind === 'attributes');
    const change = wish?.kind === 'attributes' ? wish.change : {};
    const queued = base.handle(device)?.operations.enqueue({ name: 'discover', target: reading });
    base.track('ask for the attributes', undefined, queued, (outcome) => {
      if ('error' in outcome) throw outcome.error;
      ids.set(device, [outcome.value.id, change]);
    });
  }
  await base.network.run(milliseconds(8_000_000));
  checkViolations(base);
  for (const [device, [id, change]] of ids) {
    const operation = await base.server.deviceStore.findOperation(device.name, id);
    assert.ok(operation !== undefined);
    const result = resultOf(operation);
    assert.ok(result.kind === 'links');
    const found = result.links[0]?.attributes ?? {};
    for (const name of attributeNames) {
      assert.equal(found[name] ?? undefined, change[name] ?? undefined, `${name} of ${device.name}`);
    }
  }
}
