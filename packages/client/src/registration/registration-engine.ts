import {
  addDuration,
  earliestOf,
  type Instant,
  type Random,
  type Seconds,
  toMilliseconds,
} from '@dunlin/base';
import type { IncomingResponse, RequestFailure } from '@dunlin/coap';

import type { RegistrationEvent } from './registration-event.ts';
import {
  associationLost,
  failureOfRequest,
  failureOfResponse,
  type RegistrationFailure,
} from './registration-failure.ts';
import { isUpToDate, namesOf, type RegistrationFacts, updateContent } from './registration-facts.ts';
import type { RegistrationOutput } from './registration-output.ts';
import { deregisterRequest, registerRequest, updateRequest } from './registration-requests.ts';
import {
  locationText,
  type Registration,
  registrationFrom,
  type RegistrationState,
  type Silence,
  type State,
} from './registration-state.ts';
import type { RetryPolicy } from './retry-policy.ts';
import { asksForTime, RetrySchedule } from './retry-schedule.ts';
import type { ServerUri } from './server-uri.ts';

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

/** What is left when something failed. */
interface Aftermath {
  /** The registration that the Server still has of us. */
  readonly kept: Registration | undefined;
  /** The response, when that was the failure. */
  readonly response?: IncomingResponse;
}

/**
 * The registration with one Server, as a state machine: Register, Update in time or on change, Deregister,
 * Disable, and Register again whenever anything went wrong (1.0 §5.3, R-3xx). Where DTLS resumes the session in which
 * the client registered, an Update takes the place of that Register.
 */
export class RegistrationEngine {
  readonly #options: RegistrationEngineOptions;
  readonly #outputs: RegistrationOutput[] = [];
  readonly #retries: RetrySchedule;
  #state: State = { kind: 'idle' };
  #hasFailed = false;

  constructor(options: Readonly<RegistrationEngineOptions>) {
    this.#options = options;
    this.#retries = new RetrySchedule(options.retry, options.random);
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

  /** True when the last attempt to find the Server and to register failed, and none has succeeded since. */
  get hasFailed(): boolean {
    return this.#hasFailed;
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
    if (this.#state.kind === 'idle') this.#state = { kind: 'waiting', until: now, kept: undefined };
  }

  /** Registers anew whatever was before: after a reboot. */
  start(): void {
    if (this.#state.kind === 'closed') return;
    this.#outputs.push({ kind: 'disconnect' });
    this.#resolve(undefined);
  }

  /**
   * Reaches the Server anew from another address, unless the engine is silent on purpose. Without security that takes
   * a Register, with it an Update is enough if the association is resumed.
   */
  reconnect(): void {
    switch (this.#state.kind) {
      case 'resolving':
      case 'registering':
      case 'registered':
      case 'updating':
      case 'waiting':
        this.#resolve(this.#kept);
        break;
      case 'idle':
      case 'deregistering':
      case 'disabled':
      case 'closed':
        break;
    }
  }

  /** The secure association with the Server has ended: the engine reaches for it again after a while. */
  disconnected(now: Instant): void {
    switch (this.#state.kind) {
      case 'registering':
      case 'registered':
      case 'updating': {
        const kept = this.#kept;
        this.#outputs.push({ kind: 'cancel-request' });
        this.#fail(associationLost, now, { kept });
        break;
      }
      case 'deregistering':
        this.#outputs.push({ kind: 'cancel-request' });
        this.#deregistered(false);
        break;
      case 'idle':
      case 'resolving':
      case 'waiting':
      case 'disabled':
      case 'closed':
        break;
    }
  }

  /** True when an Update will do, should the association be a resumed one. */
  mayContinue(now: Instant): boolean {
    return (
      this.#state.kind === 'resolving' && this.#state.kept !== undefined && now < this.#state.kept.expiresAt
    );
  }

  /** The Server's peer is known. `isContinued`: it goes on in the session in which the client registered. */
  resolved(now: Instant, isContinued: boolean): void {
    if (this.#state.kind !== 'resolving') return;
    const { kept } = this.#state;
    if (kept !== undefined && isContinued && now < kept.expiresAt) {
      this.#update(kept, now, { isAfterResumption: true });
      return;
    }
    const told = this.#options.facts();
    const { endpointName, uri } = this.#options;
    this.#state = { kind: 'registering', told, sentAt: now };
    this.#outputs.push(
      { kind: 'end-observations' },
      { kind: 'request', request: registerRequest(endpointName, uri, told) },
    );
  }

  /** The Server could not be found or reached. */
  unresolved(failure: RegistrationFailure, now: Instant): void {
    if (this.#state.kind === 'resolving') this.#fail(failure, now, { kept: this.#state.kept });
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
        this.#outputs.push({ kind: 'disconnect' });
        this.#fail(failureOfRequest('register', reason), now, { kept: undefined });
        break;
      case 'updating': {
        const failure = failureOfRequest('update', reason);
        const { registration, isAfterResumption } = this.#state;
        // Perhaps only the association is dead.
        const kept = failure.problem === 'no-answer' && !isAfterResumption ? registration : undefined;
        this.#outputs.push({ kind: 'disconnect' });
        this.#lose(failure, now, { kept });
        break;
      }
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
        if (now >= this.#state.until) this.#resolve(this.#kept);
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
        this.#resolve(this.#state.kept);
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

  /** Ends without a word: the Server keeps the registration until its lifetime is over. */
  abandon(): void {
    this.#outputs.push({ kind: 'cancel-request' });
    this.#state = { kind: 'closed' };
  }

  get #registration(): Registration | undefined {
    return this.#state.kind === 'registered' || this.#state.kind === 'updating'
      ? this.#state.registration
      : undefined;
  }

  /** The registration that the Server has of us, as far as we know, although it may be out of reach. */
  get #kept(): Registration | undefined {
    return this.#state.kind === 'resolving' || this.#state.kind === 'waiting'
      ? this.#state.kept
      : this.#registration;
  }

  /** Without security nothing is ever resumed: then the observations are over at once. */
  #resolve(registration: Registration | undefined): void {
    const { uri } = this.#options;
    const kept = uri.isSecure ? registration : undefined;
    this.#outputs.push({ kind: 'cancel-request' });
    if (kept === undefined) this.#outputs.push({ kind: 'end-observations' });
    this.#state = { kind: 'resolving', kept };
    this.#outputs.push({ kind: 'resolve', uri });
  }

  #registerAnswered(state: State & { kind: 'registering' }, response: IncomingResponse, now: Instant): void {
    const failure = failureOfResponse('register', response);
    if (failure !== undefined) {
      this.#fail(failure, now, { kept: undefined, response });
      return;
    }
    const registration = registrationFrom(response.locationPath ?? [], state.told, state.sentAt);
    this.#retries.succeeded();
    this.#hasFailed = false;
    this.#state = { kind: 'registered', registration };
    this.#emit({
      kind: 'registered',
      shortServerId: this.#options.shortServerId,
      location: locationText(registration),
      lifetime: state.told.lifetime,
    });
    this.review(now);
  }

