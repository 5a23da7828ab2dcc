import {
  type Instant,
  type Milliseconds,
  milliseconds,
  type Random,
  seconds,
  seededRandom,
} from '@dunlin/base';
import { udpPeer } from '@dunlin/coap';
import type { Device } from '@dunlin/server';
import { type BindingMode, pathOf } from '@dunlin/lwm2m';
import { roughConditions, SimulatedNetwork } from '@dunlin/simulation';

import type { Action } from './actions.ts';
import { blobOf, isWholeBlob, makePlausible } from './bytes.ts';
import { Counters } from './counter-object.ts';
import type { SecureTerms } from './secure-channel.ts';
import { note, traceWhenAsked } from './seeds.ts';
import { SimulatedDevice } from './simulated-device.ts';
import { SimulatedServer } from './simulated-server.ts';
import { PromiseTracker } from './tracker.ts';

/**
 * What an operation is given to settle in when nothing is said: two requests (Write-Attributes and Observe), each
 * with its turn among others (247 s) and its answer (93 s), which may come in a few blocks.
 */
const patienceDefault = 900_000;

/** The same, for what takes no time but that of the store. */
const storePatience = 5000;

/** What the devices of a workload are like; what is not said is as for those that always listen. */
export interface WorkloadOptions {
  /** Default false. */
  readonly isSecure?: boolean;
  readonly binding?: BindingMode;
  readonly lifetimes?: readonly number[];
  /** For how long devices in queue mode may listen after their messages. */
  readonly awakeWindows?: readonly Milliseconds[];
  /** What an operation without a timeout is given to settle in, in milliseconds. */
  readonly patience?: number;
}

/** Devices and a server on a rough network, and everything that happens to them, drawn from a seed. */
export class Workload {
  readonly network: SimulatedNetwork;
  readonly server: SimulatedServer;
  readonly devices: readonly SimulatedDevice[];
  readonly tracker: PromiseTracker;
  /** Execute arguments by whether the server had an answer. */
  readonly executions = new Map<
    number,
    { readonly device: SimulatedDevice; outcome: 'answered' | 'refused' | 'unknown' }
  >();
  readonly writes = new Map<
    number,
    { readonly device: SimulatedDevice; outcome: 'answered' | 'refused' | 'unknown'; mayRepeat: boolean }
  >();
  readonly startedAt: Instant;
  readonly #random: Random;
  readonly #secure: SecureTerms | undefined;
  readonly #patience: number;
  #lastValue = 0;

