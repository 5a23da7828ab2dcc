import { concatBytes, hexDecode, hexEncode } from '@dunlin/base';

import { memoryCapacityExceeded, NetworkLost, type RpCause, UserEquipment } from '../phone/user-equipment.ts';
import { carryOut, type Reply } from './modem-commands.ts';
import { indicationsOf, ModemState } from './modem-state.ts';

/** A modem and the card in it. */
export interface VirtualModemOptions {
  /** Where the network is. */
  readonly sgs: { readonly host: string; readonly port: number };
  readonly imsi: string;
  /** The card asks for it when there is one. */
  readonly pin?: string;
  /** Messages that the card can hold. */
  readonly capacity?: number;
  /** False for an old modem, which cannot wait for its host to acknowledge a message. */
  readonly hasAcknowledgements?: boolean;
  /** Milliseconds in which a message that was shown is to be acknowledged. */
  readonly acknowledgementTime?: number;
}

/** What the modem says to the network of a message that its host did not take (3GPP TS 24.011 §8.2.5.4). */
const protocolError: RpCause = 111;

const invalidPduParameter = 304;
const noNetworkService = 331;
const networkTimeout = 332;
const maxTpdu = 164;

/**
 * A modem with the commands of 3GPP TS 27.005 in PDU mode, over a phone without radio. It is no copy of a certain modem;
 * that Gammu and Kannel can use it, which know many, is what says that it is one.
 */
export class VirtualModem implements AsyncDisposable {
  readonly phone: UserEquipment;
  readonly state: ModemState;
  /** All that was typed and said, for people who look for a fault. */
  readonly dialogue: string[] = [];
  /** Called with what comes from the host before the network has it, for faults at that moment. */
  onSubmit: (tpdu: Uint8Array) => void = () => undefined;
  /** True when the modem hangs: it takes everything and says nothing. */
  isDeaf = false;
  #say: (text: string) => void = () => undefined;
  readonly #acknowledgementTime: number;
  #acknowledge: ((answer: 'positive' | 'negative') => void) | undefined;
  /** Messages are shown one by one. */
  #showing: Promise<unknown> = Promise.resolve();
  /** Commands are carried out one by one. */
  #working: Promise<void> = Promise.resolve();
  #line = '';
  #pduLength: number | undefined;
  /** The modem counts the messages, whatever the host says (3GPP TS 23.040 §9.2.3.6). */
  #reference = 0;

  constructor(options: VirtualModemOptions) {
    const {
      sgs,
      imsi,
      pin,
      capacity = 10,
      hasAcknowledgements = true,
      acknowledgementTime = 10_000,
    } = options;
    this.state = new ModemState({ pin, capacity, hasAcknowledgements });
    this.#acknowledgementTime = acknowledgementTime;
    this.phone = new UserEquipment({
      sgs,
      imsi,
      take: (tpdu, centre) => {
        const taken = this.#showing.then(() => this.#take(tpdu, centre));
        this.#showing = taken;
        return taken;
      },
    });
  }

  /** The host is at the other end of the line now, and hears what is said from now on. */
  connect(say: (text: string) => void): void {
    this.#say = say;
    this.#line = '';
    this.#pduLength = undefined;
  }

  disconnect(): void {
    this.#say = () => undefined;
  }

  /** What the host typed. */
  hear(text: string): void {
    if (this.isDeaf) return;
    for (const character of text) this.#hearCharacter(character);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.phone[Symbol.asyncDispose]();
    this.#acknowledge?.('negative');
  }

