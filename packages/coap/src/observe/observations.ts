import { addDuration, type Instant, milliseconds, UsageError } from '@dunlin/base';

import { codeClass } from '../code.ts';
import type { EndpointContext } from '../endpoint-context.ts';
import type { RequestFailure } from '../endpoint-output.ts';
import { Operation, type OperationOutcome } from '../exchange/operation.ts';
import type { OutgoingRequests } from '../exchange/outgoing-requests.ts';
import type { TokenTable } from '../exchange/token-table.ts';
import { observationIdFrom } from '../identifiers.ts';
import type { PeerState } from '../peer-state.ts';
import type { IncomingResponse, Request, RequestOptions } from '../request.ts';
import type { DecodedResponse } from '../response-codec.ts';
import { isNewer } from './freshness.ts';
import { Observation } from './observation.ts';
import type { ObservationRecord } from './observation-record.ts';

/** What `Observations` works with. */
export interface ObservationsParts {
  readonly context: EndpointContext;
  readonly requests: OutgoingRequests;
  readonly tokens: TokenTable;
  /** Ids of operations and observations are drawn from one sequence. */
  readonly nextId: () => number;
}

/** In seconds, where a response does not say it (RFC 7252 §5.10.5). */
const defaultMaxAge = 60;
/** Between Max-Age and a new registration: 5 to 15 s, so that not all clients come at once (RFC 7641 §3.3.1). */
const shortestPatience = 5000;
const patienceRange = 10_000;

type End = 'refused' | 'ended-by-peer' | 'cancelled' | 'failed';

/** Our observations of peers' resources (RFC 7641 §3). */
export class Observations {
  readonly #context: EndpointContext;
  readonly #requests: OutgoingRequests;
  readonly #tokens: TokenTable;
  readonly #nextId: () => number;
  readonly #observations = new Map<number, Observation>();

  constructor(parts: ObservationsParts) {
    this.#context = parts.context;
    this.#requests = parts.requests;
    this.#tokens = parts.tokens;
    this.#nextId = parts.nextId;
  }

  get size(): number {
    return this.#observations.size;
  }

  find(id: number): Observation | undefined {
    return this.#observations.get(id);
  }

