import { command, slowCommand } from './at-command.ts';
import type { AtScript } from './at-script.ts';
import { decodeModemPdu, type ModemPdu } from './modem-pdu.ts';

/** A received message or status report in the memory of a modem. */
export interface StoredMessage {
  readonly index: number;
  readonly pdu: ModemPdu;
}

/** `<stat>`: received, unread or read; 2 and 3 are messages to be sent, which somebody else wrote (3GPP TS 27.005 §3.1). */
const receivedStatuses: ReadonlySet<string> = new Set(['0', '1']);

/** An entry of the list: index, status, perhaps a name, length (3GPP TS 27.005 §4.1). */
const listEntry = /^\+CMGL: *(\d{1,5}), *(\d),(?:.*,)? *(\d{1,3})$/;

/** The same without the index (3GPP TS 27.005 §4.2). */
const readEntry = /^\+CMGR: *(\d),(?:.*,)? *(\d{1,3})$/;

/** All received messages in the memory. */
export function* listStored(): AtScript<readonly StoredMessage[]> {
  const outcome = yield slowCommand('AT+CMGL=4');
  if (outcome.kind === 'error') return [];
  return outcome.lines.flatMap((line, position) => {
    const [, index, status = '', length] = listEntry.exec(line) ?? [];
    if (index === undefined || !receivedStatuses.has(status)) return [];
    const pdu = decodeModemPdu(outcome.lines[position + 1] ?? '', Number(length));
    return [{ index: Number(index), pdu }];
  });
}

/** One message of the memory; `undefined` when there is none. */
export function* readStored(index: number): AtScript<StoredMessage | undefined> {
  const outcome = yield slowCommand(`AT+CMGR=${index}`);
  if (outcome.kind === 'error') return undefined;
  const position = outcome.lines.findIndex((line) => readEntry.test(line));
  const [, status = '', length] = readEntry.exec(outcome.lines[position] ?? '') ?? [];
  if (!receivedStatuses.has(status)) return undefined;
  return { index, pdu: decodeModemPdu(outcome.lines[position + 1] ?? '', Number(length)) };
}

export function* deleteStored(index: number): AtScript<void> {
  yield command(`AT+CMGD=${index}`);
}