  #hearCharacter(character: string): void {
    const isPdu = this.#pduLength !== undefined;
    if (this.state.hasEcho && character !== '\u001B') this.#tell(character);
    switch (character) {
      case '\u001B':
        if (isPdu) this.#tell('\r\nOK\r\n');
        this.#pduLength = undefined;
        this.#line = '';
        return;
      case '\u001A':
        if (isPdu) this.#endPdu();
        return;
      case '\r':
        if (!isPdu) this.#endLine();
        return;
      case '\n':
        return;
      case '\b':
        this.#line = this.#line.slice(0, -1);
        return;
      default:
        this.#line += character;
    }
  }

  #endLine(): void {
    const line = this.#line.trim();
    this.#line = '';
    this.dialogue.push(`> ${line}`);
    if (!/^at/i.test(line)) return;
    this.#work(() => Promise.resolve(this.#carryOutLine(line.slice(2).trim())));
  }

  #endPdu(): void {
    const digits = this.#line.trim();
    const length = this.#pduLength ?? 0;
    this.#line = '';
    this.#pduLength = undefined;
    this.dialogue.push(`> ${digits}`);
    this.#work(() => this.#submit(digits, length));
  }

  #work(task: () => Promise<void>): void {
    this.#working = this.#working.then(task);
  }

  /** Several commands may stand in a line, between semicolons outside of quotes (ITU-T V.250 §5.2.4). */
  #carryOutLine(text: string): void {
    const actions = {
      imsi: this.phone.imsi,
      isRegistered: this.phone.isAttached,
      acknowledge: (answer: 'positive' | 'negative'): boolean => {
        const acknowledge = this.#acknowledge;
        acknowledge?.(answer);
        return acknowledge !== undefined;
      },
    };
    for (const command of text.match(/(?:[^;"]|"[^"]*")+/g) ?? []) {
      const reply = carryOut(command.trim().toUpperCase(), this.state, actions);
      if (!this.#answer(reply)) return;
    }
    this.#lines('OK');
  }

  /** False when the rest of the line is not to be carried out. */
  #answer(reply: Reply): boolean {
    switch (reply.kind) {
      case 'ok':
        if (reply.lines.length > 0) this.#lines(...reply.lines);
        return true;
      case 'error':
        this.#lines(this.state.errorDetail === 0 ? 'ERROR' : `+${reply.service} ERROR: ${reply.code}`);
        return false;
      case 'prompt':
        this.#pduLength = reply.length;
        this.#tell('\r\n> ');
        return false;
    }
  }

  async #submit(digits: string, length: number): Promise<void> {
    const pdu = hexDecode(digits) ?? Uint8Array.of(0);
    const tpdu = pdu.slice(1 + (pdu[0] ?? 0));
    if (tpdu.length !== length || length === 0 || length > maxTpdu) {
      this.#answer({ kind: 'error', service: 'CMS', code: invalidPduParameter });
      return;
    }
    if (!this.phone.isAttached) {
      this.#answer({ kind: 'error', service: 'CMS', code: noNetworkService });
      return;
    }
    this.#reference = (this.#reference + 1) & 0xff;
    tpdu[1] = this.#reference;
    this.onSubmit(tpdu);
    const cause = await this.phone.submit(tpdu).catch((error: unknown) => {
      if (error instanceof NetworkLost) return networkTimeout;
      throw error;
    });
    if (cause === undefined) this.#lines(`+CMGS: ${this.#reference}`, 'OK');
    else this.#answer({ kind: 'error', service: 'CMS', code: cause });
  }

  /** A message or a status report came: it is shown, or stored, as the host wants it (3GPP TS 27.005 §3.4.1). */
  async #take(tpdu: Uint8Array, centre: Uint8Array): Promise<RpCause | undefined> {
    const digits = hexEncode(concatBytes([Uint8Array.of(centre.length), centre, tpdu])).toUpperCase();
    const isReport = ((tpdu[0] ?? 0) & 0x03) === 0x02;
    const { messages, reports } = this.state.indications;
    if (isReport ? reports === 1 : messages === 2) {
      this.#lines(`${isReport ? '+CDS: ' : '+CMT: ,'}${tpdu.length}`, digits);
      return this.state.service === 0 ? undefined : await this.#acknowledgement();
    }
    const index = this.state.store({ status: 0, digits, length: tpdu.length });
    if (index === undefined) return memoryCapacityExceeded;
    if (isReport ? reports === 2 : messages === 1)
      this.#lines(`${isReport ? '+CDSI' : '+CMTI'}: "SM",${index}`);
    return undefined;
  }

  /** A host that does not acknowledge in time gets no more messages shown (3GPP TS 27.005 §3.4.1). */
  async #acknowledgement(): Promise<RpCause | undefined> {
    const answered = Promise.withResolvers<'positive' | 'negative' | 'late'>();
    const late = setTimeout(() => answered.resolve('late'), this.#acknowledgementTime);
    this.#acknowledge = answered.resolve;
    const answer = await answered.promise;
    clearTimeout(late);
    this.#acknowledge = undefined;
    if (answer === 'late') this.state.indications = indicationsOf([]);
    return answer === 'positive' ? undefined : protocolError;
  }

  #lines(...lines: readonly string[]): void {
    this.dialogue.push(...lines.map((line) => `< ${line}`));
    // Lines of one answer stand together, as in 3GPP TS 27.005 the PDU after its header.
    this.#tell(`\r\n${lines.join('\r\n')}\r\n`);
  }

  #tell(text: string): void {
    if (!this.isDeaf) this.#say(text);
  }
}
