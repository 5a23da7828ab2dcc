import {
  addDuration,
  earliestOf,
  type Instant,
  milliseconds,
  type Random,
  Secret,
  seededRandom,
  utf8Encode,
} from '@dunlin/base';
import { VirtualClock } from '@dunlin/simulation';
import { type CarrierEvent, type SmppLimits, SmppSession, type StreamCommand } from '@dunlin/sms';

import { type CentreBehaviour, MessageCentre } from '../../../support/sms/message-centre.ts';

/** Who sends and receives messages: a session with the shell that a real one would have. */
export interface Esme {
  readonly number: string;
  readonly session: SmppSession;
  /** What it told, with the instants. */
  readonly events: { readonly at: Instant; readonly event: CarrierEvent }[];
  /** The connection that it has at the message centre; `undefined` while there is none. */
  connection: number | undefined;
  isOpening: boolean;
}

const numbers = ['10690', '491700000001'] as const;

/** Two sessions and a message centre, over connections that take time, cut bytes up and are lost. */
export class SmppWorld {
  readonly clock = new VirtualClock();
  readonly random: Random;
  readonly centre: MessageCentre;
  readonly esmes: readonly Esme[];
  /** Called for each event. */
  onEvent: (esme: Esme, event: CarrierEvent) => void = () => undefined;
  #scheduled: { readonly at: Instant; readonly order: number; readonly act: () => void }[] = [];
  #order = 0;
  #lastConnection = 0;
  /** What travels in one direction of a connection arrives in its order. */
  readonly #arrival = new Map<string, Instant>();

  constructor(seed: number, behaviour: Partial<CentreBehaviour>, limits: Partial<SmppLimits>) {
    this.random = seededRandom(seed);
    const accounts = numbers.map((number) => ({ systemId: `e${number}`, password: 'secret', number }));
    this.centre = new MessageCentre(accounts, this.random, behaviour);
    this.esmes = accounts.map(({ systemId, number }) => ({
      number,
      session: new SmppSession({
        account: {
          systemId,
          password: new Secret(utf8Encode('secret')),
          source: { typeOfNumber: 1, numberingPlan: 1, digits: number },
        },
        limits,
        random: this.random,
      }),
      events: [],
      connection: undefined,
      isOpening: false,
    }));
    for (const esme of this.esmes) this.act(esme, (session) => session.start(this.clock.now));
  }

  /** Does something with a session, and then what it wants. */
  act(esme: Esme, step: (session: SmppSession) => void): void {
    step(esme.session);
    for (let out = esme.session.poll(); out !== undefined; out = esme.session.poll())
      this.#carryOut(esme, out);
  }

  /** Does something after a while. */
  later(delay: number, act: () => void): void {
    this.#at(addDuration(this.clock.now, milliseconds(delay)), act);
  }

  /** The connection breaks, and what travels is lost. */
  cut(esme: Esme): void {
    const { connection } = esme;
    if (connection === undefined) return;
    esme.connection = undefined;
    this.centre.disconnected(connection, this.clock.now);
    this.act(esme, (session) => session.closed('the connection broke', this.clock.now));
  }

  /** Lets time pass. */
  run(duration: number): void {
    const end = addDuration(this.clock.now, milliseconds(duration));
    for (let next = this.#next(); next !== undefined && next <= end; next = this.#next()) {
      this.clock.moveTo(next);
      this.#step();
    }
    this.clock.moveTo(end);
  }

  #next(): Instant | undefined {
    const deadlines = this.esmes.map(({ session }) => session.deadline);
    return [...deadlines, this.centre.deadline, this.#scheduled[0]?.at].reduce(
      (earliest, instant) => earliestOf(earliest, instant),
      undefined,
    );
  }

  #step(): void {
    const { now } = this.clock;
    while ((this.#scheduled[0]?.at ?? Infinity) <= now) this.#scheduled.shift()?.act();
    for (const esme of this.esmes) {
      if ((esme.session.deadline ?? Infinity) <= now) this.act(esme, (session) => session.wake(now));
    }
    if ((this.centre.deadline ?? Infinity) <= now) this.centre.wake(now);
    this.drainCentre();
  }

  /** Does what the message centre wants. */
  drainCentre(): void {
    for (let out = this.centre.poll(); out !== undefined; out = this.centre.poll()) {
      const { connection } = out;
      const esme = this.esmes.find((one) => one.connection === connection);
      if (esme === undefined) continue;
      if (out.kind === 'close') {
        this.#travel(`${connection} down`, () => this.#lost(esme, connection));
        continue;
      }
      for (const bytes of this.#pieces(out.bytes)) {
        this.#travel(`${connection} down`, () => {
          if (esme.connection === connection)
            this.act(esme, (session) => session.handle(bytes, this.clock.now));
        });
      }
    }
  }

  #carryOut(esme: Esme, out: CarrierEvent | StreamCommand): void {
    const { connection } = esme;
    switch (out.kind) {
      case 'open':
        esme.isOpening = true;
        this.later(10 + 50 * this.random.fraction(), () => this.#opened(esme));
        return;
      case 'write':
        if (connection === undefined) return;
        for (const bytes of this.#pieces(out.bytes)) {
          this.#travel(`${connection} up`, () => this.centre.handle(connection, bytes, this.clock.now));
        }
        return;
      case 'close':
        this.later(0, () => {
          if (connection === undefined) this.#giveUpOpening(esme);
          else this.#lost(esme, connection);
        });
        // What was written before is still on its way when the other side learns of the end.
        if (connection !== undefined) {
          this.#travel(`${connection} up`, () => this.centre.disconnected(connection, this.clock.now));
        }
        return;
      case 'up':
      case 'down':
      case 'received':
      case 'accepted':
      case 'refused':
      case 'unknown':
      case 'receipt':
      case 'dropped':
        esme.events.push({ at: this.clock.now, event: out });
        this.onEvent(esme, out);
    }
  }

  #opened(esme: Esme): void {
    if (!esme.isOpening) return;
    esme.isOpening = false;
    this.#lastConnection += 1;
    esme.connection = this.#lastConnection;
    this.centre.connected(this.#lastConnection);
    this.act(esme, (session) => session.opened(this.clock.now));
  }

  #giveUpOpening(esme: Esme): void {
    if (!esme.isOpening) return;
    esme.isOpening = false;
    this.act(esme, (session) => session.closed('given up', this.clock.now));
  }

  #lost(esme: Esme, connection: number): void {
    if (esme.connection !== connection) return;
    esme.connection = undefined;
    this.act(esme, (session) => session.closed('closed', this.clock.now));
  }

  #pieces(bytes: Uint8Array): readonly Uint8Array[] {
    const cut = Math.floor(this.random.fraction() * bytes.length);
    return cut === 0 ? [bytes] : [bytes.slice(0, cut), bytes.slice(cut)];
  }

  /** Something arrives after a while, and not before what left before it in the same direction. */
  #travel(direction: string, act: () => void): void {
    const soonest = addDuration(this.clock.now, milliseconds(5 + 100 * this.random.fraction()));
    const last = this.#arrival.get(direction) ?? soonest;
    const at = soonest > last ? soonest : last;
    this.#arrival.set(direction, at);
    this.#at(at, act);
  }

  #at(at: Instant, act: () => void): void {
    this.#order += 1;
    this.#scheduled.push({ at, order: this.#order, act });
    this.#scheduled.sort((a, b) => a.at - b.at || a.order - b.order);
  }
}
