import type { Milliseconds } from '@dunlin/base';
import { milliseconds } from '@dunlin/base';
import type { Binding } from '@dunlin/coap';

import type { SecureCredential } from '../security/secure-credential.ts';

/** How a client sends and receives short messages. */
export interface ClientSms {
  /** The device's own number, digits with the country code: what it tells its Servers. */
  readonly number: string;
  /** Makes the bindings; called once. */
  readonly open: (needs: SmsNeeds) => SmsBindings;
  readonly policy?: Partial<SmsPolicy>;
}

/** What bindings of short messages ask their client. */
export interface SmsNeeds {
  /** True for the number of a Server: messages of all others are passed over without a word. */
  readonly isServerNumber: (number: string) => boolean;
  /** What counts of messages of a number that are not protected by DTLS. */
  readonly unprotectedFrom: (number: string) => 'none' | 'triggers' | 'all';
  /** The credential for the Server with a number. Throws `UsageError` when there is none. */
  readonly credentialFor: (number: string) => SecureCredential;
}

/** Short messages as they are, and with DTLS. */
export interface SmsBindings {
  readonly plain: Binding;
  readonly secure: Binding;
}

/** What a client makes of short messages where the text leaves a choice. */
export interface SmsPolicy {
  /**
   * What Servers may ask for without DTLS, when anybody can forge their number: nothing but a Registration Update
   * Trigger, or everything, for a laboratory. Default `trigger-only`.
   */
  readonly unprotected: 'trigger-only' | 'everything';
  /** From one unprotected trigger that counts to the next one. Default 60 s: each costs an Update. */
  readonly triggerInterval: Milliseconds;
  /**
   * How long the device is awake after each message when its binding mode is `SQ`. Default 300 s: a short message takes
   * longer than the 93 s of UDP often enough.
   */
  readonly awakeWindow: Milliseconds;
}

/** Defaults, see `SmsPolicy`. */
export const smsPolicyDefaults: SmsPolicy = {
  unprotected: 'trigger-only',
  triggerInterval: milliseconds(60_000),
  awakeWindow: milliseconds(300_000),
};
