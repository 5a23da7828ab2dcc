import { milliseconds, seconds } from '@dunlin/base';
import { formatPath, type NotificationAttributesChange, pathOf, type ResourceContent } from '@dunlin/lwm2m';
import {
  type DesiredState,
  OperationCancelledError,
  type OperationInput,
  type OperationRequest,
  type QueuedOperation,
} from '@dunlin/server';

import { type Action, disasters } from './actions.ts';
import { Counters } from './counter-object.ts';
import { RequestWatch } from './request-watch.ts';
import type { SimulatedDevice } from './simulated-device.ts';
import { WishRecord } from './wish-record.ts';
import { Workload } from './workload.ts';

/** An operation that the server told its caller it has. */
export interface Accepted {
  readonly device: SimulatedDevice;
  readonly id: number;
  readonly name: OperationRequest['name'];
  /** The number that shows its effect, if it has one. */
  readonly mark: number | undefined;
  isCancelled: boolean;
}

/** What keeping or changing something in a store is given, in milliseconds. */
const storePatience = 5000;

/** A caller without a timeout waits until the device wakes and his turn comes, again and again. */
const patience = 8_000_000;

export const attributeNames = ['pmin', 'pmax'] as const;

const awakeWindows = [milliseconds(93_000), milliseconds(20_000)];

const week = 604_800_000;

const instance = pathOf(26_300, 0);
const reading = Counters(0).reading.path;

/** Devices in queue mode, and everything that is asked of them while they sleep, wake and break down. */
export class QueueWorkload {
  readonly base: Workload;
  readonly accepted: Accepted[] = [];
  /** How often the end of an operation was told, by device and id. */
  readonly ends = new Map<string, number>();
  /** Whether the observation of a path is wished. */
  readonly observations = new WishRecord<boolean>(false);
  /** The value of an attribute of the reading that is wished, in seconds. */
  readonly attributes = new WishRecord<number | null>(null);
  /** Only where requests can be seen. */
  readonly requests: RequestWatch | undefined;

  constructor(seed: number, isSecure: boolean) {
    this.base = new Workload(seed, 2, {
      isSecure,
      binding: 'UQ',
      lifetimes: [300, 900, 3600],
      awakeWindows,
      patience,
    });
    this.base.server.opened = (server) => {
      this.observations.crashed();
      this.attributes.crashed();
      // Observations are established anew at any time, and each has an order of its own.
      for (const { name } of this.base.devices) this.base.server.beginning.set(name, 1);
      server.operationFinished.subscribe(({ endpointName, id }) => {
        const key = `${endpointName} ${id}`;
        this.ends.set(key, (this.ends.get(key) ?? 0) + 1);
      });
    };
    this.requests = isSecure ? undefined : new RequestWatch(this.base.network, milliseconds(93_000));
  }

