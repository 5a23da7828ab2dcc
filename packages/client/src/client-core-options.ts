import type { Instant, Milliseconds, Random } from '@dunlin/base';

import type { BootstrapServerAccount } from './bootstrap/bootstrap-server-account.ts';
import type { ClientLimits } from './client-limits.ts';
import type { CoapTuning } from './client-options.ts';
import type { AccessPolicy } from './device-management/access-rights.ts';
import type { ObjectSetup } from './object-tree/object-setup.ts';
import type { CompleteServerAccount } from './objects/server-account.ts';
import type { RetryPolicy } from './registration/retry-policy.ts';
import type { ReachableSchemes } from './registration/server-uri.ts';
import type { SmsPolicy } from './sms/client-sms.ts';
import type { ClientState } from './state/client-state.ts';

/** What a client core is made of. */
export interface ClientCoreOptions {
  readonly endpointName: string;
  readonly accounts: readonly CompleteServerAccount[];
  readonly bootstrapServer: BootstrapServerAccount | undefined;
  /** What is on the smartcard at start; absent when there is none. */
  readonly smartcard: Uint8Array | undefined;
  readonly objects: readonly ObjectSetup[];
  readonly limits: ClientLimits;
  readonly retry: RetryPolicy;
  /** Whether notifications are confirmable; those that are not are so every 24 hours all the same. */
  readonly areNotificationsConfirmable: boolean;
  /** How long the client is awake after each message, in queue mode. */
  readonly awakeWindow: Milliseconds;
  /** Default: what the Access Control Object says (1.0 §7.3). */
  readonly accessPolicy?: AccessPolicy | undefined;
  /** Which kinds of Server there are bindings for. */
  readonly reachable: ReachableSchemes;
  /** Short messages: our own number and what is taken; absent where there are none. */
  readonly sms: { readonly number: string; readonly policy: SmsPolicy } | undefined;
  /** How the CoAP endpoint is tuned. */
  readonly coap?: CoapTuning | undefined;
  /** What the device remembers from before it was off. */
  readonly savedState: ClientState | undefined;
  readonly startedAt: Instant;
  readonly random: Random;
  /** Is called with what can go on now that code of the device has finished, to be run and settled. */
  readonly resume: (run: (now: Instant) => void) => void;
}
