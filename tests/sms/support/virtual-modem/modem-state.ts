/** A message in the memory of the modem. */
export interface StoredMessage {
  /** 0 received and unread, 1 received and read (3GPP TS 27.005 §3.1). */
  status: 0 | 1;
  /** The address of the centre and the TPDU, in hexadecimal digits. */
  readonly digits: string;
  /** The length of the TPDU alone. */
  readonly length: number;
}

/** How messages and status reports are to be told (`<mt>` and `<ds>` of AT+CNMI, 3GPP TS 27.005 §3.4.1). */
export interface Indications {
  readonly all: readonly number[];
  readonly messages: number;
  readonly reports: number;
}

/** What a modem knows by what it was told. */
export class ModemState {
  hasEcho = true;
  /** Numbers with errors, words, or nothing (AT+CMEE). */
  errorDetail = 1;
  isPduMode = false;
  /** With 1, messages are to be acknowledged (AT+CSMS). */
  service = 0;
  indications: Indications = indicationsOf([]);
  centre = '+491700000099';
  isUnlocked: boolean;
  wrongPins = 0;
  readonly memory = new Map<number, StoredMessage>();
  readonly pin: string | undefined;
  readonly capacity: number;
  readonly hasAcknowledgements: boolean;

  constructor(traits: Pick<ModemState, 'pin' | 'capacity' | 'hasAcknowledgements'>) {
    this.pin = traits.pin;
    this.isUnlocked = traits.pin === undefined;
    this.capacity = traits.capacity;
    this.hasAcknowledgements = traits.hasAcknowledgements;
  }

  /** What a loss of power leaves: the memory, and a card that asks for its PIN. */
  restart(): void {
    this.hasEcho = true;
    this.errorDetail = 1;
    this.isPduMode = false;
    this.service = 0;
    this.indications = indicationsOf([]);
    this.isUnlocked = this.pin === undefined;
  }

  /** The place a message got, or `undefined` when the memory is full. */
  store(message: StoredMessage): number | undefined {
    let index = 1;
    while (this.memory.has(index)) index += 1;
    if (index > this.capacity) return undefined;
    this.memory.set(index, message);
    return index;
  }
}

/** The values of AT+CNMI; those left out are what they were. */
export function indicationsOf(
  values: readonly (number | undefined)[],
  before: readonly number[] = [0, 0, 0, 0, 0],
): Indications {
  const all = before.map((value, position) => values[position] ?? value);
  return { all, messages: all[1] ?? 0, reports: all[3] ?? 0 };
}
