import {
  addDuration,
  type Instant,
  instantFrom,
  milliseconds,
  type Random,
  seededRandom,
} from '@dunlin/base';
import type { OutgoingShortMessage, ReceiptState } from '@dunlin/sms';

import { SimulatedCarrier } from './simulated-carrier.ts';
import type { SimulatedNetwork } from './simulated-network.ts';

/** What the message centre does to short messages. Probabilities are from 0 to 1 and drawn for each. */
export interface MessageCentreConditions {
  /** Accepted, and never delivered. */
  readonly loss: number;
  /** Delivered twice, as when the acknowledgement of the receiver is lost. */
  readonly duplication: number;
  /** From submission to delivery, in milliseconds, drawn uniformly: later ones overtake. */
  readonly delay: { readonly minimum: number; readonly maximum: number };
  /** Not accepted for now. */
  readonly throttling: number;
  /** Nobody knows whether it was accepted: in half of these cases it was. */
  readonly doubt: number;
  /** Receipts that never come. */
  readonly receiptLoss: number;
}

/** A centre on which nothing goes wrong, that takes two seconds. */
export const perfectCentre: MessageCentreConditions = {
  loss: 0,
  duplication: 0,
  delay: { minimum: 2000, maximum: 2000 },
  throttling: 0,
  doubt: 0,
  receiptLoss: 0,
};

/** A bad day: one in twenty is lost, one in ten comes twice, and they overtake each other by up to a minute. */
export const roughCentre: MessageCentreConditions = {
  loss: 0.05,
  duplication: 0.1,
  delay: { minimum: 500, maximum: 60_000 },
  throttling: 0.05,
  doubt: 0.03,
  receiptLoss: 0.2,
};

/** A short message that the centre accepted. */
export interface CarriedMessage {
  readonly at: Instant;
  readonly from: string;
  readonly message: OutgoingShortMessage;
}

/** After so long the centre tries again where nobody is, or nobody has room. */
const retryAfter = 5000;

/** Joins carriers by their numbers, on the virtual time of a network: the same seed gives the same run. */
export class SimulatedMessageCentre {
  readonly network: SimulatedNetwork;
  /** All that was accepted, in order. */
  readonly carried: CarriedMessage[] = [];
  readonly #random: Random;
  readonly #carriers = new Map<string, SimulatedCarrier>();
  readonly #failing = new Set<string>();
  #conditions: MessageCentreConditions;

  constructor(network: SimulatedNetwork, seed: number, conditions: Partial<MessageCentreConditions> = {}) {
    this.network = network;
    this.#random = seededRandom(seed);
    this.#conditions = { ...perfectCentre, ...conditions };
  }

  /** Changes the conditions from now on. */
  setConditions(conditions: Partial<MessageCentreConditions>): void {
    this.#conditions = { ...this.#conditions, ...conditions };
  }

  /** A carrier with a number of its own; one that had it before is cut off, as by a restart of its process. */
  carrier(number: string): SimulatedCarrier {
    const carrier = new SimulatedCarrier(this, number);
    this.#carriers.get(number)?.cutOff();
    this.#carriers.set(number, carrier);
    return carrier;
  }

  /** The short messages that went to a number. */
  sentTo(number: string): readonly CarriedMessage[] {
    return this.carried.filter(({ message }) => message.to === number);
  }

  /** A random source of its own for a binding. */
  newRandom(): Random {
    return seededRandom(this.#random.uint32());
  }

  /** Delivers a message that says it is from somebody, whoever that is: for adversaries. */
  inject(from: string, to: string, userData: Uint8Array, hasHeader = false): void {
    this.#carriers.get(to)?.deliver({ from, userData, hasHeader }, () => undefined);
  }

  /** Gives up what is on its way to a number from now on, and says so to who asked for receipts. */
  fail(to: string): void {
    this.#failing.add(to);
  }

  /** Called by carriers: exactly one answer follows, later. */
  submit(carrier: SimulatedCarrier, message: OutgoingShortMessage): void {
    const { id } = message;
    const { throttling, doubt } = this.#conditions;
    this.later(50, () => {
      if (this.#chance(throttling)) {
        carrier.tell({ kind: 'refused', id, isTemporary: true, reason: 'throttled' });
        return;
      }
      const isDoubtful = this.#chance(doubt);
      if (!isDoubtful || this.#chance(0.5)) this.#accept(carrier, message);
      if (isDoubtful) carrier.tell({ kind: 'unknown', id, reason: 'no response' });
      else carrier.tell({ kind: 'accepted', id, reference: String(this.carried.length) });
    });
  }

  /** Does something later. */
  later(wait: number, run: () => void): void {
    this.network.at(addDuration(this.network.clock.now, milliseconds(wait)), run);
  }

  #accept(carrier: SimulatedCarrier, message: OutgoingShortMessage): void {
    const at = this.network.clock.now;
    this.carried.push({ at, from: carrier.number, message });
    const { delay, loss, duplication } = this.#conditions;
    const draw = (): number => delay.minimum + (delay.maximum - delay.minimum) * this.#random.fraction();
    if (this.#chance(loss)) return;
    const until = instantFrom(at + message.validity);
    this.later(draw(), () => this.#deliver(carrier, message, until));
    if (this.#chance(duplication)) this.later(draw(), () => this.#deliver(carrier, message, until));
  }

  #deliver(carrier: SimulatedCarrier, message: OutgoingShortMessage, until: Instant): void {
    if (this.network.clock.now > until) {
      this.#receipt(carrier, message, 'expired');
      return;
    }
    const again = (): void => this.later(retryAfter, () => this.#deliver(carrier, message, until));
    if (this.#failing.has(message.to)) {
      this.#receipt(carrier, message, 'failed');
      return;
    }
    const receiver = this.#carriers.get(message.to);
    const { userData, hasHeader } = message;
    const isThere = receiver?.deliver({ from: carrier.number, userData, hasHeader }, (answer) => {
      if (answer === 'busy') again();
      else this.#receipt(carrier, message, 'delivered');
    });
    if (isThere !== true) again();
  }

  #receipt(carrier: SimulatedCarrier, { id, wantsReceipt }: OutgoingShortMessage, state: ReceiptState): void {
    if (!wantsReceipt || this.#chance(this.#conditions.receiptLoss)) return;
    this.later(500, () => carrier.tell({ kind: 'receipt', id, state }));
  }

  #chance(probability: number): boolean {
    return probability > 0 && this.#random.fraction() < probability;
  }
}
