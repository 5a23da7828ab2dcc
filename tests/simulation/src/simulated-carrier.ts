import { type Instant, type Random, type Signal, SignalSource } from '@dunlin/base';
import type {
  CarrierEvent,
  IncomingShortMessage,
  OutgoingShortMessage,
  RunningCarrier,
  ShortMessageId,
} from '@dunlin/sms';

import type { SimulatedMessageCentre } from './simulated-message-centre.ts';

/** What becomes of a delivered message. */
type Acknowledged = (answer: 'taken' | 'busy') => void;

/** A timer on virtual time. */
interface VirtualTimer extends Disposable {
  arm(deadline: Instant | undefined): void;
}

/** A carrier of a simulated message centre, and the surroundings for the binding above it. */
export class SimulatedCarrier implements RunningCarrier {
  readonly number: string;
  readonly trouble = undefined;
  readonly #centre: SimulatedMessageCentre;
  readonly #events = new SignalSource<CarrierEvent>();
  readonly #unacknowledged = new Map<ShortMessageId, Acknowledged>();
  #lastId = 0;
  #isStarted = false;
  #isUp = false;
  #isCutOff = false;

  constructor(centre: SimulatedMessageCentre, number: string) {
    this.#centre = centre;
    this.number = number;
  }

  get events(): Signal<CarrierEvent> {
    return this.#events;
  }

  /** The simulated centre names messages by the carrier that they came from: it tells nothing to another one. */
  expect(): void {}

  start(): void {
    this.#isStarted = true;
    this.connect();
  }

  /** The connection to the centre is there. */
  connect(): void {
    if (this.#isUp || !this.#isStarted || this.#isCutOff) return;
    this.#isUp = true;
    this.#centre.later(0, () => this.tell({ kind: 'up' }));
  }

  /** The connection is lost until `connect`; what comes meanwhile waits in the centre. */
  disconnect(): void {
    this.#isUp = false;
    this.#unacknowledged.clear();
    this.#centre.later(0, () => this.tell({ kind: 'down', reason: 'disconnected' }));
  }

  /** For good and without a word, as for a process that is killed. */
  cutOff(): void {
    this.#isCutOff = true;
    this.#isUp = false;
  }

  submit(message: OutgoingShortMessage): void {
    this.#centre.submit(this, message);
  }

  acknowledge(id: ShortMessageId, answer: 'taken' | 'busy'): void {
    const acknowledged = this.#unacknowledged.get(id);
    this.#unacknowledged.delete(id);
    acknowledged?.(answer);
  }

  /** Called by the centre; false when nobody is there. */
  deliver(message: Omit<IncomingShortMessage, 'id'>, acknowledged: Acknowledged): boolean {
    if (!this.#isUp) return false;
    const id = (this.#lastId += 1);
    this.#unacknowledged.set(id, acknowledged);
    this.tell({ kind: 'received', message: { id, ...message } });
    return true;
  }

  /** Called by the centre. */
  tell(event: CarrierEvent): void {
    if (!this.#isCutOff) this.#events.emit(event);
  }

  /** Virtual time and a random source for a binding. Once it is cut off, no timer fires any more. */
  get surroundings(): {
    readonly random: Random;
    now(): Instant;
    timer(due: (at: Instant) => void): VirtualTimer;
  } {
    return {
      random: this.#centre.newRandom(),
      now: () => this.#centre.network.clock.now,
      timer: (due) => this.#timer(due),
    };
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.cutOff();
    return Promise.resolve();
  }

  #timer(due: (at: Instant) => void): VirtualTimer {
    const { network } = this.#centre;
    let armedFor: Instant | undefined;
    return {
      arm: (deadline) => {
        if (deadline === armedFor) return;
        armedFor = deadline;
        if (deadline === undefined) return;
        network.at(deadline < network.clock.now ? network.clock.now : deadline, () => {
          if (armedFor !== deadline || this.#isCutOff) return;
          armedFor = undefined;
          due(network.clock.now);
        });
      },
      [Symbol.dispose]: () => {
        armedFor = undefined;
      },
    };
  }
}