  ofPeer(peer: PeerState): readonly Observation[] {
    return [...this.#observations.values()].filter((observation) => observation.peer === peer);
  }

  /** Registers with the peer (RFC 7641 §3.1). */
  register(peer: PeerState, request: Request, options: RequestOptions, now: Instant): Observation {
    const token = this.#tokens.next();
    const observation = new Observation(this.#nextId(), peer, { request, options, token });
    const operation = new Operation(this.#nextId(), peer, request, options, {
      kind: 'register',
      observation,
    });
    observation.operation = operation;
    this.#keep(observation);
    if (this.#observations.size > this.#context.limits.maxObservations) {
      this.#context.counters.overloads += 1;
      this.#end(observation, 'failed', undefined, { reason: 'overloaded' });
      return observation;
    }
    try {
      this.#requests.start(operation, token, now);
    } catch (error) {
      this.#forget(observation);
      throw error;
    }
    return observation;
  }

  /** Takes up an observation of an earlier process. */
  restore(peer: PeerState, record: Omit<ObservationRecord, 'peer'>): Observation {
    const { request, token, newest } = record;
    const observation = new Observation(this.#nextId(), peer, { request, options: {}, token });
    if (this.#tokens.find(observation.tokenKey) !== undefined) {
      throw new UsageError('An observation with this token is known already: restore each record once.');
    }
    observation.state = 'established';
    observation.hasDelivered = true;
    if (newest !== undefined) {
      observation.lastSequence = newest.sequence;
      observation.lastAt = newest.at;
    }
    this.#keep(observation);
    return observation;
  }

  /** The same device has another address from now on; what it was asked before it did not hear, or answers from there. */
  move(observation: Observation, peer: PeerState, now: Instant): void {
    if (observation.peer === peer) return;
    observation.peer.pins -= 1;
    observation.peer = peer;
    peer.pins += 1;
    this.#abortFetch(observation);
    const { operation } = observation;
    if (operation === undefined) return;
    this.#requests.drop(operation);
    const { request, options, token } = observation;
    const again = new Operation(this.#nextId(), peer, request, options, operation.purpose);
    observation.operation = again;
    this.#requests.start(again, token, now);
  }

  /** Ends an observation from our side (RFC 7641 §3.6, CR-8.7). */
  cancel(observation: Observation, way: 'active' | 'passive', now: Instant): void {
    if (observation.state === 'cancelling' || observation.state === 'ended') return;
    this.#abortFetch(observation);
    if (observation.operation !== undefined) this.#requests.drop(observation.operation);
    observation.operation = undefined;
    if (way === 'passive') {
      this.#end(observation, 'cancelled');
      return;
    }
    observation.state = 'cancelling';
    const { peer, request, options } = observation;
    const operation = new Operation(this.#nextId(), peer, request, options, { kind: 'cancel', observation });
    observation.operation = operation;
    this.#requests.start(operation, observation.token, now);
  }

  /**
   * A response with the token of an observation has come. False when the application cannot use it, so that
   * it is rejected.
   */
  received(observation: Observation, answer: DecodedResponse, isAnswerToUs: boolean, now: Instant): void {
    const isNotification = answer.response.observe !== undefined && codeClass(answer.response.code) === 2;
    const exchange = observation.operation?.exchange;
    switch (observation.state) {
      case 'registering':
        // A notification may overtake the response to the registration: then it is that (CR-8.4).
        if (exchange !== undefined) this.#requests.answered(exchange, answer, now);
        return;
      case 'cancelling':
        // A notification that was under way is no answer to the cancellation (CR-8.7).
        if (exchange !== undefined && (isAnswerToUs || !isNotification)) {
          this.#requests.answered(exchange, answer, now);
        }
        return;
      case 'established':
        if (isNotification) this.#notified(observation, answer, now);
        else this.#end(observation, 'ended-by-peer', answer.response);
        return;
      case 'ended':
    }
  }

  /** A response with the token of an observation had to be rejected. */
  unusable(observation: Observation, now: Instant): void {
    if (observation.operation !== undefined)
      this.#requests.fail(observation.operation, 'malformed-response', now);
    else this.#end(observation, 'failed', undefined, { reason: 'malformed-response' });
  }

  /** Nothing came for longer than Max-Age: the peer may have lost its list of observers (RFC 7641 §3.3.1). */
  due(observation: Observation, now: Instant): void {
    if (observation.state !== 'established' || observation.operation !== undefined) return;
    this.#abortFetch(observation);
    const { peer, request, options, token } = observation;
    const operation = new Operation(this.#nextId(), peer, request, options, {
      kind: 'register',
      observation,
    });
    observation.operation = operation;
    observation.state = 'registering';
    // The peer may have restarted, and its counter with it.
    observation.lastAt = undefined;
    this.#requests.start(operation, token, now);
  }

  /** A registration, cancellation or fetch is over. */
  operationDone(
    operation: Operation,
    observation: Observation,
    outcome: OperationOutcome,
    now: Instant,
  ): void {
    if (observation.fetch?.operation === operation) {
      this.#fetched(observation, observation.fetch.sequence, outcome, now);
      return;
    }
    if (observation.operation !== operation) return;
    observation.operation = undefined;
    if (observation.state === 'cancelling') {
      this.#end(observation, 'cancelled', outcome.kind === 'answered' ? outcome.answer.response : undefined);
    } else if (outcome.kind === 'failed') {
      this.#end(observation, 'failed', undefined, outcome);
    } else {
      this.#registered(observation, outcome.answer, now);
    }
  }

  /** Forgets the observations of a peer that is forgotten. */
  forgetPeer(peer: PeerState): void {
    for (const observation of this.ofPeer(peer)) {
      this.#abortFetch(observation);
      if (observation.operation !== undefined) this.#requests.drop(observation.operation);
      this.#end(observation, 'cancelled');
    }
  }

  #registered(observation: Observation, answer: DecodedResponse, now: Instant): void {
    const { response } = answer;
    if (codeClass(response.code) !== 2 || response.observe === undefined) {
      this.#end(observation, 'refused', response);
      return;
    }
    observation.state = 'established';
    this.#notified(observation, answer, now);
  }

  #notified(observation: Observation, answer: DecodedResponse, now: Instant): void {
    const { response, transfer } = answer;
    const sequence = response.observe ?? 0;
    const isFresh =
      observation.lastAt === undefined ||
      isNewer(sequence, now, observation.lastSequence, observation.lastAt);
    if (isFresh) {
      observation.lastSequence = sequence;
      observation.lastAt = now;
    }
    if (transfer.block2?.hasMore !== true) {
      // A newer state makes the rest of an older one worthless; an older one does not (CR-9.12).
      if (isFresh) this.#abortFetch(observation);
      this.#deliver(observation, response, isFresh, now);
      return;
    }
    // The rest of an old state cannot be had any more.
    if (!isFresh) return;
    this.#abortFetch(observation);
    const { peer, request, options } = observation;
    const operation = new Operation(this.#nextId(), peer, request, options, { kind: 'rest', observation });
    observation.fetch = { operation, sequence };
    this.#requests.startRest(operation, answer, now);
  }

  #fetched(observation: Observation, sequence: number, outcome: OperationOutcome, now: Instant): void {
    observation.fetch = undefined;
    const response = outcome.kind === 'answered' ? outcome.answer.response : undefined;
    if (response !== undefined && codeClass(response.code) === 2) {
      this.#deliver(observation, { ...response, observe: sequence }, true, now);
    } else if (!observation.hasDelivered) {
      // The first content is owed to whoever asked for it: without it the observation is of no use.
      const failure: Failure = outcome.kind === 'failed' ? outcome : { reason: 'body-changed' };
      this.#end(observation, 'failed', response, failure);
    }
  }

  #deliver(observation: Observation, response: IncomingResponse, isFresh: boolean, now: Instant): void {
    const isFirst = !observation.hasDelivered;
    observation.hasDelivered = true;
    if (observation.options.renew === true && isFresh)
      this.#renewLater(observation, response.maxAge ?? defaultMaxAge, now);
    this.#context.outputs.push({
      kind: 'notification',
      observation: observationIdFrom(observation.id),
      peer: observation.peer.peer,
      response,
      isFresh,
      isFirst,
    });
  }

  #renewLater(observation: Observation, maxAge: number, now: Instant): void {
    const patience = shortestPatience + this.#context.random.fraction() * patienceRange;
    this.#context.timers.schedule(observation, addDuration(now, milliseconds(maxAge * 1000 + patience)));
  }

  #abortFetch(observation: Observation): void {
    if (observation.fetch !== undefined) this.#requests.drop(observation.fetch.operation);
    observation.fetch = undefined;
  }

  #keep(observation: Observation): void {
    this.#observations.set(observation.id, observation);
    this.#tokens.set(observation.tokenKey, observation);
    observation.peer.pins += 1;
  }

  #forget(observation: Observation): void {
    observation.state = 'ended';
    this.#context.timers.cancel(observation);
    this.#observations.delete(observation.id);
    this.#tokens.delete(observation.tokenKey);
    observation.peer.pins -= 1;
  }

  #end(observation: Observation, reason: End, response?: IncomingResponse, failure?: Failure): void {
    if (observation.state === 'ended') return;
    this.#abortFetch(observation);
    this.#forget(observation);
    this.#context.outputs.push({
      kind: 'observation-ended',
      observation: observationIdFrom(observation.id),
      reason,
      ...(response === undefined ? {} : { response }),
      ...(failure === undefined ? {} : { failure: failure.reason }),
      ...(failure?.detail === undefined ? {} : { detail: failure.detail }),
    });
  }
}

interface Failure {
  readonly reason: RequestFailure;
  readonly detail?: string | undefined;
}