  #update(
    registration: Registration,
    now: Instant,
    options: { readonly isAfterResumption?: boolean } = {},
  ): void {
    const { isAfterResumption = false } = options;
    const telling = this.#options.facts();
    this.#state = {
      kind: 'updating',
      registration,
      telling,
      sentAt: now,
      isOneMoreAsked: false,
      isAfterResumption,
    };
    const request = updateRequest(registration.location, registration.told, telling);
    this.#outputs.push({ kind: 'request', request });
  }

  #updateAnswered(state: State & { kind: 'updating' }, response: IncomingResponse, now: Instant): void {
    const failure = failureOfResponse('update', response);
    if (failure !== undefined) {
      this.#lose(failure, now, { kept: undefined, response });
      return;
    }
    this.#retries.succeeded();
    const { telling, registration: before } = state;
    const registration = registrationFrom(before.location, telling, state.sentAt);
    this.#state = { kind: 'registered', registration };
    this.#emit({
      kind: 'updated',
      shortServerId: this.#options.shortServerId,
      lifetime: telling.lifetime,
      told: namesOf(updateContent(before.told, telling)),
    });
    if (state.isOneMoreAsked) this.#update(registration, now);
    else this.review(now);
  }

  /** An Update failed: only a Register helps. It goes out at once, unless the Server asked for time. */
  #lose(failure: RegistrationFailure, now: Instant, after: Aftermath): void {
    if (asksForTime(after.response)) {
      this.#outputs.push({ kind: 'end-observations' });
      this.#fail(failure, now, after);
      return;
    }
    this.#emit({ kind: 'failed', shortServerId: this.#options.shortServerId, failure, nextAttemptAt: now });
    this.#resolve(after.kept);
  }

  /** The Server has forgotten us by now: only a Register may follow. */
  #expire(now: Instant): void {
    const failure: RegistrationFailure = {
      operation: 'update',
      problem: 'expired',
      message: 'The lifetime ran out before the Server answered an Update.',
    };
    this.#outputs.push({ kind: 'disconnect' });
    this.#lose(failure, now, { kept: undefined });
  }

  #fail(failure: RegistrationFailure, now: Instant, { kept, response }: Aftermath): void {
    const nextAttemptAt = addDuration(now, this.#retries.failed(failure, response));
    this.#hasFailed ||= kept === undefined;
    this.#state = { kind: 'waiting', until: nextAttemptAt, kept };
    this.#emit({ kind: 'failed', shortServerId: this.#options.shortServerId, failure, nextAttemptAt });
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
    this.#outputs.push({ kind: 'disconnect' });
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
