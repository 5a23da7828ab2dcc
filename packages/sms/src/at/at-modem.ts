import { addDuration, type Instant, milliseconds } from '@dunlin/base';

import type {
  AwaitedReceipt,
  CarrierEvent,
  CarrierTrouble,
  ShortMessageCarrier,
  StreamCommand,
} from '../carrier.ts';
import type { OutgoingShortMessage, ShortMessageId } from '../short-message.ts';
import { ModemInbox } from './modem-inbox.ts';
import { atModemDefaults, type AtModemLimits, type AtModemOptions } from './modem-options.ts';
import { ModemOutbox } from './modem-outbox.ts';
import { ModemSession, type SessionOutput } from './modem-session.ts';
import { SimCard } from './sim-card.ts';

/** Where the stream of the modem is. */
type StreamState =
  /** Before the start, and after the end. */
  | { readonly kind: 'none' }
  | { readonly kind: 'opening' }
  | { readonly kind: 'open'; readonly session: ModemSession }
  | { readonly kind: 'closing' }
  | { readonly kind: 'lost'; readonly reopenAt: Instant };

/**
 * The dialogue with a modem that sends and receives short messages as PDUs (3GPP TS 27.005), as a carrier. It takes the
 * modem for itself: received messages in its memory are read and deleted.
 */
export class AtModem implements ShortMessageCarrier {
  readonly #limits: AtModemLimits;
  readonly #sim: SimCard;
  readonly #inbox: ModemInbox;
  readonly #outbox: ModemOutbox;
  readonly #outputs: (CarrierEvent | StreamCommand)[] = [];
  #stream: StreamState = { kind: 'none' };
  #isUp = false;
  #isEnding = false;
  /** Why it is down, as it was told last. */
  #toldReason: string | undefined;
  /** How often the modem was lost since it was ready. */
  #losses = 0;

  /** Throws a `UsageError` when the PIN is none. */
  constructor(options: Readonly<AtModemOptions> = {}) {
    this.#limits = { ...atModemDefaults, ...options.limits };
    this.#sim = new SimCard(options.pin);
    const tell = (event: CarrierEvent): void => void this.#outputs.push(event);
    this.#outbox = new ModemOutbox(tell, this.#limits);
    this.#inbox = new ModemInbox(
      { tell, reported: (report) => this.#outbox.reported(report) },
      { countryCode: options.countryCode, maxUnacknowledged: this.#limits.maxUnacknowledged },
    );
  }

  expect(awaited: AwaitedReceipt): void {
    this.#outbox.expect(awaited);
  }

  start(): void {
    if (this.#stream.kind === 'none' && !this.#isEnding) this.#open();
  }

  shutDown(now: Instant): void {
    this.#isEnding = true;
    this.#outbox.refuseQueued('the modem is being shut down');
    const stream = this.#stream;
    if (stream.kind === 'lost') this.#stream = { kind: 'none' };
    else if (stream.kind === 'opening') this.#close();
    else if (stream.kind === 'open' && !stream.session.isReady) this.#close();
    else if (stream.kind === 'open') this.#run(stream.session, () => stream.session.end(now));
  }

  opened(now: Instant): void {
    if (this.#stream.kind !== 'opening') return;
    const parts = { sim: this.#sim, inbox: this.#inbox, outbox: this.#outbox, limits: this.#limits };
    const session = new ModemSession(parts, now);
    this.#stream = { kind: 'open', session };
    this.#run(session, () => undefined);
  }

  closed(reason: string, now: Instant): void {
    if (this.#stream.kind === 'open') this.#lose(reason, this.#stream.session.isPduGiven);
    else if (this.#stream.kind === 'opening') this.#tellDown(reason);
    if (this.#isEnding) {
      this.#stream = { kind: 'none' };
      return;
    }
    const { firstReopening, lastReopening } = this.#limits;
    const wait = milliseconds(Math.min(firstReopening * 2 ** this.#losses, lastReopening));
    this.#losses += 1;
    this.#stream = { kind: 'lost', reopenAt: addDuration(now, wait) };
  }

  handle(bytes: Uint8Array, now: Instant): void {
    if (this.#stream.kind !== 'open') return;
    const { session } = this.#stream;
    this.#run(session, () => session.handle(bytes, now));
  }

  submit(message: OutgoingShortMessage, now: Instant): void {
    if (!this.#isUp || this.#isEnding) {
      this.#outbox.refuse(message.id, true, this.#toldReason ?? 'the modem is not ready');
      return;
    }
    this.#outbox.submit(message, now);
    this.#work(now);
  }

  acknowledge(id: ShortMessageId, answer: 'taken' | 'busy', now: Instant): void {
    this.#inbox.acknowledge(id, answer);
    this.#work(now);
  }

  wake(now: Instant): void {
    const stream = this.#stream;
    if (stream.kind === 'lost' && stream.reopenAt <= now) this.#open();
    else if (stream.kind === 'open') this.#run(stream.session, () => stream.session.wake(now));
  }

  get deadline(): Instant | undefined {
    const stream = this.#stream;
    if (stream.kind === 'lost') return stream.reopenAt;
    return stream.kind === 'open' ? stream.session.deadline : undefined;
  }

  /** All that a modem waits for may pass: another card, a network, the port. */
  get trouble(): CarrierTrouble | undefined {
    if (this.#toldReason === undefined) return undefined;
    const retryAt = this.#stream.kind === 'lost' ? this.#stream.reopenAt : undefined;
    return { reason: this.#toldReason, retryAt, isMisconfigured: false };
  }

  poll(): CarrierEvent | StreamCommand | undefined {
    return this.#outputs.shift();
  }

  #open(): void {
    this.#stream = { kind: 'opening' };
    this.#outputs.push({ kind: 'open' });
  }

  #close(): void {
    this.#stream = { kind: 'closing' };
    this.#outputs.push({ kind: 'close' });
  }

  #work(now: Instant): void {
    if (this.#stream.kind !== 'open') return;
    const { session } = this.#stream;
    this.#run(session, () => session.work(now));
  }

  #run(session: ModemSession, step: () => void): void {
    step();
    for (let out = session.poll(); out !== undefined; out = session.poll()) this.#carryOut(out);
  }

  #carryOut(out: SessionOutput): void {
    switch (out.kind) {
      case 'write':
        this.#outputs.push(out);
        return;
      case 'ready':
        this.#losses = 0;
        this.#isUp = true;
        this.#toldReason = undefined;
        this.#outputs.push({ kind: 'up' });
        return;
      case 'waits':
        this.#tellDown(out.reason);
        return;
      case 'finished':
        this.#lose(out.reason, out.isPduGiven);
        this.#close();
    }
  }

  /** The session is over: what it had begun is settled, and what the modem has still to be answered for comes again. */
  #lose(reason: string, isPduGiven: boolean): void {
    this.#outbox.reset(isPduGiven, reason);
    this.#inbox.reset();
    this.#tellDown(reason);
  }

  #tellDown(reason: string): void {
    if (this.#isEnding || (!this.#isUp && reason === this.#toldReason)) return;
    this.#isUp = false;
    this.#toldReason = reason;
    this.#outputs.push({ kind: 'down', reason });
  }
}
