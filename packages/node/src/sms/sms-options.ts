import type { LinkOptions, LinkOutput, RunningCarrier } from '@dunlin/sms';

import type { SmsSurroundings } from './sms-surroundings.ts';

/** Which messages of CoAP count that come as they are, without DTLS. */
export type UnprotectedMessages =
  /** All, and everybody can forge the number they come from: for debugging (1.0 §7.2). */
  | 'all'
  /** Answers only: enough to wake devices by Registration Update Trigger, which is answered. */
  | 'answers'
  /** Registration Update Triggers only: enough for a device to be woken (1.0 §7.2). */
  | 'triggers'
  /** None. Nothing is sent without DTLS either. */
  | 'none';

/** What a binding for short messages is made with. */
export interface SmsOptions extends Omit<LinkOptions, 'random'> {
  /** Sends and receives; the binding starts it, and ends it when it is closed. */
  readonly carrier: RunningCarrier;
  /** Our own number, digits of an international number without "+". */
  readonly number: string;
  /** Of all, or by the number they come from. Default `none`: what is not protected is not to be trusted (1.0 §7.2). */
  readonly unprotected?: UnprotectedMessages | ((from: string) => UnprotectedMessages);
  readonly onDiagnostic?: (diagnostic: SmsDiagnostic) => void;
  /** Default: those of the system. */
  readonly surroundings?: SmsSurroundings;
}

/** Why a datagram of an allowed number is passed over. */
export type IgnoreReason = 'unknown-protocol' | 'unprotected' | 'not-open';

/** What people may want to know of a binding for short messages. */
export type SmsDiagnostic =
  | Extract<LinkOutput, { kind: 'state' | 'alarm' | 'dropped' | 'settled' | 'store-failed' }>
  /** A datagram was not taken for sending; `reason` says which limit stands in the way. */
  | { readonly kind: 'refused'; readonly to: string; readonly purpose: string; readonly reason: string }
  /** A datagram that came is for nobody here: of an unknown protocol, or unprotected where that does not count. */
  | {
      readonly kind: 'ignored';
      readonly from: string;
      readonly reason: IgnoreReason;
    };
