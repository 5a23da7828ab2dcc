import type { Instant } from '@dunlin/base';

import type { SmsNumbers } from './sms-numbers.ts';

/** A trigger that was sent before, as the outbox of the link remembers it. */
export interface SentTrigger {
  readonly number: string;
  readonly at: Instant;
}

/** What a server needs that has short messages among its bindings. */
export interface ServerSmsOptions {
  /** The server does not close them. */
  readonly numbers: SmsNumbers;
  /**
   * What goes to devices in short messages without DTLS (1.0 §7.2): `nothing`, `triggers` (the default: Registration
   * Update Triggers, whatever the device trusts), or `everything` to devices that registered without security, for
   * debugging.
   */
  readonly unprotected?: 'nothing' | 'triggers' | 'everything' | undefined;
  /** Triggers that earlier processes sent, so that a restart does not send them anew. */
  readonly sentTriggers?: (() => Iterable<SentTrigger>) | undefined;
}
