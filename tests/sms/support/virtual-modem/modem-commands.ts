import { indicationsOf, type ModemState } from './modem-state.ts';

/** What a modem answers to one command of a line. */
export type Reply =
  | { readonly kind: 'ok'; readonly lines: readonly string[] }
  | { readonly kind: 'error'; readonly service: 'CMS' | 'CME'; readonly code: number }
  /** The modem waits for a PDU of so many octets. */
  | { readonly kind: 'prompt'; readonly length: number };

/** What a command can do beside changing the state. */
export interface ModemActions {
  readonly imsi: string;
  readonly isRegistered: boolean;
  /** Answers the network for the message that was shown last; false when none waits for that. */
  acknowledge(answer: 'positive' | 'negative'): boolean;
}

type Command = (state: ModemState, match: RegExpExecArray, actions: ModemActions) => Reply;

const ok = (...lines: readonly string[]): Reply => ({ kind: 'ok', lines });
const cms = (code: number): Reply => ({ kind: 'error', service: 'CMS', code });
const cme = (code: number): Reply => ({ kind: 'error', service: 'CME', code });

/** What is answered while the card is locked (3GPP TS 27.007 §9.2.1). */
const simPinRequired = 11;
const simPukRequired = 12;
const incorrectPassword = 16;
const operationNotSupported = 4;

/** Commands of 27.007, 27.005 and V.250 that hosts of modems use; the first that matches counts. */
const commands: readonly (readonly [RegExp, Command])[] = [
  [
    /^E([01])?$/,
    (state, [, on]) => {
      state.hasEcho = on === '1';
      return ok();
    },
  ],
  [
    /^(?:Z\d?|&F\d?)$/,
    (state) => {
      const { isUnlocked } = state;
      state.restart();
      state.isUnlocked = isUnlocked;
      return ok();
    },
  ],
  [/^(?:Q0|V1|X\d|S\d+=\d+|&[CD]\d|H\d?|\+COPS=[^?]*|\+CFUN=1.*|\+CSCS=[^?]*)$/, () => ok()],
  [/^I\d?$/, () => ok('VModem')],
  [/^\+C?GMI$/, () => ok('Dunlin')],
  [/^\+C?GMM$/, () => ok('VModem')],
  [/^\+C?GMR$/, () => ok('1')],
  [/^\+C?GSN$/, () => ok('490154203237518')],
  [/^\+CIMI$/, (_state, _match, { imsi }) => ok(imsi)],
  [/^\+GCAP$/, () => ok('+GCAP: +CGSM')],
  [
    /^\+CMEE=(\d)$/,
    (state, [, detail]) => {
      state.errorDetail = Number(detail);
      return ok();
    },
  ],
  [/^\+CPIN\?$/, (state) => ok(`+CPIN: ${lockOf(state)}`)],
  [/^\+CPIN="?(\d+)"?$/, enterPin],
  [/^\+CSQ$/, () => ok('+CSQ: 20,0')],
  [/^\+CREG\?$/, (_state, _match, { isRegistered }) => ok(`+CREG: 0,${isRegistered ? 1 : 2}`)],
  [/^\+CREG=\d$/, () => ok()],
  [/^\+COPS\?$/, () => ok('+COPS: 0,2,"00101"')],
  [/^\+CFUN\?$/, () => ok('+CFUN: 1')],
  [/^\+CSCS\?$/, () => ok('+CSCS: "GSM"')],
  [/^\+CSCS=\?$/, () => ok('+CSCS: ("GSM","IRA","UCS2")')],
  [/^\+CSCA\?$/, (state) => ok(`+CSCA: "${state.centre}",145`)],
  [
    /^\+CSCA="(\+?\d+)"/,
    (state, [, centre = '']) => {
      state.centre = centre;
      return ok();
    },
  ],
  [/^\+CMGF\?$/, (state) => ok(`+CMGF: ${state.isPduMode ? 0 : 1}`)],
  [/^\+CMGF=\?$/, () => ok('+CMGF: (0)')],
  [
    /^\+CMGF=(\d)$/,
    (state, [, mode]) => {
      if (mode !== '0') return cms(303);
      state.isPduMode = true;
      return ok();
    },
  ],
  [/^\+CSMS\?$/, (state) => ok(`+CSMS: ${state.service},1,1,1`)],
  [/^\+CSMS=\?$/, () => ok('+CSMS: (0,1)')],
  [
    /^\+CSMS=([01])$/,
    (state, [, service]) => {
      if (service === '1' && !state.hasAcknowledgements) return cms(303);
      state.service = Number(service);
      return ok('+CSMS: 1,1,1');
    },
  ],
  [/^\+CNMI\?$/, (state) => ok(`+CNMI: ${state.indications.all.join(',')}`)],
  [/^\+CNMI=\?$/, () => ok('+CNMI: (0-2),(0-2),(0),(0-2),(0,1)')],
  [
    /^\+CNMI=([\d,]+)$/,
    (state, [, values = '']) => {
      const given = values.split(',').map((value) => (value === '' ? undefined : Number(value)));
      state.indications = indicationsOf(given, state.indications.all);
      return ok();
    },
  ],
  [
    /^\+CPMS\?$/,
    (state) =>
      ok(
        `+CPMS: ${Array(3)
          .fill(`"SM",${used(state)}`)
          .join(',')}`,
      ),
  ],
  [/^\+CPMS=\?$/, () => ok('+CPMS: ("SM"),("SM"),("SM")')],
  [/^\+CPMS="SM"(?:,"SM")*$/, (state) => ok(`+CPMS: ${Array(3).fill(used(state)).join(',')}`)],
  [/^\+CPMS=/, () => cms(302)],
  [
    /^\+CNMA(?:=([012]))?$/,
    (_state, [, answer], actions) =>
      actions.acknowledge(answer === '2' ? 'negative' : 'positive') ? ok() : cms(340),
  ],
  [/^\+CMGS=(\d+)$/, (_state, [, length]) => ({ kind: 'prompt', length: Number(length) })],
  [/^\+CMGR=(\d+)$/, readMessage],
  [/^\+CMGL(?:=(\d))?$/, listMessages],
  [/^\+CMGD=(\d+)(?:,(\d))?$/, deleteMessages],
  [/^\+CMGD=\?$/, (state) => ok(`+CMGD: (1-${state.capacity}),(0-4)`)],
];