  constructor(seed: number, deviceCount: number, options: WorkloadOptions = {}) {
    const { binding = 'U', lifetimes = [30, 120, 600], awakeWindows, patience = patienceDefault } = options;
    this.#patience = patience;
    this.#random = seededRandom(seed ^ 0x5eed);
    this.network = new SimulatedNetwork(seed, {
      ...roughConditions,
      loss: this.pick([0, 0.05, 0.2]),
      duplication: this.pick([0, 0.05, 0.3]),
      reordering: this.pick([0, 0.1, 0.3]),
      rebinding: this.pick([0, 0, 0.02]),
    });
    this.startedAt = this.network.clock.now;
    traceWhenAsked(this.network);
    this.#secure = options.isSecure === true ? this.#drawTerms() : undefined;
    this.server = new SimulatedServer(this.network, this.pick([0, 0, 1, 30]), this.#secure);
    this.tracker = new PromiseTracker(() => this.network.clock.now);
    this.devices = Array.from(
      { length: deviceCount },
      (_, index) =>
        new SimulatedDevice(this.network, {
          name: `device-${index}`,
          address: `10.0.1.${index + 1}`,
          port: this.pick([0, 5683]),
          lifetime: this.pick(lifetimes),
          binding,
          ...(awakeWindows !== undefined && { awakeWindow: this.pick(awakeWindows) }),
          nextValue: () => this.nextValue(),
          secure: this.#secure,
        }),
    );
  }

  /** Everybody starts. */
  async start(): Promise<void> {
    this.tracker.track('start of the server', storePatience, this.server.start());
    await this.network.run(milliseconds(500));
    for (const device of this.devices) await device.start();
    await this.network.run(milliseconds(2000));
  }

  /** `steps` random actions with random pauses of up to so many milliseconds between them. */
  async run(steps: number, actions: readonly Action[], pauses = [0, 50, 500, 3000, 10_000]): Promise<void> {
    for (let step = 0; step < steps; step += 1) {
      const device = this.pick(this.devices);
      const [, name, run] = this.#draw(actions);
      note(this.network, this.startedAt, `${name} (${device.name})`);
      run(this, device);
      await this.network.run(milliseconds(this.pick(pauses) * this.fraction()));
    }
  }

  /** Peace: the network is perfect and nobody does anything, for as long as all timers take. */
  async quiet(duration: number): Promise<void> {
    note(this.network, this.startedAt, 'peace');
    this.network.setConditions({ loss: 0, duplication: 0, reordering: 0, rebinding: 0 });
    await this.network.run(milliseconds(duration));
    // An Update may be under way at any moment, and before it a handshake.
    const passing = new Set(['updating', 'resolving']);
    const isSettled = (): boolean =>
      this.devices.every(({ client }) => client?.servers.every(({ state }) => !passing.has(state)) ?? true);
    await this.network.runUntil(isSettled, milliseconds(10_000)).catch(() => undefined);
  }

  execute(device: SimulatedDevice): void {
    const id = this.nextValue();
    const fact = { device, outcome: 'unknown' as 'answered' | 'refused' | 'unknown' };
    this.executions.set(id, fact);
    const options = this.fraction() < 0.3 ? { timeout: milliseconds(15_000) } : {};
    this.track(
      `execute ${id}`,
      options.timeout,
      this.handle(device)?.execute(Counters(0).run.path, `0='${id}'`, options),
      (outcome) => {
        if ('value' in outcome) fact.outcome = 'answered';
        else if (isRefusal(outcome.error)) fact.outcome = 'refused';
      },
    );
  }

  writePair(device: SimulatedDevice): void {
    const value = this.nextValue();
    const fact = { device, outcome: 'unknown' as 'answered' | 'refused' | 'unknown', mayRepeat: false };
    this.writes.set(value, fact);
    const written = this.handle(device)?.write(pathOf(26_300, 0), { 0: value, 1: value }, { mode: 'update' });
    this.track(`write ${value}`, undefined, written, (outcome) => {
      if ('value' in outcome) fact.outcome = 'answered';
      else if (isRefusal(outcome.error)) fact.outcome = 'refused';
    });
  }

  /** A PUT may be sent anew when the device moves meanwhile: it is idempotent (RFC 7252 §5.8.3). */
  writeAlone(device: SimulatedDevice): void {
    const value = this.nextValue();
    const start = this.network.clock.now;
    const fact = { device, outcome: 'unknown' as 'answered' | 'refused' | 'unknown', mayRepeat: false };
    this.writes.set(value, fact);
    this.track(
      `write ${value} alone`,
      undefined,
      this.handle(device)?.write(Counters(0).lonely, value),
      (outcome) => {
        fact.mayRepeat = device.lastMove >= start || this.network.counts.rebound > 0;
        if ('value' in outcome) fact.outcome = 'answered';
        else if (isRefusal(outcome.error)) fact.outcome = 'refused';
      },
    );
  }

  readPair(device: SimulatedDevice): void {
    const start = this.network.clock.now;
    const read = this.handle(device)?.readContent(pathOf(26_300, 0));
    this.track('read', undefined, read, (outcome) => {
      if (!('value' in outcome)) return;
      const { value: content } = outcome;
      if (content.kind !== 'object-instance') throw new Error(`a Read gives ${content.kind}`);
      const [first, second, lonely] = [0, 1, 4].map((id) => {
        const resource = content.resources.get(id);
        return resource?.kind === 'single' ? Number(resource.value) : undefined;
      });
      if (first !== second) throw new Error(`a Read sees half a Write: ${first} and ${second}`);
      expectAmong(first, device.valuesSince(device.pairs, start));
      expectAmong(lonely, device.valuesSince(device.lonely, start));
    });
  }

  /** Travels in blocks, unless the draw is short. */
  writeBlob(device: SimulatedDevice): void {
    const value = this.nextValue();
    const blob = blobOf(value, this.pick([1, 900, 3000, 9000]));
    const written = this.handle(device)?.write(Counters(0).blob, blob);
    this.track(`write blob ${value}`, undefined, written);
  }

  readBlob(device: SimulatedDevice): void {
    this.track('read a blob', undefined, this.handle(device)?.read(Counters(0).blob), (outcome) => {
      if ('value' in outcome && !isWholeBlob(outcome.value)) throw new Error('a blob is a mixture');
    });
  }

  create(device: SimulatedDevice): void {
    const id = 1 + Math.floor(this.fraction() * 4);
    const value = this.nextValue();
    const options = this.fraction() < 0.5 ? { objectInstanceId: id } : {};
    const created = this.handle(device)?.create(pathOf(26_300), { 0: value, 1: value }, options);
    this.track('create', undefined, created);
  }

  delete(device: SimulatedDevice): void {
    const id = 1 + Math.floor(this.fraction() * 4);
    this.track('delete', undefined, this.handle(device)?.delete(pathOf(26_300, id)));
  }

  observe(device: SimulatedDevice): void {
    const handle = this.handle(device);
    if (handle === undefined) return;
    // Without a maximum period a lost non-confirmable notification is never made up for.
    const options = {
      attributes: { pmin: seconds(this.pick([0, 1, 5])), pmax: seconds(this.pick([20, 60])) },
    };
    const isReading = this.fraction() < 0.7;
    const observation = isReading
      ? handle.observe(Counters(0).reading, options)
      : handle.observe(pathOf(26_300, this.pick([0, 1, 2])), options);
    const started: Promise<unknown> = observation.started();
    const { beginning } = this.server;
    const count = (change: number): void => {
      beginning.set(device.name, (beginning.get(device.name) ?? 0) + change);
    };
    count(1);
    this.track(`start to observe ${observation.path}`, undefined, started, () => count(-1));
  }

  cancel(device: SimulatedDevice): void {
    const way = this.pick(['active', 'passive'] as const);
    const cancelled = this.handle(device)?.cancelObservation(Counters(0).reading, { way });
    this.track(`cancel ${way}ly`, undefined, cancelled);
  }

  writeAttributes(device: SimulatedDevice): void {
    const change = { pmin: seconds(this.pick([0, 2, 10])), pmax: seconds(this.pick([15, 30])) };
    const written = this.handle(device)?.writeAttributes(Counters(0).reading, change);
    this.track('write attributes', undefined, written);
  }

  changeNetwork(device: SimulatedDevice): void {
    device.lastMove = this.network.clock.now;
    const changed = device.client?.networkChanged();
    if (changed !== undefined) this.tracker.track('change of network', 0, changed);
  }

  rebindSilently(device: SimulatedDevice): void {
    device.lastMove = this.network.clock.now;
    device.shell?.rebind().catch(() => undefined);
  }

  blackOut(): void {
    const { address } = this.fraction() < 0.5 ? { address: '10.0.0.1' } : { address: '10.0.1.1' };
    this.network.setConditionsAt(address, { loss: 1 });
    const duration = milliseconds(this.pick([10_000, 60_000, 150_000]));
    this.network.at((this.network.clock.now + duration) as Instant, () =>
      this.network.setConditionsAt(address, undefined),
    );
  }

  /** Datagrams of chance, from strangers and in the name of those who know each other. */
  makeNoise(device: SimulatedDevice): void {
    const server = udpPeer('10.0.0.1', this.#secure === undefined ? 5683 : 5684);
    const peers = [server, device.shell?.peerHere ?? server, udpPeer('10.9.9.9', 9999)];
    for (let count = 0; count < 5; count += 1) {
      const datagram = this.#random.bytes(Math.floor(this.fraction() * 60));
      if (this.fraction() < 0.8) makePlausible(datagram, this.#secure !== undefined);
      this.network.inject(this.pick(peers), this.pick(peers), datagram);
    }
  }

  deregister(device: SimulatedDevice): void {
    if (this.server.isOpen) this.track('remove', storePatience, this.server.server.deregister(device.name));
  }

  restartServer(): void {
    if (!this.server.isOpen) return;
    if (this.fraction() < 0.5) {
      this.tracker.track('end of the server', storePatience, this.server.close());
    } else {
      this.server.crash();
      // Whoever waited was in the same process.
      this.tracker.abandon();
    }
    this.#later(this.pick([100, 20_000, 200_000]), 'start of the server', () => this.server.start());
  }

  restartDevice(device: SimulatedDevice): void {
    if (device.client === undefined) return;
    device.kill();
    this.#later(this.pick([100, 20_000]), 'start of a device', () => device.start());
  }

  closeDevice(device: SimulatedDevice): void {
    const { client } = device;
    if (client === undefined) return;
    device.leave();
    this.tracker.track('goodbye', 10_000, client.close());
    if (this.fraction() < 0.9) this.#later(20_000, 'return of a device', () => device.start());
  }

  #later(delay: number, name: string, run: () => Promise<void>): void {
    this.network.at((this.network.clock.now + delay) as Instant, () => {
      note(this.network, this.startedAt, name);
      this.tracker.track(name, storePatience, run());
    });
  }

  /** The device as the server that is open sees it. */
  handle(device: SimulatedDevice): Device | undefined {
    return this.server.isOpen ? this.server.server.device(device.name) : undefined;
  }

  /** Watches that a promise settles within `timeout`, or what everything is given. */
  track<T>(
    name: string,
    timeout: number | undefined,
    promise: Promise<T> | undefined,
    done?: (outcome: { readonly value: T } | { readonly error: Error }) => void,
  ): void {
    if (promise === undefined) return;
    this.tracker.track(name, timeout ?? this.#patience, promise, (outcome) => {
      note(this.network, this.startedAt, `${name}: ${'error' in outcome ? outcome.error.message : 'done'}`);
      done?.(outcome);
    });
  }

  #drawTerms(): SecureTerms {
    return {
      connectionIdLength: this.pick([8, 8, 'none']),
      isServerSaved: this.pick([true, true, false]),
      nextSeed: () => this.#random.uint32(),
      note: (text) => note(this.network, this.startedAt, text),
    };
  }

  /** Drawn from 0 to 1. */
  fraction(): number {
    return this.#random.fraction();
  }

  nextValue(): number {
    this.#lastValue += 1;
    return this.#lastValue;
  }

  #draw(actions: readonly Action[]): Action {
    let ticket = this.fraction() * actions.reduce((sum, [weight]) => sum + weight, 0);
    for (const action of actions) {
      ticket -= action[0];
      if (ticket < 0) return action;
    }
    return this.pick(actions);
  }

  pick<T>(choices: readonly T[]): T {
    const choice = choices[Math.floor(this.fraction() * choices.length)];
    if (choice === undefined) throw new Error('there is nothing to choose from');
    return choice;
  }
}

function isRefusal(error: Error): boolean {
  return 'code' in error && error.code === 'response';
}

function expectAmong(value: number | undefined, values: readonly number[]): void {
  if (value === undefined || !values.includes(value)) {
    throw new Error(`a Read gives ${value}, while the device had ${values.join(', ')}`);
  }
}
