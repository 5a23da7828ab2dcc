import {
  addDuration,
  DeadlineQueue,
  type Instant,
  type Milliseconds,
  milliseconds,
  type Random,
  type Scheduled,
  seededRandom,
  TransmissionError,
} from '@dunlin/base';
import { type Binding, type Driven, type Peer, udpPeer } from '@dunlin/coap';

import { SimulatedShell } from './simulated-shell.ts';
import { VirtualClock } from './virtual-clock.ts';

/** What the network does to datagrams. Probabilities are from 0 to 1 and drawn for each datagram. */
export interface NetworkConditions {
  readonly loss: number;
  readonly duplication: number;
  /** How likely a datagram is held back by up to `reorderingDelay`, so that later ones overtake it. */
  readonly reordering: number;
  readonly reorderingDelay: Milliseconds;
  /** One-way delay, drawn uniformly. */
  readonly delay: { readonly minimum: Milliseconds; readonly maximum: Milliseconds };
  /** Longer datagrams vanish. */
  readonly mtu: number;
  /** How likely the translator in front of a binding that is `behindNat` gives it another port before a datagram. */
  readonly rebinding: number;
}

/** A network on which nothing goes wrong, with a delay of 5 ms each way. */
export const perfectConditions: NetworkConditions = {
  loss: 0,
  duplication: 0,
  reordering: 0,
  reorderingDelay: milliseconds(0),
  delay: { minimum: milliseconds(5), maximum: milliseconds(5) },
  mtu: 65_507,
  rebinding: 0,
};

/** A bad radio: one datagram in twenty is lost, some come twice, some are overtaken. */
export const roughConditions: NetworkConditions = {
  loss: 0.05,
  duplication: 0.05,
  reordering: 0.1,
  reorderingDelay: milliseconds(3000),
  delay: { minimum: milliseconds(10), maximum: milliseconds(400) },
  mtu: 1280,
  rebinding: 0,
};

/** What became of the datagrams so far. */
export interface NetworkCounts {
  sent: number;
  delivered: number;
  lost: number;
  duplicated: number;
  rebound: number;
}

/** A datagram as a watcher of the network sees it. */
export interface ObservedDatagram {
  readonly at: Instant;
  readonly from: Peer;
  readonly to: Peer;
  readonly datagram: Uint8Array;
}

/** A core that asks to be woken this often at one instant makes no progress: it would hang a real process. */
const maxWakesAtOneInstant = 10_000;

interface Step extends Scheduled {
  readonly run: () => void;
}

/** The one timer of a shell, while it is armed. */
interface Alarm extends Scheduled {
  readonly shell: SimulatedShell;
}

/**
 * Joins any number of cores by a seeded network on virtual time: the same seed gives the same run.
 * Datagrams to an address where nobody listens vanish.
 */
export class SimulatedNetwork {
  readonly clock: VirtualClock;
  readonly counts: NetworkCounts = { sent: 0, delivered: 0, lost: 0, duplicated: 0, rebound: 0 };
  readonly #random: Random;
  readonly #shells = new Map<string, SimulatedShell>();
  readonly #alarms = new DeadlineQueue<Alarm>();
  readonly #steps = new DeadlineQueue<Step>();
  readonly #conditionsAt = new Map<string, Partial<NetworkConditions>>();
  readonly #watchers = new Set<(datagram: ObservedDatagram) => void>();
  #conditions: NetworkConditions;
  #nextPort = 49_152;

  constructor(
    seed: number,
    conditions: Partial<NetworkConditions> = {},
    clock: VirtualClock = new VirtualClock(),
  ) {
    this.clock = clock;
    this.#random = seededRandom(seed);
    this.#conditions = { ...perfectConditions, ...conditions };
  }

  /** Changes the conditions from now on. */
  setConditions(conditions: Partial<NetworkConditions>): void {
    this.#conditions = { ...this.#conditions, ...conditions };
  }

  /**
   * Changes the conditions for datagrams from and to one address, whatever its port; `undefined` makes them
   * those of everybody again.
   */
  setConditionsAt(address: string, conditions: Partial<NetworkConditions> | undefined): void {
    if (conditions === undefined) this.#conditionsAt.delete(address);
    else this.#conditionsAt.set(address, conditions);
  }

