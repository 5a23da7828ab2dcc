import { addDuration, hexEncode, type Instant, instantFrom, milliseconds, seededRandom } from '@dunlin/base';
import {
  type CarrierEvent,
  DatagramLink,
  type IncomingShortMessage,
  type LinkOptions,
  type LinkOutput,
  type OutgoingShortMessage,
  type Purpose,
  type SendOutcome,
} from '@dunlin/sms';

export const device = '491700000001';
export const stranger = '491709999999';

/** A link whose carrier the test plays. Outputs are collected in order. */
export class PlayedLink {
  link: DatagramLink;
  now: Instant = instantFrom(1_700_000_000_000);
  readonly options: LinkOptions;
  readonly submitted: OutgoingShortMessage[] = [];
  readonly told: LinkOutput[] = [];

  constructor(options: Partial<LinkOptions> = {}) {
    this.options = { random: seededRandom(1), isAllowed: (number) => number === device, ...options };
    this.link = new DatagramLink(this.options, this.now);
    this.carrier({ kind: 'up' });
  }

  /** A new process on the same stores. */
  restart(): void {
    this.link = new DatagramLink(this.options, this.now);
    this.submitted.length = 0;
    this.told.length = 0;
    this.carrier({ kind: 'up' });
  }

  carrier(event: CarrierEvent): void {
    this.link.handle(event, this.now);
    this.#drain();
  }

  send(length: number, purpose: Purpose = 'request', to: string = device): SendOutcome {
    const outcome = this.link.send(to, new Uint8Array(length).fill(0x40), purpose, this.now);
    this.#drain();
    return outcome;
  }

  receive(message: Partial<IncomingShortMessage>): void {
    const userData = Uint8Array.of(0x40, 1, 0, 1);
    this.carrier({
      kind: 'received',
      message: { id: 1, from: device, userData, hasHeader: false, ...message },
    });
  }

  /** Lets time pass, waking the link when it asks for it. */
  pass(duration: number): void {
    const until = addDuration(this.now, milliseconds(duration));
    for (let due = this.link.deadline; due !== undefined && due <= until; due = this.link.deadline) {
      if (due > this.now) this.now = due;
      this.link.wake(this.now);
      this.#drain();
    }
    this.now = until;
  }

  /** The carrier accepts everything that it was asked to send and has not answered for. */
  acceptAll(): void {
    for (const { id } of this.submitted.splice(0)) {
      this.carrier({ kind: 'accepted', id, reference: `ref-${id}` });
    }
  }

  /** The states of the entries of the outbox, such as `submitted 2/3` for two parts paid for of three. */
  get states(): readonly string[] {
    return this.link.outbox().map(({ state, spent, parts }) => `${state} ${spent}/${parts}`);
  }

  /** What was told, in brief, and forgotten: `received 40010001`, `dropped empty`, `acknowledge 1 taken`. */
  takeTold(): readonly string[] {
    return this.told.splice(0).flatMap(brief);
  }

  #drain(): void {
    for (let output = this.link.poll(); output !== undefined; output = this.link.poll()) {
      if (output.kind === 'submit') this.submitted.push(output.message);
      else this.told.push(output);
    }
  }
}

function brief(output: LinkOutput): string {
  switch (output.kind) {
    case 'submit':
      return `submit ${output.message.id}`;
    case 'acknowledge':
      return `acknowledge ${output.id} ${output.answer}`;
    case 'received':
      return `received ${hexEncode(output.datagram)}`;
    case 'settled':
      return `settled ${output.entry.id} ${output.entry.state}`;
    case 'state':
      return output.isUp ? 'up' : 'down';
    case 'store-failed':
      return 'store-failed';
    case 'alarm':
      return `alarm ${output.budget}`;
    case 'dropped':
      return `dropped ${output.reason}`;
  }
}