  async run(): Promise<void> {
    await this.base.start();
    await this.base.run(40, this.#actions, [0, 500, 10_000, 60_000, 200_000]);
    for (const device of this.base.devices) device.grow();
    await this.base.quiet(patience + 100_000);
    for (const device of this.base.devices) device.grow();
    // Long enough for every device to wake, and for what waits to be done.
    await this.base.quiet(patience);
  }

  /** What the server says of the wishes for a device. */
  async wishesOf(device: SimulatedDevice): Promise<readonly DesiredState[]> {
    let wishes: readonly DesiredState[] | undefined;
    const listed = this.base.handle(device)?.desired.list();
    this.base.track('list the wishes', storePatience, listed, (outcome) => {
      if ('value' in outcome) wishes = outcome.value;
    });
    await this.base.network.runUntil(() => wishes !== undefined, milliseconds(storePatience));
    return wishes ?? [];
  }

  readonly #actions: readonly Action[] = [
    [12, 'enqueue an Execute', (_, device) => this.#enqueueExecute(device)],
    [10, 'enqueue a Write', (_, device) => this.#enqueueWrite(device)],
    [8, 'enqueue a Read', (_, device) => this.#enqueue(device, { name: 'read', target: instance })],
    [2, 'enqueue a Create', (_, device) => this.#enqueueCreate(device)],
    [2, 'enqueue a Delete', (_, device) => this.#enqueue(device, { name: 'delete', target: '/26300/3' })],
    [4, 'cancel an operation', (_, device) => this.#cancel(device)],
    [4, 'wait for an operation', (_, device) => this.#waitFor(device)],
    [3, 'execute', (workload, device) => workload.execute(device)],
    [3, 'write a pair', (workload, device) => workload.writePair(device)],
    [4, 'read', (workload, device) => workload.readPair(device)],
    [3, 'read and go away', (_, device) => this.#readImpatiently(device)],
    [6, 'wish an observation', (_, device) => this.#wishObservation(device)],
    [3, 'withdraw an observation', (_, device) => this.#withdrawObservation(device)],
    [5, 'wish attributes', (_, device) => this.#wishAttributes(device)],
    [2, 'withdraw attributes', (_, device) => this.#withdrawAttributes(device)],
    [8, 'grow', (_, device) => device.grow()],
    [6, 'update', (_, device) => device.client?.update()],
    [2, 'restart of the server', (workload) => workload.restartServer()],
    ...disasters.filter(([, name]) => name !== 'noise'),
  ];

  #enqueueExecute(device: SimulatedDevice): void {
    const mark = this.base.nextValue();
    this.#enqueue(device, { name: 'execute', target: Counters(0).run.path, arguments: `0='${mark}'` }, mark);
  }

  #enqueueWrite(device: SimulatedDevice): void {
    const mark = this.base.nextValue();
    const input: OperationInput = this.base.pick([
      { name: 'write-update', target: instance, value: { 0: mark, 1: mark } },
      { name: 'write-replace', target: Counters(0).lonely, value: mark },
    ]);
    this.#enqueue(device, input, mark);
  }

  #enqueueCreate(device: SimulatedDevice): void {
    const value = this.base.nextValue();
    const resources = { 0: value, 1: value };
    this.#enqueue(device, { name: 'create', target: '/26300', resources, objectInstanceId: 3 });
  }

  #enqueue(device: SimulatedDevice, input: OperationInput, mark?: number): void {
    const lifetime = milliseconds(this.base.pick([week, week, 30_000, 400_000]));
    const queued = this.base.handle(device)?.operations.enqueue(input, { lifetime });
    this.base.track(`enqueue ${input.name} ${mark ?? ''}`, storePatience, queued, (outcome) => {
      if (!('value' in outcome)) return;
      const { id } = outcome.value;
      this.accepted.push({ device, id, name: input.name, mark, isCancelled: false });
    });
  }

  #cancel(device: SimulatedDevice): void {
    const accepted = this.#anyOf(device);
    if (accepted === undefined) return;
    const cancelled = this.base.handle(device)?.operations.cancel(accepted.id);
    this.base.track(`cancel operation ${accepted.id}`, storePatience, cancelled, (outcome) => {
      if ('value' in outcome && outcome.value?.state.kind === 'cancelled') accepted.isCancelled = true;
    });
  }

  #waitFor(device: SimulatedDevice): void {
    const accepted = this.#anyOf(device);
    if (accepted === undefined) return;
    const timeout = this.base.pick([milliseconds(20_000), milliseconds(500_000)]);
    const finished = this.base.handle(device)?.operations.finished(accepted.id, { timeout });
    this.base.track(`wait for operation ${accepted.id}`, timeout, finished, (outcome) => {
      if ('value' in outcome && (outcome.value === undefined || isOpen(outcome.value)))
        this.base.tracker.violation(`operation ${accepted.id} is not finished, and is said to be`);
    });
  }

  /** A caller who does not wait for long. */
  #readImpatiently(device: SimulatedDevice): void {
    const given = new AbortController();
    const delay = this.base.pick([0, 3000, 100_000]);
    const read = this.base.handle(device)?.readContent(instance, { signal: given.signal });
    const { network } = this.base;
    network.at((network.clock.now + delay) as typeof network.clock.now, () =>
      given.abort(new OperationCancelledError('the caller went away')),
    );
    this.base.track('an impatient read', delay, read);
  }

  #wishObservation(device: SimulatedDevice): void {
    const path = this.base.pick([reading, reading, instance]);
    const wish = this.observations.of(device.name, formatPath(path));
    const wished = this.base.handle(device)?.desired.observe(path);
    if (wished === undefined) return;
    const settled = wish.begin(true);
    this.base.track(`wish to observe ${formatPath(path)}`, undefined, wished, settled);
  }

  #withdrawObservation(device: SimulatedDevice): void {
    const path = this.base.pick([reading, instance]);
    const wish = this.observations.of(device.name, formatPath(path));
    const withdrawn = this.base.handle(device)?.desired.withdrawObservation(path);
    if (withdrawn === undefined) return;
    const settled = wish.begin(false);
    this.base.track(`withdraw the observation of ${formatPath(path)}`, undefined, withdrawn, settled);
  }

  #wishAttributes(device: SimulatedDevice): void {
    const change: NotificationAttributesChange = this.base.pick([
      { pmin: seconds(this.base.pick([1, 2, 3])) },
      { pmax: seconds(this.base.pick([200, 300, 400])) },
      { pmin: null },
      { pmin: seconds(4), pmax: seconds(500) },
    ]);
    const set = this.base.handle(device)?.desired.setAttributes(reading, change);
    if (set !== undefined) this.#trackAttributes(device, change, set);
  }

  #withdrawAttributes(device: SimulatedDevice): void {
    const withdrawn = this.base.handle(device)?.desired.withdrawAttributes(reading);
    if (withdrawn !== undefined) this.#trackAttributes(device, { pmin: null, pmax: null }, withdrawn);
  }

  #trackAttributes(
    device: SimulatedDevice,
    change: NotificationAttributesChange,
    changed: Promise<unknown>,
  ): void {
    const settled = attributeNames.flatMap((name) => {
      const value = change[name];
      return value === undefined ? [] : [this.attributes.of(device.name, name).begin(value)];
    });
    this.base.track(`wish attributes ${JSON.stringify(change)}`, undefined, changed, (outcome) => {
      for (const settle of settled) settle(outcome);
    });
  }

  #anyOf(device: SimulatedDevice): Accepted | undefined {
    const mine = this.accepted.filter((accepted) => accepted.device === device);
    return mine.length === 0 ? undefined : this.base.pick(mine);
  }
}

/** The number that shows the effect of a request, if it has one. */
export function markOf(request: OperationRequest): number | undefined {
  switch (request.name) {
    case 'execute':
      return Number(/'(\d+)'/.exec(request.arguments)?.[1]);
    case 'write-replace':
    case 'write-update': {
      const { content } = request;
      if (content.kind === 'resource') return numberOf(content.resource);
      return content.kind === 'object-instance' ? numberOf(content.resources.get(0)) : undefined;
    }
    case 'read':
    case 'discover':
    case 'delete':
    case 'create':
    case 'write-attributes':
      return undefined;
  }
}

function numberOf(resource: ResourceContent | undefined): number | undefined {
  return resource?.kind === 'single' ? Number(resource.value) : undefined;
}

function isOpen({ state }: QueuedOperation): boolean {
  return state.kind === 'waiting' || state.kind === 'sent';
}
