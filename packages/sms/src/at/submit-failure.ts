import type { AtError } from './final-result.ts';

/** What an error of AT+CMGS means for the message. */
export type SubmitFailure =
  /** It was certainly not sent, and may be tried again. */
  | 'temporary'
  /** It was certainly not sent, and would not be the next time either. */
  | 'permanent'
  /** The modem gave up without knowing what the network did: it must not be sent again. */
  | 'unknown';

/** The memory for short messages is full (3GPP TS 27.005 §3.2.5). */
export const memoryFull = 322;

/** The last of the causes that the network itself gives in its refusal (3GPP TS 24.011 §8.2.5.4, 3GPP TS 23.040 §9.2.3.22). */
const lastNetworkCause = 255;

/**
 * Causes of the network with which a message may be taken later: destination out of order 27, network out of order 38,
 * temporary failure 41, congestion 42, resources unavailable 47 (3GPP TS 24.011 §E.2); congestion of the message
 * centre 192, system failure 194 (3GPP TS 23.040 §9.2.3.22).
 */
const temporaryCauses: ReadonlySet<number> = new Set([27, 38, 41, 42, 47, 192, 194]);

/** Errors of the modem before it sent anything (3GPP TS 27.005 §3.2.5). */
const modemErrors: ReadonlyMap<number, SubmitFailure> = new Map([
  [301, 'temporary'], // the service is reserved by somebody else
  [302, 'permanent'], // not allowed
  [303, 'permanent'], // not supported
  [304, 'permanent'], // invalid parameter of the PDU mode
  [310, 'temporary'], // no SIM
  [311, 'permanent'], // PIN required
  [312, 'permanent'], // PIN of the phone required
  [313, 'temporary'], // SIM failure
  [314, 'temporary'], // SIM busy
  [315, 'permanent'], // wrong SIM
  [316, 'permanent'], // PUK required
  [317, 'permanent'], // PIN2 required
  [318, 'permanent'], // PUK2 required
  [320, 'temporary'], // memory failure
  [321, 'permanent'], // invalid index
  [memoryFull, 'temporary'],
  [330, 'permanent'], // the address of the message centre is unknown
  [331, 'temporary'], // no network service
]);

/**
 * What becomes of a message whose PDU the modem had: only errors that say that nothing was sent are taken for that. A
 * network timeout (332), an unknown error (500), a failure of the modem (300) and errors of manufacturers do not.
 */
export function submitFailureOf(error: AtError): SubmitFailure {
  if (error.kind !== 'cms') return 'unknown';
  const { code } = error;
  if (code <= lastNetworkCause) return temporaryCauses.has(code) ? 'temporary' : 'permanent';
  return modemErrors.get(code) ?? 'unknown';
}
