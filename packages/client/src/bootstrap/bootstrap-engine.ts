import {
  addDuration,
  earliestOf,
  type Instant,
  milliseconds,
  type Random,
  type Seconds,
  toMilliseconds,
} from '@dunlin/base';
import {
  formatCode,
  type IncomingResponse,
  type Request,
  type RequestFailure,
  ResponseCode,
} from '@dunlin/coap';

import { diagnosticOf, type RegistrationFailure } from '../registration/registration-failure.ts';
import { type RetryPolicy, retryDelay } from '../registration/retry-policy.ts';
import type { ServerUri } from '../registration/server-uri.ts';
import type { BootstrapEvent, BootstrapFailure } from './bootstrap-event.ts';
import { bootstrapRequest } from './bootstrap-request.ts';
import { type BootstrapState, sequenceTimeout } from './bootstrap-state.ts';

/** What the Security instance of the Bootstrap-Server says. */
export interface BootstrapFacts {
  readonly uri: ServerUri;
  readonly clientHoldOffTime: Seconds;
  readonly accountTimeout: Seconds;
}

/** What the engine asks of its owner. */
export type BootstrapOutput =
  /** Find the Bootstrap-Server, with security reach it; `resolved` or `unresolved` answers. */
  | { readonly kind: 'resolve'; readonly uri: ServerUri }
  /** Send it; `answered` or `unanswered` answers. */
  | { readonly kind: 'request'; readonly request: Request }
  /** Forget the request that is under way, if any. */
  | { readonly kind: 'cancel-request' }
  /** End the secure association with the Bootstrap-Server: the next bootstrap makes another one. */
  | { readonly kind: 'disconnect' }
  | { readonly kind: 'event'; readonly event: BootstrapEvent };

/** What a bootstrap engine is made of. */
export interface BootstrapEngineOptions {
  readonly endpointName: string;
  /** The account of the Bootstrap-Server as it is now; absent when there is none. */
  readonly facts: () => BootstrapFacts | undefined;
  /** Forgets what was planned: nothing of it holds. */
  readonly discard: () => void;
  /** Forgets the account of the Bootstrap-Server. */
  readonly purge: (now: Instant) => void;
  readonly retry: RetryPolicy;
  readonly random: Random;
}

/**
 * When a client is bootstrapped, as a state machine: it waits for the Bootstrap-Server, asks it, and gives up or ends
 * (1.0 §5.2.4, R-213, R-214, R-220). What is written meanwhile is somebody else's.
 */
export class BootstrapEngine {
  readonly #options: BootstrapEngineOptions;
  readonly #outputs: BootstrapOutput[] = [];
  #state: BootstrapState = { kind: 'idle' };
  /** Bootstraps in a row that have not led to a registration. */
  #attempts = 0;
  #purgeAt: Instant | undefined;

  constructor(options: Readonly<BootstrapEngineOptions>) {
    this.#options = options;
  }

  get state(): BootstrapState['kind'] {
    return this.#state.kind;
  }

  /** True while the Bootstrap interface goes before all others. */
  get isActive(): boolean {
    return this.#state.kind !== 'idle' && this.#state.kind !== 'holding-off';
  }

