import { addDuration, hexEncode, type Instant } from '@dunlin/base';

import type { AwaitedReceipt, CarrierEvent } from '../carrier.ts';
import type { OutgoingShortMessage, ShortMessageId } from '../short-message.ts';
import { addressOf } from '../tpdu/address.ts';
import { eightBitData } from '../tpdu/data-coding-scheme.ts';
import { receiptStateOf, type StatusReport } from '../tpdu/status-report.ts';
import { encodeSubmit } from '../tpdu/submit.ts';
import type { AtOutcome } from './at-command.ts';
import type { AtScript } from './at-script.ts';
import { describeAtError } from './final-result.ts';
import type { AtModemLimits } from './modem-options.ts';
import { memoryFull, submitFailureOf } from './submit-failure.ts';

/** A message that waits for the modem. */
interface Queued {
  readonly id: ShortMessageId;
  readonly to: string;
  readonly wantsReceipt: boolean;
  readonly tpdu: Uint8Array;
  /** When the message would be stale. */
  readonly expiresAt: Instant;
}

/** A message whose receipt is awaited. */
interface Sent {
  readonly id: ShortMessageId;
  readonly to: string;
}

/** The message is sent by the centre that the SIM card knows. */
const noCentre = '00';

/** What a modem says of a message that the centre has: its reference (3GPP TS 27.005 §3.5.1). */
const submitted = /^\+CMGS: *(\d{1,3})/;

/** Reports that came before the modem said the reference of the message in flight; one message has at most a few. */
const maxEarlyReports = 4;

/** The messages for a modem, one in flight, and the receipts that are to come. */
export class ModemOutbox {
  readonly #tell: (event: CarrierEvent) => void;
  readonly #limits: AtModemLimits;
  readonly #queue: Queued[] = [];
  #inFlight: Queued | undefined;
  /** By the reference, which is one octet: at most 256. */
  readonly #sent = new Map<number, Sent>();
  #earlyReports: StatusReport[] = [];

  constructor(tell: (event: CarrierEvent) => void, limits: AtModemLimits) {
    this.#tell = tell;
    this.#limits = limits;
  }

  get isEmpty(): boolean {
    return this.#queue.length === 0;
  }

  /** Of an earlier process. Its reference is good until the modem, which counts on, uses it again. */
  expect({ id, to, reference }: AwaitedReceipt): void {
    if (/^\d{1,3}$/.test(reference)) this.#sent.set(Number(reference), { id, to });
  }

  /** Takes a message; throws a `UsageError` for one that cannot be said. */
  submit(message: OutgoingShortMessage, now: Instant): void {
    const { id, to, wantsReceipt, validity } = message;
    const tpdu = encodeSubmit({
      messageReference: 0,
      to: addressOf(to),
      protocolIdentifier: 0,
      validity,
      wantsStatusReport: wantsReceipt,
      userData: {
        dataCodingScheme: eightBitData,
        hasHeader: message.hasHeader,
        octets: message.userData,
      },
    });
    if (this.#queue.length >= this.#limits.maxQueued) {
      this.refuse(id, true, `${this.#queue.length} messages wait for the modem already`);
      return;
    }
    this.#queue.push({ id, to, wantsReceipt, tpdu, expiresAt: addDuration(now, validity) });
  }

  refuse(id: ShortMessageId, isTemporary: boolean, reason: string): void {
    this.#tell({ kind: 'refused', id, isTemporary, reason });
  }

  /** Sends the first message of the queue; true when the modem said that its memory is full. */
  *sendNext(now: Instant): AtScript<boolean> {
    const message = this.#queue.shift();
    if (message === undefined) return false;
    if (now >= message.expiresAt) {
      this.refuse(message.id, false, 'its validity has ended while it waited for the modem');
      return false;
    }
    this.#inFlight = message;
    this.#earlyReports = [];
    const text = `AT+CMGS=${message.tpdu.length}`;
    const outcome = yield {
      kind: 'command',
      text,
      name: text,
      timeout: this.#limits.promptTimeout,
      expects: '+CMGS:',
      pdu: {
        digits: noCentre + hexEncode(message.tpdu).toUpperCase(),
        timeout: this.#limits.submitTimeout,
      },
    };
    this.#inFlight = undefined;
    this.#settle(message, outcome);
    return outcome.kind === 'error' && outcome.error.kind === 'cms' && outcome.error.code === memoryFull;
  }

  /** A status report came. */
  reported(report: StatusReport): void {
    const sent = this.#sent.get(report.messageReference);
    if (sent === undefined || !isSameNumber(sent.to, report.to.digits)) {
      if (this.#inFlight !== undefined && this.#earlyReports.length < maxEarlyReports)
        this.#earlyReports.push(report);
      return;
    }
    const state = receiptStateOf(report.status);
    if (state === undefined) return;
    this.#sent.delete(report.messageReference);
    this.#tell({ kind: 'receipt', id: sent.id, state });
  }

  /** The modem is lost. What waits was certainly not sent; what the modem had been given, nobody knows. */
  reset(isPduGiven: boolean, reason: string): void {
    const message = this.#inFlight;
    this.#inFlight = undefined;
    if (message !== undefined && isPduGiven) this.#tell({ kind: 'unknown', id: message.id, reason });
    else if (message !== undefined) this.refuse(message.id, true, reason);
    this.refuseQueued(reason);
  }

  refuseQueued(reason: string): void {
    for (const { id } of this.#queue.splice(0)) this.refuse(id, true, reason);
  }

  #settle(message: Queued, outcome: AtOutcome): void {
    const { id, to } = message;
    if (outcome.kind === 'error') {
      this.#fail(id, outcome);
      return;
    }
    const reference = outcome.lines
      .map((line) => submitted.exec(line)?.[1])
      .find((each) => each !== undefined);
    this.#tell({ kind: 'accepted', id, reference: reference ?? '' });
    if (reference === undefined || !message.wantsReceipt) return;
    this.#sent.set(Number(reference), { id, to });
    for (const report of this.#earlyReports.splice(0)) this.reported(report);
  }

  #fail(id: ShortMessageId, { error, isPduGiven }: AtOutcome & { readonly kind: 'error' }): void {
    const failure = submitFailureOf(error);
    const reason = `the modem did not send it: ${describeAtError(error)}`;
    if (failure === 'unknown' && isPduGiven) this.#tell({ kind: 'unknown', id, reason });
    else this.refuse(id, failure !== 'permanent', reason);
  }
}

/** The centre may write the number in another way than it was given, with or without the country. */
function isSameNumber(number: string, reported: string): boolean {
  return number.endsWith(reported) || reported.endsWith(number);
}
