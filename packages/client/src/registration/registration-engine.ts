import {
  addDuration,
  earliestOf,
  type Instant,
  type Milliseconds,
  type Random,
  type Seconds,
  seconds,
  toMilliseconds,
} from '@dunlin/base';
import type { IncomingResponse, Request, RequestFailure } from '@dunlin/coap';
import { ResponseCode } from '@dunlin/coap';

import type { RegistrationEvent } from './registration-event.ts';
import { failureOfRequest, failureOfResponse, type RegistrationFailure } from './registration-failure.ts';
import { isUpToDate, type RegistrationFacts, updateContent } from './registration-facts.ts';
import {
  locationText,
  type Registration,
  registrationFrom,
  type RegistrationState,
  type Silence,
  type State,
} from './registration-state.ts';
import { deregisterRequest, registerRequest, updateRequest } from './registration-requests.ts';
import { atLeast, retryDelay, type RetryPolicy, spread } from './retry-policy.ts';
import type { ServerUri } from './server-uri.ts';

/** What the engine asks of its owner. */
export type RegistrationOutput =
  /** Find the peer behind the Server URI; `resolved` or `unresolved` answers. */
  | { readonly kind: 'resolve'; readonly uri: ServerUri }
  /** Send it to the peer; `answered` or `unanswered` answers. At most one is under way. */
  | { readonly kind: 'request'; readonly request: Request; readonly timeout?: Milliseconds }
  /** Forget the request that is under way, if any. */
  | { readonly kind: 'cancel-request' }
  /** The Server's observations are over. */
  | { readonly kind: 'end-observations' }
  | { readonly kind: 'event'; readonly event: RegistrationEvent };

/** What a registration engine is made of. */
export interface RegistrationEngineOptions {
  readonly endpointName: string;
  readonly shortServerId: number;
  readonly uri: ServerUri;
  /** What is to be told now. */
  readonly facts: () => RegistrationFacts;
  readonly retry: RetryPolicy;
  readonly random: Random;
}

/** Max-Age of a response that has none (RFC 7252 §5.10.5). */
const defaultMaxAge = seconds(60);

/**
 * The registration with one Server, as a state machine: Register, Update in time or on change, Deregister,
 * Disable, and Register again whenever anything went wrong (1.0 §5.3, R-3xx).
 */
export class RegistrationEngine {
  readonly #options: RegistrationEngineOptions;
  readonly #outputs: RegistrationOutput[] = [];
  #state: State = { kind: 'idle' };
  /** Attempts in a row that failed. */
  #failures = 0;

  constructor(options: Readonly<RegistrationEngineOptions>) {
    this.#options = options;
  }

  get state(): RegistrationState {
    return this.#state.kind;
  }

  /** The location of the registration, as `/rd/5a3f`, while there is one. */
  get location(): string | undefined {
    const registration = this.#registration;
    return registration === undefined ? undefined : locationText(registration);
  }

  /** True while requests of the Server are to be carried out. */
  get isServing(): boolean {
    return this.#registration !== undefined;
  }

