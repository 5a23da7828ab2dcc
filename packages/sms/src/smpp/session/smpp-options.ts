import { type Milliseconds, milliseconds, type Random, type Secret } from '@dunlin/base';

import { TypeOfNumber } from '../../type-of-number.ts';
import type { BindMode } from '../bind.ts';
import { binaryCoding } from '../data-coding.ts';
import { noAddress, type SmppAddress } from '../smpp-address.ts';

/** An account at a message centre, and how it wants to be used: what an operator writes into the contract. */
export interface SmppAccount {
  /** The name of the account: at most 15 characters. */
  readonly systemId: string;
  /** At most 8 characters (SMPP 3.4 §5.2.2). Not destroyed by the session: it binds again with it. */
  readonly password: Secret;
  /** What some message centres sort their accounts by: at most 12 characters. */
  readonly systemType: string;
  /** In which directions messages go. */
  readonly bindMode: BindMode;
  /** Which numbers the account serves; message centres know it mostly by themselves. */
  readonly addressRange: SmppAddress;
  /** Our number, as the sender of what is sent. Without digits, the message centre fills it in. */
  readonly source: SmppAddress;
  /** What kind of number the recipients have. */
  readonly destination: Pick<SmppAddress, 'typeOfNumber' | 'numberingPlan'>;
  readonly serviceType: string;
  /** How 8-bit data is named on the way out. */
  readonly dataCoding: number;
  /** How validity periods are written: a few message centres understand only points in time. */
  readonly validityFormat: 'relative' | 'absolute';
  /** Digits of the country that is put before national numbers of senders; without it they stay as they are. */
  readonly countryCode: string | undefined;
}

/** An account as it is given: only its name and password have no default. */
export interface SmppAccountOptions
  extends Pick<SmppAccount, 'systemId' | 'password'>, Partial<Omit<SmppAccount, 'systemId' | 'password'>> {}

/** What an account is when nothing else is said, but for its name and password. */
export const smppAccountDefaults: Omit<SmppAccount, 'systemId' | 'password'> = {
  systemType: '',
  bindMode: 'transceiver',
  addressRange: noAddress,
  source: noAddress,
  destination: { typeOfNumber: TypeOfNumber.international, numberingPlan: 1 },
  serviceType: '',
  dataCoding: binaryCoding,
  validityFormat: 'relative',
  countryCode: undefined,
};

/** Limits of a session. */
export interface SmppLimits {
  /** Submissions that wait for their answer. */
  readonly window: number;
  /** Submissions a second; they are spread evenly. */
  readonly transactionsPerSecond: number;
  /** Submissions that wait for a place in the window, or for a pause to end. */
  readonly maxQueued: number;
  /** How long an answer may take: to a submission, whose outcome is unknown then, and to a bind. */
  readonly responseTimeout: Milliseconds;
  /** How long opening the stream may take. */
  readonly openTimeout: Milliseconds;
  /** After how long a silence the message centre is asked whether it is there. */
  readonly enquireLinkInterval: Milliseconds;
  /** How long it may be silent then. */
  readonly enquireLinkTimeout: Milliseconds;
  /** The wait before a lost session is tried again: it doubles up to the longest. */
  readonly firstReconnectDelay: Milliseconds;
  readonly longestReconnectDelay: Milliseconds;
  /** The wait after a bind was refused for what only people can put right. */
  readonly misconfiguredDelay: Milliseconds;
  /** The pause after the message centre asked for one: it doubles up to the longest. */
  readonly firstThrottlePause: Milliseconds;
  readonly longestThrottlePause: Milliseconds;
  /** Messages that came and were not acknowledged: the next ones are refused for the time being. */
  readonly maxUnacknowledged: number;
  /** The longest message that is taken, in bytes. */
  readonly maxUserData: number;
  /** Messages of which a receipt is awaited; the oldest is forgotten beyond. */
  readonly maxAwaitedReceipts: number;
  /** How long after the validity of a message its receipt may come. */
  readonly receiptPatience: Milliseconds;
  /** How long answers are waited for at the end, and the answer to unbind. */
  readonly drainTimeout: Milliseconds;
  readonly unbindTimeout: Milliseconds;
}

/** The limits when nothing else is said. */
export const smppLimitsDefaults: SmppLimits = {
  // What message centres allow by custom; more only helps where an answer takes longer than a tenth of a second.
  window: 10,
  // The smallest account that is sold: who has more says so.
  transactionsPerSecond: 1,
  // A minute and a half of the smallest account: what waits longer had better be told that it cannot be sent.
  maxQueued: 100,
  // SMPP 3.4 §7.2 (response_timer) gives no value; message centres answer within seconds or not at all.
  responseTimeout: milliseconds(30_000),
  openTimeout: milliseconds(30_000),
  // Below the idle time-outs of NATs and firewalls for TCP; dead sessions are noticed within a minute.
  enquireLinkInterval: milliseconds(30_000),
  enquireLinkTimeout: milliseconds(10_000),
  firstReconnectDelay: milliseconds(1000),
  longestReconnectDelay: milliseconds(60_000),
  // Accounts are locked after repeated wrong passwords; somebody has to look anyway.
  misconfiguredDelay: milliseconds(300_000),
  firstThrottlePause: milliseconds(1000),
  longestThrottlePause: milliseconds(60_000),
  maxUnacknowledged: 100,
  // Eight short messages: what a message centre put together for us may be as long as what we put together ourselves.
  maxUserData: 1120,
  // Half an hour of the smallest account.
  maxAwaitedReceipts: 2000,
  // The receipt of a message that ran out comes after a round of the message centre through its queue.
  receiptPatience: milliseconds(3_600_000),
  // Together less than the shell waits for a shut-down.
  drainTimeout: milliseconds(2500),
  unbindTimeout: milliseconds(1500),
};

/** What a session needs. */
export interface SmppSessionOptions {
  readonly account: SmppAccountOptions;
  readonly limits?: Readonly<Partial<SmppLimits>>;
  /** For the jitter of waits. */
  readonly random: Random;
}