  /** When `wake` has something to do. */
  get deadline(): Instant | undefined {
    const { kind } = this.#state;
    return kind === 'holding-off' || kind === 'in-sequence'
      ? earliestOf(this.#state.until, this.#purgeAt)
      : this.#purgeAt;
  }

  poll(): BootstrapOutput | undefined {
    return this.#outputs.shift();
  }

  /**
   * Says whether the client needs a bootstrap: it has no Server, or none accepts it. The longer that was so in
   * spite of bootstraps, the longer it waits.
   */
  review(isNeeded: boolean, now: Instant): void {
    const facts = this.#options.facts();
    if (this.#state.kind === 'holding-off') {
      const isOff = facts === undefined || !(isNeeded || this.#state.isWanted);
      if (isOff) this.#state = { kind: 'idle' };
    }
    if (this.#state.kind !== 'idle' || !isNeeded || facts === undefined) return;
    const holdOff = toMilliseconds(facts.clientHoldOffTime);
    const backOff =
      this.#attempts === 0 ? 0 : retryDelay(this.#options.retry, this.#attempts, this.#options.random);
    const until = addDuration(now, milliseconds(Math.max(holdOff, backOff)));
    this.#state = { kind: 'holding-off', until, isWanted: false };
  }

  /** A Server has accepted the client: bootstraps have done what they are for. */
  registered(): void {
    this.#attempts = 0;
  }

  /** Asks the Bootstrap-Server at once, whether needed or not. Harmless without one, and during a bootstrap. */
  request(now: Instant): void {
    if (this.isActive || this.#options.facts() === undefined) return;
    this.#state = { kind: 'holding-off', until: now, isWanted: true };
  }

  /** Does what is due. */
  wake(now: Instant): void {
    if (this.#purgeAt !== undefined && now >= this.#purgeAt) {
      this.#purgeAt = undefined;
      this.#options.purge(now);
      this.#emit({ kind: 'bootstrap-account-purged' });
    }
    if (this.#state.kind === 'holding-off' && now >= this.#state.until) this.#resolve();
    else if (this.#state.kind === 'in-sequence' && now >= this.#state.until) {
      const { inconsistency } = this.#state;
      this.#fail(
        inconsistency === undefined
          ? { problem: 'no-finish', message: 'The Bootstrap-Server began, and never sent Finish.' }
          : {
              problem: 'inconsistent',
              message: `The Bootstrap-Server has not corrected what it wrote: ${inconsistency}.`,
            },
        now,
      );
    }
  }

  /** A bootstrap is never the continuation of an earlier one. */
  mayContinue(_now: Instant): boolean {
    return false;
  }

  /** The Bootstrap-Server was found. */
  resolved(_now: Instant): void {
    const facts = this.#options.facts();
    if (this.#state.kind !== 'resolving' || facts === undefined) return;
    this.#state = { kind: 'requesting' };
    this.#outputs.push({ kind: 'request', request: bootstrapRequest(this.#options.endpointName, facts.uri) });
  }

  /** The Bootstrap-Server was not found, or not reached. */
  unresolved({ message }: RegistrationFailure, now: Instant): void {
    if (this.#state.kind === 'resolving') this.#fail({ problem: 'unreachable', message }, now);
  }

  /** The response to Bootstrap-Request; 2.04 means that commands follow. */
  answered(response: IncomingResponse, now: Instant): void {
    if (this.#state.kind !== 'requesting') return;
    if (response.code === ResponseCode.changed) {
      this.#begin('client', now);
      return;
    }
    const coapCode = formatCode(response.code);
    const said = diagnosticOf(response);
    const message = `The Bootstrap-Server answered ${coapCode}${said}: it must be told of this endpoint.`;
    this.#fail({ problem: 'refused', coapCode, message }, now);
  }

  unanswered(_reason: RequestFailure, now: Instant): void {
    if (this.#state.kind !== 'requesting') return;
    this.#fail({ problem: 'unreachable', message: 'The Bootstrap-Server did not answer.' }, now);
  }

  /** The secure association with the Bootstrap-Server has ended. */
  disconnected(now: Instant): void {
    if (!this.isActive || this.#state.kind === 'resolving') return;
    this.#fail(
      { problem: 'unreachable', message: 'The association with the Bootstrap-Server has ended.' },
      now,
    );
  }

  /**
   * A command of the Bootstrap-Server arrived: a sequence that has not begun begins, and one that has goes on (R-214,
   * Some Bootstrap-Servers begin before their 2.04 has arrived.
   */
  commanded(now: Instant): void {
    if (this.#state.kind !== 'in-sequence') {
      this.#begin(this.#state.kind === 'requesting' ? 'client' : 'server', now);
    } else
      this.#state = { ...this.#state, until: addDuration(now, sequenceTimeout), inconsistency: undefined };
  }

  /** Finish was answered with 4.06. */
  foundInconsistent(inconsistency: string): void {
    if (this.#state.kind === 'in-sequence') this.#state = { ...this.#state, inconsistency };
  }

  /** Finish was answered with 2.04, and all that was written holds. */
  finished(now: Instant): void {
    if (this.#state.kind !== 'in-sequence') return;
    this.#state = { kind: 'idle' };
    this.#emit({ kind: 'bootstrap-finished' });
    const facts = this.#options.facts();
    const hasEnd = facts !== undefined && facts.accountTimeout > 0;
    this.#purgeAt = hasEnd ? addDuration(now, toMilliseconds(facts.accountTimeout)) : undefined;
  }

  /** The client closes: nothing is begun any more. */
  close(): void {
    this.#options.discard();
    if (this.isActive) this.#outputs.push({ kind: 'cancel-request' }, { kind: 'disconnect' });
    this.#state = { kind: 'idle' };
    this.#purgeAt = undefined;
  }

  #resolve(): void {
    const facts = this.#options.facts();
    if (facts === undefined) {
      this.#state = { kind: 'idle' };
      return;
    }
    this.#state = { kind: 'resolving' };
    this.#outputs.push({ kind: 'resolve', uri: facts.uri });
  }

  #begin(initiator: 'client' | 'server', now: Instant): void {
    this.#attempts += 1;
    this.#state = { kind: 'in-sequence', until: addDuration(now, sequenceTimeout), inconsistency: undefined };
    if (initiator === 'server') this.#outputs.push({ kind: 'cancel-request' });
    this.#emit({ kind: 'bootstrap-started', initiator });
  }

  #fail(failure: BootstrapFailure, now: Instant): void {
    if (this.#state.kind !== 'in-sequence') this.#attempts += 1;
    const delay = retryDelay(this.#options.retry, this.#attempts, this.#options.random);
    const nextAttemptAt = addDuration(now, delay);
    this.#options.discard();
    this.#outputs.push({ kind: 'cancel-request' }, { kind: 'disconnect' });
    this.#state = { kind: 'holding-off', until: nextAttemptAt, isWanted: false };
    this.#emit({ kind: 'bootstrap-failed', failure, nextAttemptAt });
  }

  #emit(event: BootstrapEvent): void {
    this.#outputs.push({ kind: 'event', event });
  }
}
