import {
  addDuration,
  type Instant,
  instantFrom,
  type Milliseconds,
  milliseconds,
  type Random,
  utf8Encode,
} from '@dunlin/base';
import {
  type BindMode,
  CommandStatus,
  decodePdu,
  encodePdu,
  FrameReader,
  instantOfMessageTime,
  MessageState,
  type Pdu,
  type SmppAddress,
  Tag,
} from '@dunlin/sms';

/** An account of the message centre; messages to its number go to who is bound with it. */
export interface CentreAccount {
  readonly systemId: string;
  readonly password: string;
  readonly number: string;
}

/** How the message centre behaves; may be changed at any time. */
export interface CentreBehaviour {
  /** The longest time until a submission is answered, delivered, and its receipt sent; the actual one is drawn. */
  answerDelay: Milliseconds;
  deliveryDelay: Milliseconds;
  receiptDelay: Milliseconds;
  /** How it names messages: in hexadecimal, or all alike. */
  names: 'hexadecimal' | 'all-alike';
  /** Where its receipts tell of state and name: in parameters, in the text (in decimal), only the state; or none at all. */
  receipts: 'parameters' | 'text' | 'without-name' | 'none';
  /** Submissions that it takes in a second; the others are throttled. */
  submissionsPerSecond: number;
  /** Submissions that it throttles before it takes the next one; counts down. */
  throttlesNext: number;
  /** False: submissions are taken, and never answered. */
  answersSubmissions: boolean;
  /** True: submissions are answered after the receipt was sent. */
  answersAfterReceipt: boolean;
  /** True: each message is delivered twice. */
  deliversTwice: boolean;
  /** Messages that it waits for, to deliver them in reverse once they are there; 1 from then on. */
  reversesNext: number;
  /** False: accounts are bound as transmitter and as receiver, over two connections. */
  knowsTransceivers: boolean;
}

const usually: CentreBehaviour = {
  answerDelay: milliseconds(20),
  deliveryDelay: milliseconds(50),
  receiptDelay: milliseconds(50),
  names: 'hexadecimal',
  receipts: 'parameters',
  submissionsPerSecond: Infinity,
  throttlesNext: 0,
  answersSubmissions: true,
  answersAfterReceipt: false,
  deliversTwice: false,
  reversesNext: 1,
  knowsTransceivers: true,
};

/** After so long it brings a message again that was refused for the time being, or not answered. */
const retryAfter = milliseconds(1000);
const answerTimeout = milliseconds(5000);

export type CentreOutput =
  | { readonly kind: 'write'; readonly connection: number; readonly bytes: Uint8Array }
  | { readonly kind: 'close'; readonly connection: number };

type Submission = Extract<Pdu, { kind: 'submit-sm' }>;

interface Connection {
  readonly id: number;
  readonly frames: FrameReader;
  account: CentreAccount | undefined;
  mode: BindMode | undefined;
  lastSequenceNumber: number;
  /** What was delivered and not answered. */
  readonly unanswered: Map<number, StoredMessage>;
}

interface StoredMessage {
  readonly number: number;
  readonly submission: Submission;
  readonly sender: CentreAccount;
  readonly validUntil: Instant;
  isDone: boolean;
  isBeingDelivered: boolean;
  isRepeated: boolean;
  /** Answers its submission, where that was not done yet. */
  answerLate: (now: Instant) => void;
}

/**
 * A message centre for tests, as a core without I/O: binds, keeps and forwards messages between its accounts, sends
 * receipts, and misbehaves as it is told. It keeps messages over its restarts.
 */
export class MessageCentre {
  readonly behaviour: CentreBehaviour;
  /** All submissions that were taken, in their order. */
  readonly taken: Submission[] = [];
  /** How many were throttled. */
  throttled = 0;
  /** How many messages were taken once more by who had them. */
  repeated = 0;
  /** How many binds came, of whomever. */
  binds = 0;
  readonly #accounts: readonly CentreAccount[];
  readonly #random: Random;
  readonly #connections = new Map<number, Connection>();
  readonly #stored = new Set<StoredMessage>();
  /** Those that wait for others, to be delivered in reverse. */
  readonly #held: StoredMessage[] = [];
  readonly #outputs: CentreOutput[] = [];
  #due: { readonly at: Instant; readonly act: (now: Instant) => void }[] = [];
  #lastNumber = 0x1a00;
  #second = 0;
  #inSecond = 0;

