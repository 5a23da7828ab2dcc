import type { Instant } from '@dunlin/base';

/** Why a bootstrap failed. */
export interface BootstrapFailure {
  /**
   * `unreachable`: the Bootstrap-Server was not found, did not answer, or the handshake failed. `refused`: it answered
   * Bootstrap-Request with an error. `no-finish`: it began, and was silent for too long. `inconsistent`: what
   * it wrote cannot be used, and it did not correct that.
   */
  readonly problem: 'unreachable' | 'refused' | 'no-finish' | 'inconsistent';
  /** What happened and what helps, for a human. */
  readonly message: string;
  /** The response to Bootstrap-Request, as `4.00`, when there was one. */
  readonly coapCode?: string;
}

/** What happened on the Bootstrap interface. */
export type BootstrapEvent =
  /** The client asked (`client`), or the Bootstrap-Server began by itself (`server`). */
  | { readonly kind: 'bootstrap-started'; readonly initiator: 'client' | 'server' }
  /** Everything that was written holds now; the Servers are registered with next. */
  | { readonly kind: 'bootstrap-finished' }
  /** Nothing has changed; the next attempt is at `nextAttemptAt` unless a Server accepts a Register before. */
  | {
      readonly kind: 'bootstrap-failed';
      readonly failure: BootstrapFailure;
      readonly nextAttemptAt: Instant;
    }
  /** The account of the Bootstrap-Server was forgotten, as its timeout said. */
  | { readonly kind: 'bootstrap-account-purged' };
