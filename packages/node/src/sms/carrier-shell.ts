import type { Duplex } from 'node:stream';

import { type Instant, type Signal, SignalSource } from '@dunlin/base';
import type {
  AwaitedReceipt,
  CarrierEvent,
  CarrierTrouble,
  OutgoingShortMessage,
  ShortMessageCarrier,
  ShortMessageId,
  StreamCommand,
} from '@dunlin/sms';

import { now } from '../clock.ts';
import { DeadlineTimer } from '../deadline-timer.ts';

/**
 * Opens the byte stream of a carrier, again each time that it is lost: resolves when bytes can be written, rejects with
 * an error whose message is for people. Once the signal is aborted nobody wants the stream any more.
 */
export type StreamOpener = (signal: AbortSignal) => Promise<Duplex>;

/** Limits of a carrier's shell. */
export interface CarrierShellLimits {
  /** Milliseconds that a carrier has to take leave of the other side when it is shut down. */
  readonly shutDownTimeout: number;
  /** Milliseconds that written bytes have to leave when the carrier closes its stream. */
  readonly closeTimeout: number;
  /** Bytes that may wait for the other side to read: then the stream is given up. */
  readonly maxWaitingBytes: number;
}

/** The limits when nothing else is said. */
export const carrierShellDefaults: CarrierShellLimits = {
  // A message centre answers an unbind within a round trip; who stops a program does not want to wait for long.
  shutDownTimeout: 5000,
  closeTimeout: 1000,
  // Two hundred submissions: far above any window, so the other side has ceased to read.
  maxWaitingBytes: 64 * 1024,
};

/** Drives a carrier over the stream that an opener opens for it: one stream, one timer. */
export class CarrierShell implements AsyncDisposable {
  readonly #carrier: ShortMessageCarrier;
  readonly #open: StreamOpener;
  readonly #limits: CarrierShellLimits;
  readonly #events = new SignalSource<CarrierEvent>();
  readonly #timer = new DeadlineTimer((at) => this.#run(() => this.#wake(at)));
  /** Aborted when the stream that is being opened is no longer wanted. */
  #opening: AbortController | undefined;
  #stream: Duplex | undefined;
  #whyClosed = '';
  #isRunning = false;
  #shutDown: Promise<void> | undefined;
  #idle: PromiseWithResolvers<void> | undefined;

  /** Nothing happens before `start`, so that the events can be subscribed to. */
  constructor(
    carrier: ShortMessageCarrier,
    open: StreamOpener,
    limits: Readonly<Partial<CarrierShellLimits>> = {},
  ) {
    this.#carrier = carrier;
    this.#open = open;
    this.#limits = { ...carrierShellDefaults, ...limits };
  }

  /** What the carrier tells. Listeners may submit and acknowledge. */
  get events(): Signal<CarrierEvent> {
    return this.#events;
  }

  /** Why messages cannot be sent; `undefined` while they can, and before that is known. */
  get trouble(): CarrierTrouble | undefined {
    return this.#carrier.trouble;
  }

  /** As `expect` of the carrier. */
  expect(awaited: AwaitedReceipt): void {
    this.#carrier.expect(awaited);
  }

  start(): void {
    this.#run(() => this.#carrier.start(now()));
  }

  /** As `submit` of the carrier: what became of the message is an event. */
  submit(message: OutgoingShortMessage): void {
    this.#run(() => this.#carrier.submit(message, now()));
  }

  /** As `acknowledge` of the carrier. */
  acknowledge(id: ShortMessageId, answer: 'taken' | 'busy'): void {
    this.#run(() => this.#carrier.acknowledge(id, answer, now()));
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#shutDown ??= this.#end();
    return this.#shutDown;
  }

  async #end(): Promise<void> {
    this.#idle = Promise.withResolvers();
    const late = setTimeout(() => this.#giveUp(), this.#limits.shutDownTimeout);
    this.#run(() => this.#carrier.shutDown(now()));
    await this.#idle.promise;
    clearTimeout(late);
    this.#timer[Symbol.dispose]();
  }

  /** Lets the carrier do something, and then does what it wants; what listeners call meanwhile joins in. */
  #run(step: () => void): void {
    if (this.#isRunning) {
      step();
      return;
    }
    this.#isRunning = true;
    try {
      step();
      for (let out = this.#carrier.poll(); out !== undefined; out = this.#carrier.poll()) this.#carryOut(out);
    } finally {
      this.#isRunning = false;
    }
    const isIdle = this.#stream === undefined && this.#opening === undefined;
    if (this.#idle !== undefined && isIdle) this.#idle.resolve();
    else this.#timer.arm(this.#carrier.deadline);
  }

  #wake(at: Instant): void {
    const deadline = this.#carrier.deadline;
    if (deadline !== undefined && deadline <= at) this.#carrier.wake(at);
  }

  #carryOut(out: CarrierEvent | StreamCommand): void {
    switch (out.kind) {
      case 'open':
        this.#openStream();
        return;
      case 'write':
        this.#write(out.bytes);
        return;
      case 'close':
        this.#close();
        return;
      case 'up':
      case 'down':
      case 'received':
      case 'accepted':
      case 'refused':
      case 'unknown':
      case 'receipt':
      case 'dropped':
        this.#events.emit(out);
    }
  }

  #openStream(): void {
    const opening = new AbortController();
    this.#opening = opening;
    this.#open(opening.signal).then(
      (stream) => this.#adopt(stream, opening.signal),
      (error: unknown) => {
        if (!opening.signal.aborted) this.#closed(reasonOf(error));
      },
    );
  }

  #adopt(stream: Duplex, opening: AbortSignal): void {
    if (opening.aborted) {
      stream.destroy();
      return;
    }
    this.#opening = undefined;
    this.#stream = stream;
    this.#whyClosed = 'the other side closed it';
    stream.on('error', (error) => {
      this.#whyClosed = reasonOf(error);
    });
    stream.on('data', (bytes: Uint8Array) => this.#run(() => this.#carrier.handle(bytes, now())));
    // Who says nothing more is gone: none of the protocols goes on in one direction.
    stream.on('end', () => stream.destroy());
    stream.on('close', () => this.#closed(this.#whyClosed));
    if (stream.destroyed) this.#closed('it closed as soon as it was open');
    else this.#run(() => this.#carrier.opened(now()));
  }

  /** Only the first call for a stream counts. */
  #closed(reason: string): void {
    if (this.#stream === undefined && this.#opening === undefined) return;
    this.#stream = undefined;
    this.#opening = undefined;
    this.#run(() => this.#carrier.closed(reason, now()));
  }

  #write(bytes: Uint8Array): void {
    const stream = this.#stream;
    if (stream === undefined || !stream.writable) return; // That it closed is being told.
    stream.write(bytes);
    if (stream.writableLength > this.#limits.maxWaitingBytes)
      stream.destroy(new Error('the other side has ceased to read'));
  }

  #close(): void {
    this.#giveUpOpening();
    const stream = this.#stream;
    if (stream === undefined) return;
    this.#whyClosed = 'it was closed here';
    const late = setTimeout(() => stream.destroy(), this.#limits.closeTimeout);
    stream.once('close', () => clearTimeout(late));
    stream.end(() => stream.destroy());
  }

  #giveUp(): void {
    this.#giveUpOpening();
    this.#whyClosed = 'it was closed here';
    this.#stream?.destroy();
  }

  #giveUpOpening(): void {
    if (this.#opening === undefined) return;
    this.#opening.abort();
    this.#closed('given up while it was being opened');
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