  /** When `wake` has something to do. */
  get deadline(): Instant | undefined {
    switch (this.#state.kind) {
      case 'registered':
        return earliestOf(this.#state.registration.refreshAt, this.#state.registration.expiresAt);
      case 'updating':
        return this.#state.registration.expiresAt;
      case 'waiting':
      case 'disabled':
        return this.#state.until;
      case 'idle':
      case 'resolving':
      case 'registering':
      case 'deregistering':
      case 'closed':
        return undefined;
    }
  }

  /** The next thing to do for the engine. */
  poll(): RegistrationOutput | undefined {
    return this.#outputs.shift();
  }

  /** Registers at the next wake-up: whoever opens a client can subscribe to its events first. */
  begin(now: Instant): void {
    if (this.#state.kind === 'idle') this.#state = { kind: 'waiting', until: now };
  }

  /** Registers anew whatever was before: after a reboot. */
  start(): void {
    if (this.#state.kind !== 'closed') this.#resolve();
  }

  /** Registers anew from another address, unless the engine is silent on purpose. */
  reconnect(): void {
    switch (this.#state.kind) {
      case 'resolving':
      case 'registering':
      case 'registered':
      case 'updating':
      case 'waiting':
        this.#resolve();
        break;
      case 'idle':
      case 'deregistering':
      case 'disabled':
      case 'closed':
        break;
    }
  }

  /** The Server's peer is known. */
  resolved(now: Instant): void {
    if (this.#state.kind !== 'resolving') return;
    const told = this.#options.facts();
    const { endpointName, uri } = this.#options;
    this.#state = { kind: 'registering', told, sentAt: now };
    this.#outputs.push({ kind: 'request', request: registerRequest(endpointName, uri, told) });
  }

  /** The Server's host has no address now. */
  unresolved(reason: string, now: Instant): void {
    if (this.#state.kind !== 'resolving') return;
    this.#fail({ operation: 'resolve', problem: 'unresolved', message: reason }, now);
  }

  /** The response to the request under way. */
  answered(response: IncomingResponse, now: Instant): void {
    switch (this.#state.kind) {
      case 'registering':
        this.#registerAnswered(this.#state, response, now);
        break;
      case 'updating':
        this.#updateAnswered(this.#state, response, now);
        break;
      case 'deregistering':
        this.#deregistered(true);
        break;
      case 'idle':
      case 'resolving':
      case 'registered':
      case 'waiting':
      case 'disabled':
      case 'closed':
        break;
    }
  }

  /** The request under way has no response. */
  unanswered(reason: RequestFailure, now: Instant): void {
    switch (this.#state.kind) {
      case 'registering':
        this.#fail(failureOfRequest('register', reason), now);
        break;
      case 'updating':
        this.#lose(failureOfRequest('update', reason), now);
        break;
      case 'deregistering':
        this.#deregistered(false);
        break;
      case 'idle':
      case 'resolving':
      case 'registered':
      case 'waiting':
      case 'disabled':
      case 'closed':
        break;
    }
  }

  /** Does what is due. */
  wake(now: Instant): void {
    switch (this.#state.kind) {
      case 'registered':
      case 'updating': {
        const { registration } = this.#state;
        if (now >= registration.expiresAt) this.#expire(now);
        else if (this.#state.kind === 'registered' && now >= registration.refreshAt)
          this.#update(registration, now);
        break;
      }
      case 'waiting':
      case 'disabled':
        if (now >= this.#state.until) this.#resolve();
        break;
      case 'idle':
      case 'resolving':
      case 'registering':
      case 'deregistering':
      case 'closed':
        break;
    }
  }

  /** Sends an Update when the Server was told something else than what is now. */
  review(now: Instant): void {
    if (this.#state.kind !== 'registered') return;
    const { registration } = this.#state;
    if (!isUpToDate(registration.told, this.#options.facts())) this.#update(registration, now);
  }

  /** Sends an Update in any case: Execute `/1/x/8`. Without a registration it tries to get one at once. */
  update(now: Instant): void {
    switch (this.#state.kind) {
      case 'registered':
        this.#update(this.#state.registration, now);
        break;
      case 'updating':
        this.#state = { ...this.#state, isOneMoreAsked: true };
        break;
      case 'waiting':
        this.#resolve();
        break;
      case 'idle':
      case 'resolving':
      case 'registering':
      case 'deregistering':
      case 'disabled':
      case 'closed':
        break;
    }
  }

  /** Deregisters, is silent for the given time, and registers again: Execute `/1/x/4`. */
  disable(duration: Seconds, now: Instant): void {
    const registration = this.#registration;
    if (registration === undefined) return;
    const until = addDuration(now, toMilliseconds(duration));
    this.#deregister(registration, { kind: 'disabled', until });
  }

  /** Deregisters for good; the state becomes `closed` with the answer or without it. */
  close(): void {
    const registration = this.#registration;
    if (this.#state.kind === 'deregistering') {
      this.#state = { kind: 'deregistering', next: { kind: 'closed' } };
    } else if (registration === undefined) {
      this.#outputs.push({ kind: 'cancel-request' });
      this.#state = { kind: 'closed' };
    } else {
      this.#deregister(registration, { kind: 'closed' });
    }
  }

  get #registration(): Registration | undefined {
    return this.#state.kind === 'registered' || this.#state.kind === 'updating'
      ? this.#state.registration
      : undefined;
  }

  #resolve(): void {
    this.#outputs.push({ kind: 'cancel-request' }, { kind: 'end-observations' });
    this.#state = { kind: 'resolving' };
    this.#outputs.push({ kind: 'resolve', uri: this.#options.uri });
  }

  #registerAnswered(state: State & { kind: 'registering' }, response: IncomingResponse, now: Instant): void {
    const failure = failureOfResponse('register', response);
    if (failure !== undefined) {
      this.#fail(failure, now, response);
      return;
    }
    const registration = registrationFrom(response.locationPath ?? [], state.told, state.sentAt);
    this.#failures = 0;
    this.#state = { kind: 'registered', registration };
    this.#emit({
      kind: 'registered',
      shortServerId: this.#options.shortServerId,
      location: locationText(registration),
      lifetime: state.told.lifetime,
    });
    this.review(now);
  }

  #update(registration: Registration, now: Instant): void {
    const telling = this.#options.facts();
    this.#state = { kind: 'updating', registration, telling, sentAt: now, isOneMoreAsked: false };
    const request = updateRequest(registration.location, registration.told, telling);
    this.#outputs.push({ kind: 'request', request });
  }

  #updateAnswered(state: State & { kind: 'updating' }, response: IncomingResponse, now: Instant): void {
    const failure = failureOfResponse('update', response);
    if (failure !== undefined) {
      this.#lose(failure, now, response);
      return;
    }
    const { telling, registration: before } = state;
    const { query, links } = updateContent(before.told, telling);
    const registration = registrationFrom(before.location, telling, state.sentAt);
    this.#state = { kind: 'registered', registration };
    this.#emit({
      kind: 'updated',
      shortServerId: this.#options.shortServerId,
      lifetime: telling.lifetime,
      told: [
        ...(query.some((argument) => argument.startsWith('lt=')) ? (['lifetime'] as const) : []),
        ...(query.some((argument) => argument.startsWith('b=')) ? (['binding'] as const) : []),
        ...(links === undefined ? [] : (['objects'] as const)),
      ],
    });
    if (state.isOneMoreAsked) this.#update(registration, now);
    else this.review(now);
  }

  /** An Update failed: whatever the reason, only a Register helps. It goes out at once, unless the Server asked for time. */
  #lose(failure: RegistrationFailure, now: Instant, response?: IncomingResponse): void {
    if (asksForTime(response)) {
      this.#outputs.push({ kind: 'end-observations' });
      this.#fail(failure, now, response);
      return;
    }
    this.#emit({ kind: 'failed', shortServerId: this.#options.shortServerId, failure, nextAttemptAt: now });
    this.#resolve();
  }

