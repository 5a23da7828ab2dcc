import { type Milliseconds, milliseconds } from '@dunlin/base';

/**
 * What a datagram is sent for. `trigger` is the request that wakes a device; `response` is any answer to something
 * that came; `handshake` is all of DTLS but application data.
 */
export type Purpose = 'request' | 'trigger' | 'response' | 'notification' | 'handshake';

/** Every purpose, in the order of reports. */
export const purposes: readonly Purpose[] = ['request', 'trigger', 'response', 'notification', 'handshake'];

/** How datagrams of one purpose are sent. */
export interface PurposeParameters {
  /**
   * How long the message centre tries, which is also how long it waits here for its turn: what nobody waits for any
   * more must not arrive and be executed late.
   */
  readonly validity: Milliseconds;
  /** Receipts cost nothing but signalling; they are asked for where a failure ends a wait. */
  readonly wantsReceipt: boolean;
}

/**
 * Defaults: requests wait 300 s for their answer, answers are worth 60 s. A handshake message lives a little longer
 * than the longest wait before it is sent again (RFC 7925 appendix A.3), 120 s.
 */
export const purposeDefaults: Readonly<Record<Purpose, PurposeParameters>> = {
  request: { validity: milliseconds(300_000), wantsReceipt: true },
  trigger: { validity: milliseconds(300_000), wantsReceipt: true },
  response: { validity: milliseconds(60_000), wantsReceipt: false },
  notification: { validity: milliseconds(300_000), wantsReceipt: false },
  handshake: { validity: milliseconds(130_000), wantsReceipt: false },
};

/** True for what others cause: it has budgets of its own, so that nobody can use up those of our own accord. */
export function isCausedByOthers(purpose: Purpose): boolean {
  return purpose === 'response' || purpose === 'handshake';
}
