import { type Instant, type Milliseconds, milliseconds } from '@dunlin/base';

/** Where the bootstrap of a client stands. */
export type BootstrapState =
  /** Nothing to do; the Bootstrap-Server may begin by itself. */
  | { readonly kind: 'idle' }
  /** It is needed: the Bootstrap-Server has until then to begin by itself. */
  | {
      readonly kind: 'holding-off';
      readonly until: Instant;
      /** The device itself asked for it: it takes place whether needed or not. */
      readonly isWanted: boolean;
    }
  /** The Bootstrap-Server is looked for, and asked. */
  | { readonly kind: 'resolving' }
  | { readonly kind: 'requesting' }
  /** The Bootstrap-Server is at work; without another command the bootstrap has failed at that time. */
  | {
      readonly kind: 'in-sequence';
      readonly until: Instant;
      /** Why the last Finish was refused, if nothing was changed since. */
      readonly inconsistency: string | undefined;
    };

/**
 * EXCHANGE_LIFETIME (RFC 7252 §4.8.2): so long after its last command a Bootstrap-Server that has not sent Finish has
 * given up.
 */
export const sequenceTimeout: Milliseconds = milliseconds(247_000);