  constructor(accounts: readonly CentreAccount[], random: Random, behaviour: Partial<CentreBehaviour> = {}) {
    this.#accounts = accounts;
    this.#random = random;
    this.behaviour = { ...usually, ...behaviour };
  }

  get deadline(): Instant | undefined {
    return this.#due.reduce<Instant | undefined>(
      (earliest, { at }) => (earliest === undefined || at < earliest ? at : earliest),
      undefined,
    );
  }

  poll(): CentreOutput | undefined {
    return this.#outputs.shift();
  }

  connected(id: number): void {
    const fresh = { frames: new FrameReader(), account: undefined, mode: undefined, lastSequenceNumber: 0 };
    this.#connections.set(id, { id, ...fresh, unanswered: new Map() });
  }

  disconnected(id: number, now: Instant): void {
    const connection = this.#connections.get(id);
    this.#connections.delete(id);
    for (const message of connection?.unanswered.values() ?? []) this.#deliverLater(message, retryAfter, now);
  }

  handle(id: number, bytes: Uint8Array, now: Instant): void {
    const connection = this.#connections.get(id);
    if (connection === undefined) return;
    connection.frames.push(bytes);
    for (let frame = connection.frames.next(); frame !== undefined; frame = connection.frames.next()) {
      if (!(frame instanceof Uint8Array)) {
        this.#outputs.push({ kind: 'close', connection: id });
        return;
      }
      const pdu = decodePdu(frame);
      if (pdu.kind === 'malformed' || pdu.kind === 'unknown') {
        throw new Error(`The session sent something malformed: ${JSON.stringify(pdu)}`);
      }
      this.#take(connection, pdu, now);
    }
  }

  wake(now: Instant): void {
    const due = this.#due.filter(({ at }) => at <= now).sort((a, b) => a.at - b.at);
    this.#due = this.#due.filter(({ at }) => at > now);
    for (const { act } of due) act(now);
  }

  /** Loses all connections; what was not answered never will be. */
  restart(now: Instant): void {
    for (const { id } of this.#connections.values()) {
      this.#outputs.push({ kind: 'close', connection: id });
      this.disconnected(id, now);
    }
  }

  /** Sends raw bytes on all connections. */
  say(bytes: Uint8Array): void {
    for (const { id } of this.#connections.values()) {
      this.#outputs.push({ kind: 'write', connection: id, bytes });
    }
  }

  #take(connection: Connection, pdu: Pdu, now: Instant): void {
    switch (pdu.kind) {
      case 'bind':
        this.#bind(connection, pdu, now);
        return;
      case 'submit-sm':
        this.#submit(connection, pdu, now);
        return;
      case 'enquire-link': {
        const { sequenceNumber } = pdu;
        this.#write(connection, { kind: 'enquire-link-response', sequenceNumber, commandStatus: 0 });
        return;
      }
      case 'unbind': {
        const { sequenceNumber } = pdu;
        this.#write(connection, { kind: 'unbind-response', sequenceNumber, commandStatus: 0 });
        connection.account = undefined;
        return;
      }
      case 'deliver-sm-response':
        this.#delivered(connection, pdu.sequenceNumber, pdu.commandStatus, now);
        return;
      case 'bind-response':
      case 'outbind':
      case 'unbind-response':
      case 'submit-sm-response':
      case 'deliver-sm':
      case 'data-sm':
      case 'data-sm-response':
      case 'enquire-link-response':
      case 'alert-notification':
      case 'generic-nack':
      // Nothing that a session of ours sends, but for refusals of what was broken on purpose.
    }
  }

  #bind(connection: Connection, pdu: Extract<Pdu, { kind: 'bind' }>, now: Instant): void {
    this.binds += 1;
    const account = this.#accounts.find(({ systemId }) => systemId === pdu.systemId);
    const password = String.fromCharCode(...pdu.password.reveal());
    const { mode, sequenceNumber } = pdu;
    if (mode === 'transceiver' && !this.behaviour.knowsTransceivers) {
      const commandStatus = CommandStatus.invalidCommandId;
      this.#write(connection, { kind: 'generic-nack', sequenceNumber, commandStatus });
      return;
    }
    const commandStatus =
      account === undefined
        ? CommandStatus.invalidSystemId
        : password === account.password
          ? CommandStatus.ok
          : CommandStatus.invalidPassword;
    const answer = { mode, sequenceNumber, systemId: 'test', interfaceVersion: 0x34 };
    this.#write(connection, { kind: 'bind-response', commandStatus, ...answer });
    if (commandStatus !== CommandStatus.ok) return;
    connection.account = account;
    connection.mode = mode;
    for (const message of this.#stored) this.#deliverLater(message, this.behaviour.deliveryDelay, now);
  }

  #submit(connection: Connection, submission: Submission, now: Instant): void {
    const sender = connection.account;
    if (sender === undefined || connection.mode === 'receiver') {
      this.#answer(connection, submission, CommandStatus.invalidBindStatus, '', now);
      return;
    }
    if (this.#isThrottled(now)) {
      this.throttled += 1;
      this.#answer(connection, submission, CommandStatus.throttled, '', now);
      return;
    }
    this.taken.push(submission);
    this.#lastNumber += 1;
    const validUntil = instantOfMessageTime(submission.validityPeriod, now) ?? instantFrom(now + 86_400_000);
    const number = this.#lastNumber;
    const { names, answersSubmissions, answersAfterReceipt } = this.behaviour;
    const answer = (at: Instant): void => {
      const name = names === 'all-alike' ? 'msg_id' : number.toString(16);
      this.#answer(connection, submission, CommandStatus.ok, name, at);
    };
    const isLate = answersSubmissions && answersAfterReceipt && submission.registeredDelivery !== 0;
    const message: StoredMessage = {
      number,
      submission,
      sender,
      validUntil,
      isDone: false,
      isBeingDelivered: false,
      isRepeated: false,
      answerLate: isLate ? answer : () => undefined,
    };
    this.#stored.add(message);
    if (answersSubmissions && !isLate) answer(now);
    this.#forward(message, now);
    this.#at(validUntil, (at) => {
      if (this.#stored.delete(message)) this.#receiptLater(message, MessageState.expired, at);
    });
  }

  #isThrottled(now: Instant): boolean {
    const { behaviour } = this;
    if (behaviour.throttlesNext === 0) return this.#isTooFast(now);
    behaviour.throttlesNext -= 1;
    return true;
  }

  #isTooFast(now: Instant): boolean {
    const second = Math.floor(now / 1000);
    if (second !== this.#second) this.#inSecond = 0;
    this.#second = second;
    this.#inSecond += 1;
    return this.#inSecond > this.behaviour.submissionsPerSecond;
  }

  #answer(
    connection: Connection,
    { sequenceNumber }: Submission,
    commandStatus: number,
    messageId: string,
    now: Instant,
  ): void {
    this.#within(this.behaviour.answerDelay, now, () => {
      const answer = { sequenceNumber, commandStatus, messageId, tlvs: [] };
      this.#write(connection, { kind: 'submit-sm-response', ...answer });
    });
  }

  #forward(message: StoredMessage, now: Instant): void {
    const { behaviour } = this;
    if (behaviour.reversesNext <= 1) {
      this.#deliverLater(message, behaviour.deliveryDelay, now);
      return;
    }
    this.#held.push(message);
    if (this.#held.length < behaviour.reversesNext) return;
    behaviour.reversesNext = 1;
    for (const held of this.#held.splice(0).reverse()) this.#deliver(held, now);
  }

  #deliverLater(message: StoredMessage, delay: Milliseconds, now: Instant): void {
    this.#within(delay, now, (at) => this.#deliver(message, at));
  }

  /** Brings a message to who is bound with its number; while nobody is, it waits. */
  #deliver(message: StoredMessage, now: Instant): void {
    const { submission } = message;
    const isRepetition = message.isDone && message.isRepeated;
    if ((!this.#stored.has(message) && !isRepetition) || message.isBeingDelivered) return;
    const connection = this.#boundTo(submission.destination.digits);
    if (connection === undefined) return;
    message.isBeingDelivered = true;
    const digits = submission.source.digits === '' ? message.sender.number : submission.source.digits;
    const sequenceNumber = this.#send(connection, {
      ...submission,
      kind: 'deliver-sm',
      source: { typeOfNumber: 1, numberingPlan: 1, digits },
      validityPeriod: '',
      registeredDelivery: 0,
    });
    connection.unanswered.set(sequenceNumber, message);
    this.#at(addDuration(now, answerTimeout), (at) => {
      if (!connection.unanswered.delete(sequenceNumber)) return;
      message.isBeingDelivered = false;
      this.#deliver(message, at);
    });
  }

  #delivered(connection: Connection, sequenceNumber: number, status: number, now: Instant): void {
    const message = connection.unanswered.get(sequenceNumber);
    if (message === undefined) return;
    connection.unanswered.delete(sequenceNumber);
    message.isBeingDelivered = false;
    if (status === CommandStatus.receiverTemporaryError) {
      this.#at(addDuration(now, retryAfter), (at) => this.#deliver(message, at));
      return;
    }
    if (!this.#stored.delete(message)) {
      this.repeated += 1;
      return;
    }
    message.isDone = true;
    if (this.behaviour.deliversTwice) {
      message.isRepeated = true;
      this.#deliverLater(message, this.behaviour.deliveryDelay, now);
    }
    this.#receiptLater(message, status === 0 ? MessageState.delivered : MessageState.undeliverable, now);
  }

  #receiptLater(message: StoredMessage, state: MessageState, now: Instant): void {
    if (message.submission.registeredDelivery === 0 || this.behaviour.receipts === 'none') return;
    this.#within(this.behaviour.receiptDelay, now, (at) => this.#receipt(message, state, at));
  }

  #receipt(message: StoredMessage, state: MessageState, now: Instant): void {
    const connection = this.#boundTo(message.sender.number);
    if (connection === undefined) {
      this.#at(addDuration(now, retryAfter), (at) => this.#receipt(message, state, at));
      return;
    }
    const { submission, number, sender } = message;
    const name = number.toString(16);
    const word = state === MessageState.delivered ? 'DELIVRD' : 'EXPIRED';
    const texts = {
      parameters: '',
      text: `id:${number} sub:001 dlvrd:001 submit date:2611261731 done date:2611261732 stat:${word} err:000 text:`,
      'without-name': `stat:${word}`,
      none: '',
    };
    const hasParameters = this.behaviour.receipts === 'parameters';
    this.#send(connection, {
      ...submission,
      kind: 'deliver-sm',
      source: submission.destination,
      destination: numberOf(sender.number),
      esmClass: 0x04,
      dataCoding: 0,
      validityPeriod: '',
      registeredDelivery: 0,
      shortMessage: utf8Encode(texts[this.behaviour.receipts]),
      tlvs: hasParameters
        ? [
            { tag: Tag.receiptedMessageId, value: utf8Encode(`${name}\0`) },
            { tag: Tag.messageState, value: Uint8Array.of(state) },
          ]
        : [],
    });
    message.answerLate(now);
  }

  #boundTo(number: string): Connection | undefined {
    return this.#connections
      .values()
      .find(({ account, mode }) => account?.number === number && mode !== 'transmitter');
  }

  /** Sends a command of its own. */
  #send(connection: Connection, pdu: Pdu): number {
    connection.lastSequenceNumber += 1;
    const sequenceNumber = connection.lastSequenceNumber;
    this.#write(connection, { ...pdu, sequenceNumber });
    return sequenceNumber;
  }

  #write({ id }: Connection, pdu: Pdu): void {
    if (!this.#connections.has(id)) return;
    this.#outputs.push({ kind: 'write', connection: id, bytes: encodePdu(pdu) });
  }

  #within(delay: Milliseconds, now: Instant, act: (now: Instant) => void): void {
    this.#at(addDuration(now, milliseconds(Math.ceil(delay * this.#random.fraction()))), act);
  }

  #at(at: Instant, act: (now: Instant) => void): void {
    this.#due.push({ at, act });
  }
}

function numberOf(digits: string): SmppAddress {
  return { typeOfNumber: 1, numberingPlan: 1, digits };
}