  /** A binding at an address of this network; port 0 takes a free one. */
  binding(address: string, port: number, options: { readonly behindNat?: boolean } = {}): Binding {
    return {
      open: (driven: Driven): Promise<SimulatedShell> => {
        const local = udpPeer(address, port === 0 ? this.#freePort() : port);
        if (this.#shells.has(local.key)) {
          return Promise.reject(new TransmissionError('not-sent', `${local.key} is in use`));
        }
        const shell = new SimulatedShell(this, driven, {
          local,
          random: seededRandom(this.#random.uint32()),
          behindNat: options.behindNat ?? false,
        });
        this.#shells.set(local.key, shell);
        shell.arm();
        return Promise.resolve(shell);
      },
    };
  }

  /** Shows every datagram that is sent, before its fate is drawn. */
  watch(watcher: (datagram: ObservedDatagram) => void): Disposable {
    this.#watchers.add(watcher);
    return { [Symbol.dispose]: () => void this.#watchers.delete(watcher) };
  }

  /** Does something at a later instant. */
  at(instant: Instant, run: () => void): void {
    this.#steps.schedule({ dueAt: undefined, heapIndex: 0, run }, instant);
  }

  /** Lets `duration` pass, and lets promises settle after each step. */
  async run(duration: Milliseconds): Promise<void> {
    const end = addDuration(this.clock.now, duration);
    await settle();
    while (this.#step(end)) await settle();
    this.clock.moveTo(end);
  }

  /** Runs until the condition holds; throws when it does not within `limit`. */
  async runUntil(condition: () => boolean, limit: Milliseconds): Promise<void> {
    const end = addDuration(this.clock.now, limit);
    await settle();
    while (!condition()) {
      if (!this.#step(end)) throw new Error(`the condition does not hold after ${limit} ms of virtual time`);
      await settle();
    }
  }

  /** Like `run`, for cores that use no promises: much faster. */
  runSynchronously(duration: Milliseconds): void {
    const end = addDuration(this.clock.now, duration);
    while (this.#step(end));
    this.clock.moveTo(end);
  }

  /** Sends a datagram from anywhere, such as a spoofed source: for adversaries. */
  inject(from: Peer, to: Peer, datagram: Uint8Array): void {
    this.transmit(from, to, datagram);
  }

  /** Called by shells. */
  transmit(from: Peer, to: Peer, datagram: Uint8Array): void {
    this.counts.sent += 1;
    const copy = datagram.slice();
    for (const watcher of this.#watchers) watcher({ at: this.clock.now, from, to, datagram: copy });
    const conditions = this.#conditionsBetween(from, to);
    if (copy.length > conditions.mtu || this.#chance(conditions.loss)) {
      this.counts.lost += 1;
      return;
    }
    this.#deliverLater(from, to, copy, conditions);
    if (this.#chance(conditions.duplication)) {
      this.counts.duplicated += 1;
      this.#deliverLater(from, to, copy, conditions);
    }
  }

  /** Called by shells: when to wake one, or that there is nothing to wake it for. */
  setAlarm(shell: SimulatedShell, wakeAt: Instant | undefined): void {
    if (wakeAt === undefined) {
      this.#alarms.cancel(shell.alarm);
      return;
    }
    this.#alarms.schedule(shell.alarm, wakeAt < this.clock.now ? this.clock.now : wakeAt);
  }

  /** Called by shells: whether the translator gives a new port now. */
  drawsRebinding(): boolean {
    return this.#chance(this.#conditions.rebinding);
  }

  /** Called by shells: the address behind `shell` becomes another one; datagrams to the old one vanish. */
  rebind(shell: SimulatedShell, address: string = shell.peerHere.address): Peer {
    this.#shells.delete(shell.peerHere.key);
    const renewed = udpPeer(address, this.#freePort());
    this.#shells.set(renewed.key, shell);
    this.counts.rebound += 1;
    return renewed;
  }

  /** Called by shells. */
  close(shell: SimulatedShell): void {
    this.#shells.delete(shell.peerHere.key);
  }

  #conditionsBetween(from: Peer, to: Peer): NetworkConditions {
    if (this.#conditionsAt.size === 0) return this.#conditions;
    return {
      ...this.#conditions,
      ...this.#conditionsAt.get(from.address),
      ...this.#conditionsAt.get(to.address),
    };
  }

  #deliverLater(from: Peer, to: Peer, datagram: Uint8Array, conditions: NetworkConditions): void {
    const { delay, reordering, reorderingDelay } = conditions;
    const span = delay.maximum - delay.minimum;
    let wait = delay.minimum + span * this.#random.fraction();
    if (this.#chance(reordering)) wait += reorderingDelay * this.#random.fraction();
    this.at(addDuration(this.clock.now, milliseconds(wait)), () => {
      const receiver = this.#shells.get(to.key);
      if (receiver === undefined) return;
      this.counts.delivered += 1;
      receiver.receive(datagram, from);
    });
  }

  #step(end: Instant): boolean {
    const stepAt = this.#steps.deadline;
    const wakeAt = this.#alarms.deadline;
    if (wakeAt !== undefined && (stepAt === undefined || wakeAt < stepAt)) {
      if (wakeAt > end) return false;
      this.clock.moveTo(wakeAt);
      this.#alarms.takeDue(wakeAt)?.shell.wake(maxWakesAtOneInstant);
      return true;
    }
    if (stepAt === undefined || stepAt > end) return false;
    this.clock.moveTo(stepAt);
    this.#steps.takeDue(stepAt)?.run();
    return true;
  }

  #chance(probability: number): boolean {
    return probability > 0 && this.#random.fraction() < probability;
  }

  #freePort(): number {
    this.#nextPort = this.#nextPort === 65_535 ? 49_152 : this.#nextPort + 1;
    return this.#nextPort;
  }
}

/** One turn of the event loop: every promise that can settle without I/O has settled after it. */
function settle(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