/** Commands that a modem with a locked card takes all the same. */
const beforeUnlocking = /^(?:[EZ&QVXSHI]|\+CPIN|\+CMEE|\+C?GM|\+C?GSN)/;

/** Carries out one command, without the AT before it. */
export function carryOut(text: string, state: ModemState, actions: ModemActions): Reply {
  if (!state.isUnlocked && !beforeUnlocking.test(text)) return cme(simPinRequired);
  for (const [pattern, command] of commands) {
    const match = pattern.exec(text);
    if (match !== null) return command(state, match, actions);
  }
  return cme(operationNotSupported);
}

const maxWrongPins = 3;

function lockOf({ isUnlocked, wrongPins }: ModemState): string {
  if (isUnlocked) return 'READY';
  return wrongPins < maxWrongPins ? 'SIM PIN' : 'SIM PUK';
}

function enterPin(state: ModemState, [, pin]: RegExpExecArray): Reply {
  if (state.wrongPins >= maxWrongPins) return cme(simPukRequired);
  if (pin !== state.pin) {
    state.wrongPins += 1;
    return cme(incorrectPassword);
  }
  state.wrongPins = 0;
  state.isUnlocked = true;
  return ok();
}

function used({ memory, capacity }: ModemState): string {
  return `${memory.size},${capacity}`;
}

function readMessage(state: ModemState, [, index]: RegExpExecArray): Reply {
  const message = state.memory.get(Number(index));
  if (message === undefined) return cms(321);
  const { status, length, digits } = message;
  message.status = 1;
  return ok(`+CMGR: ${status},,${length}`, digits);
}

const all = 4;

function listMessages(state: ModemState, [, wanted = '0']: RegExpExecArray): Reply {
  const lines: string[] = [];
  for (const [index, message] of [...state.memory].sort(([a], [b]) => a - b)) {
    if (Number(wanted) !== all && message.status !== Number(wanted)) continue;
    lines.push(`+CMGL: ${index},${message.status},,${message.length}`, message.digits);
    message.status = 1;
  }
  return ok(...lines);
}

function deleteMessages(state: ModemState, [, index, scope = '0']: RegExpExecArray): Reply {
  if (scope === '0') state.memory.delete(Number(index));
  else state.memory.clear();
  return ok();
}
