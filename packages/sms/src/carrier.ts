import type { Instant, Signal } from '@dunlin/base';

import type { IncomingShortMessage, OutgoingShortMessage, ShortMessageId } from './short-message.ts';

/** What the message centre tells of a message that it accepted, for good. */
export type ReceiptState = 'delivered' | 'failed' | 'expired' | 'rejected';

/** What a carrier tells those who send and receive short messages over it. */
export type CarrierEvent =
  /** Messages can be sent from now on. */
  | { readonly kind: 'up' }
  /** They cannot; the carrier tries again by itself. `reason` is for people. */
  | { readonly kind: 'down'; readonly reason: string }
  | { readonly kind: 'received'; readonly message: IncomingShortMessage }
  /** The message centre (or the modem) has it. `reference` names it in receipts. */
  | { readonly kind: 'accepted'; readonly id: ShortMessageId; readonly reference: string }
  /** It was certainly not sent and cost nothing. With `isTemporary`, a later attempt may succeed. */
  | {
      readonly kind: 'refused';
      readonly id: ShortMessageId;
      readonly isTemporary: boolean;
      readonly reason: string;
    }
  /** Nobody knows whether it was sent: it must never be sent again. */
  | { readonly kind: 'unknown'; readonly id: ShortMessageId; readonly reason: string }
  | { readonly kind: 'receipt'; readonly id: ShortMessageId; readonly state: ReceiptState }
  /** Something came that is no message for us: dropped, and worth counting. */
  | { readonly kind: 'dropped'; readonly reason: string };

/** A message that an earlier process sent, of which the message centre has not told the end. */
export interface AwaitedReceipt {
  /** Names it from now on. */
  readonly id: ShortMessageId;
  readonly to: string;
  /** What the message centre (or the modem) called it when it accepted it. */
  readonly reference: string;
  /** Nobody waits for its receipt any longer than that. */
  readonly until: Instant;
}

/** Why messages cannot be sent, for people and programs that watch over a carrier. */
export interface CarrierTrouble {
  readonly reason: string;
  /** When the carrier tries again; `undefined` where it waits for the other side. */
  readonly retryAt: Instant | undefined;
  /** It does not pass by itself: somebody has to look at it. */
  readonly isMisconfigured: boolean;
}

/**
 * What a carrier wants of the shell that owns its byte stream: a TCP or TLS connection, or a serial port. One stream at a
 * time: each `open` comes to exactly one `closed`, after `opened` or instead of it, and only then may the next one follow.
 */
export type StreamCommand =
  | { readonly kind: 'open' }
  | { readonly kind: 'write'; readonly bytes: Uint8Array }
  | { readonly kind: 'close' };

/** A way of short messages over one byte stream, as a core without I/O: an SMPP session, or the dialogue with a modem. */
export interface ShortMessageCarrier {
  /** Before `start`: a receipt may come for this one. */
  expect(awaited: AwaitedReceipt): void;
  /** Begins; it opens and opens again its stream until `shutDown`. */
  start(now: Instant): void;
  /** Ends in good order: the stream is closed once the other side knows, and never opened again. */
  shutDown(now: Instant): void;
  /** The shell has opened the stream. */
  opened(now: Instant): void;
  /** The stream could not be opened, or is gone, also when `close` asked for that. `reason` is for people. */
  closed(reason: string, now: Instant): void;
  /** Bytes of the stream, in any pieces; the carrier's to read during the call only. */
  handle(bytes: Uint8Array, now: Instant): void;
  /** Sends a message: exactly one of `accepted`, `refused` and `unknown` follows, then perhaps `receipt`. */
  submit(message: OutgoingShortMessage, now: Instant): void;
  /** Answers for a received message: `taken` ends it, `busy` has the network try again later. */
  acknowledge(id: ShortMessageId, answer: 'taken' | 'busy', now: Instant): void;
  /** Does what is due at `now`. */
  wake(now: Instant): void;
  readonly deadline: Instant | undefined;
  /** What is wrong; `undefined` while messages can be sent, and before that is known. */
  readonly trouble: CarrierTrouble | undefined;
  /** The next thing to do or to tell, until `undefined`. */
  poll(): CarrierEvent | StreamCommand | undefined;
}

/** A carrier that is driven: what those who send and receive short messages need of it. */
export interface RunningCarrier extends AsyncDisposable {
  /** What is wrong; `undefined` while messages can be sent, and before that is known. */
  readonly trouble: CarrierTrouble | undefined;
  /** Listeners may submit and acknowledge. */
  readonly events: Signal<CarrierEvent>;
  /** As `expect` of a carrier. */
  expect(awaited: AwaitedReceipt): void;
  /** Nothing happens before. */
  start(): void;
  /** As `submit` of a carrier. */
  submit(message: OutgoingShortMessage): void;
  /** As `acknowledge` of a carrier. */
  acknowledge(id: ShortMessageId, answer: 'taken' | 'busy'): void;
}