  /** The Server has forgotten us by now: only a Register may follow. */
  #expire(now: Instant): void {
    const failure: RegistrationFailure = {
      operation: 'update',
      problem: 'expired',
      message: 'The lifetime ran out before the Server answered an Update.',
    };
    this.#lose(failure, now);
  }

  #fail(failure: RegistrationFailure, now: Instant, response?: IncomingResponse): void {
    this.#failures += 1;
    const nextAttemptAt = addDuration(now, this.#delayAfter(failure, response));
    this.#state = { kind: 'waiting', until: nextAttemptAt };
    this.#emit({ kind: 'failed', shortServerId: this.#options.shortServerId, failure, nextAttemptAt });
  }

  #delayAfter({ problem }: RegistrationFailure, response: IncomingResponse | undefined): Milliseconds {
    const { retry, random } = this.#options;
    if (asksForTime(response)) {
      return atLeast(toMilliseconds(seconds(response?.maxAge ?? defaultMaxAge)), random);
    }
    switch (problem) {
      case 'refused':
      case 'unsupported-version':
      case 'forbidden':
      case 'protocol':
        return spread(retry.refusedDelay, random);
      case 'no-answer':
      case 'unresolved':
      case 'unavailable':
      case 'expired':
        return retryDelay(retry, this.#failures, random);
    }
  }

  #deregister(registration: Registration, next: Silence): void {
    this.#outputs.push({ kind: 'cancel-request' }, { kind: 'end-observations' });
    this.#state = { kind: 'deregistering', next };
    const request = deregisterRequest(registration.location);
    this.#outputs.push({ kind: 'request', request, timeout: this.#options.retry.deregisterTimeout });
  }

  #deregistered(isAcknowledged: boolean): void {
    if (this.#state.kind !== 'deregistering') return;
    const { next } = this.#state;
    const { shortServerId } = this.#options;
    this.#state = next;
    this.#emit({
      kind: 'deregistered',
      shortServerId,
      reason: next.kind,
      isAcknowledged,
      ...(next.kind === 'disabled' && { until: next.until }),
    });
  }

  #emit(event: RegistrationEvent): void {
    this.#outputs.push({ kind: 'event', event });
  }
}

/** 5.03 and 4.29 say when to come back (RFC 7252 §5.9.3.4, RFC 8516 §2). */
function asksForTime(response: IncomingResponse | undefined): boolean {
  return (
    response?.code === ResponseCode.serviceUnavailable || response?.code === ResponseCode.tooManyRequests
  );
}
