import assert from 'node:assert/strict';

import { milliseconds } from '@dunlin/base';

import { Counters } from './counter-object.ts';
import type { SimulatedDevice } from './simulated-device.ts';
import type { Workload } from './workload.ts';

/** All that must hold once everything has come to rest. */
export async function checkEverything(workload: Workload): Promise<void> {
  checkViolations(workload);
  checkExecutions(workload);
  checkWrites(workload);
  await checkRegistrations(workload);
  await checkObservations(workload);
  checkNotifications(workload);
  checkSizes(workload);
  await checkReach(workload);
}

/**
 * A confirmable Execute runs once when it was answered, and once at most in any case: in one life of the device. After
 * a restart it knows nothing of the messages before, and one that was still on its way is new to it (RFC 7252 §4.5).
 */
export function checkExecutions({ executions }: Workload): void {
  for (const [id, { device, outcome }] of executions) {
    const lives = device.executions.get(id) ?? [];
    if (outcome === 'answered') assert.ok(lives.length > 0, `Execute ${id} was answered and did not run`);
    else if (outcome === 'refused') assert.deepEqual(lives, [], `Execute ${id} was refused and ran`);
    assert.equal(new Set(lives).size, lives.length, `Execute ${id} ran more than once in a life`);
  }
}

/** A Write that was acknowledged took place; one that was refused did not; none took place twice in a life, or half. */
export function checkWrites({ writes }: Workload): void {
  for (const [value, { device, outcome, mayRepeat }] of writes) {
    const lives = device.writes.get(value) ?? [];
    if (outcome === 'answered') assert.ok(lives.length > 0, `Write ${value} was acknowledged and lost`);
    if (outcome === 'refused') assert.deepEqual(lives, [], `Write ${value} was refused and took place`);
    if (!mayRepeat) assert.equal(new Set(lives).size, lives.length, `Write ${value} took place twice`);
  }
}

/** After quiet time a client believes to be registered exactly when the server has that registration. */
export async function checkRegistrations({ devices, server }: Workload): Promise<void> {
  for (const device of devices) {
    const registration = await server.store.findByEndpoint(device.name);
    const status = device.client?.servers[0];
    if (status === undefined) {
      assert.equal(registration, undefined, `${device.name} is gone, and still registered`);
      assert.equal(server.told.get(device.name), undefined, `no event tells that ${device.name} is gone`);
      continue;
    }
    assert.equal(
      server.told.get(device.name),
      registration?.id,
      'the events tell something else than the store',
    );
    assert.equal(status.state, 'registered', `${device.name} does not find back`);
    assert.ok(registration !== undefined, `${device.name} believes to be registered`);
    assert.equal(status.location, `/rd/${registration.id}`);
    assert.equal(registration.lifetime, device.lifetime);
    const { address, port } = registration.peer;
    const here = device.shell?.peerHere;
    assert.deepEqual([address, port], [here?.address, here?.port], 'the server knows another address');
    const instances = device.client?.objects.instanceIds(26_300) ?? [];
    assert.deepEqual(registration.objects.get(26_300)?.instances, [...instances], 'the object lists differ');
  }
}

/** After quiet time every relation of a client has its observation at the server, and none is of a device that is gone. */
export async function checkObservations({ devices, server, network }: Workload): Promise<void> {
  for (const device of devices) {
    const registration = await server.store.findByEndpoint(device.name);
    const stored = registration === undefined ? [] : await server.store.observationsOf(registration.id);
    const known = stored.map(({ path }) => path);
    for (const [path, count] of device.relations) {
      assert.ok(known.includes(path), `${device.name} notifies ${path}, which nobody observes`);
      assert.equal(count, 1, `${device.name} notifies ${path} ${count} times`);
    }
    for (const path of known) checkKnown(device, path, network.counts.rebound > 0);
  }
  for (const { registrationId, path } of await server.store.allObservations()) {
    const registration = await server.store.findById(registrationId);
    assert.ok(registration !== undefined, `the observation of ${path} outlived its registration`);
  }
}

/**
 * What the server cannot know: that a device gave up to notify where nobody acknowledged; and what a notification said,
 * or that its own Reset ended an observation, when it came from an address of which no Update had told yet
 * (RFC 7641 §3.6).
 */
function checkKnown(device: SimulatedDevice, path: string, mayHaveMoved: boolean): void {
  if (device.relations.has(path)) return;
  const reason = device.lostRelations.get(path);
  assert.ok(
    reason === 'unacknowledged' || (mayHaveMoved && (reason === 'cancelled' || reason === 'target-gone')),
    `the server believes to observe ${path} of ${device.name}, which ended it: ${reason}`,
  );
}

/** After quiet time the application has seen the newest reading of each device that is still observed. */
export function checkNotifications({ devices, server }: Workload): void {
  for (const device of devices) {
    if (device.client === undefined || !device.relations.has('/26300/0/2')) continue;
    const newest = device.readings.at(-1)?.value;
    assert.equal(server.seen.get(device.name)?.value, newest, `the newest reading of ${device.name}`);
  }
}

/** After quiet time nothing is under way, and a client keeps state for its relations and nobody else. */
export function checkSizes({ devices }: Workload): void {
  for (const device of devices) {
    const sizes = device.client?.sizes;
    if (sizes === undefined) continue;
    const { coap, observations, pendingOutputs } = sizes;
    assert.deepEqual(
      [coap.exchanges, coap.requests, coap.tokens, coap.observations, pendingOutputs],
      [0, 0, 0, 0, 0],
      `${device.name} is not at rest`,
    );
    // A large notification can be fetched block by block for a while.
    assert.ok(coap.transfers <= coap.relations, `${device.name} keeps ${coap.transfers} transfers`);
    const relations = [...device.relations.values()].reduce((sum, count) => sum + count, 0);
    assert.deepEqual([observations, coap.relations], [relations, relations], 'relations');
    assert.ok(coap.peers <= 1, `${device.name} keeps ${coap.peers} peers`);
  }
}

/** After quiet time the server reaches every device that is registered, wherever it has moved. */
async function checkReach({ devices, server, network }: Workload): Promise<void> {
  const present = devices.filter(({ client }) => client !== undefined);
  const reads = present.map(({ name }) => server.server.device(name).read(Counters(0).reading));
  const outcomes = Promise.allSettled(reads);
  await network.run(milliseconds(10_000));
  for (const [index, outcome] of (await outcomes).entries()) {
    const device = present[index];
    assert.equal(outcome.status, 'fulfilled', `${device?.name} cannot be read`);
    if (outcome.status === 'fulfilled') assert.equal(outcome.value, device?.readings.at(-1)?.value);
  }
}

/** What was noted on the way. */
export function checkViolations({ devices, server, tracker }: Workload): void {
  tracker.check();
  for (const device of devices) assert.deepEqual(device.violations, [], device.name);
  assert.deepEqual(server.violations, []);
}
