import { type Instant, TransmissionError } from '@dunlin/base';
import type {
  CoapOutput,
  IncomingResponse,
  ObservationId,
  Peer,
  Request,
  RequestFailure,
} from '@dunlin/coap';
import type { ObjectDefinition, Path } from '@dunlin/lwm2m';

import type { DeviceSession, Expirable } from './device-session.ts';
import type { Listener } from './listener.ts';
import type { NotificationConsumer } from './notification-consumer.ts';

type NotificationOutput = Extract<CoapOutput, { kind: 'notification' }>;
type EndedOutput = Extract<CoapOutput, { kind: 'observation-ended' }>;

/** How the beginning of an observation turned out. */
export type ObservationStart =
  | { readonly kind: 'started'; readonly first: IncomingResponse; readonly at: Instant }
  /** The device answered, and does not observe: an error, or a success without Observe (RFC 7641 §4.1). */
  | { readonly kind: 'refused'; readonly response: IncomingResponse }
  | { readonly kind: 'failed'; readonly failure: RequestFailure; readonly detail?: string | undefined }
  /** By us, for this reason. */
  | { readonly kind: 'given-up'; readonly reason: unknown };

/** What an active observation tells its owner once it has begun. */
export interface ObservationOwner {
  notified(observation: ActiveObservation, response: IncomingResponse, facts: NotificationFacts): void;
  /** By an error notification (then `response` is it) or by a failure; never by us. */
  endedByDevice(observation: ActiveObservation, response: IncomingResponse | undefined): void;
}

export interface NotificationFacts {
  /** When it arrived. */
  readonly time: Instant;
  /** RFC 7641 §3.4. */
  readonly isFresh: boolean;
}

/** What does not change about an observation. */
export interface ObservationFacts {
  readonly endpointName: string;
  readonly registrationId: string;
  readonly path: Path;
  readonly pathText: string;
  readonly definition: ObjectDefinition | undefined;
  readonly listener: Listener;
  readonly consumer: NotificationConsumer | undefined;
}

/** An observation of a device's resource by this server, between the CoAP endpoint and its consumer. */
export class ActiveObservation implements Expirable {
  readonly facts: ObservationFacts;
  dueAt: Instant | undefined = undefined;
  heapIndex = 0;
  readonly #owner: ObservationOwner;
  #id: ObservationId | undefined;
  #onStart: ((start: ObservationStart) => void) | undefined;
  #onCancelled: ((error: unknown) => void) | undefined;

  constructor(owner: ObservationOwner, facts: ObservationFacts) {
    this.#owner = owner;
    this.facts = facts;
  }

  get id(): ObservationId | undefined {
    return this.#id;
  }

  /** Asks the device to observe. The result comes exactly once. */
  start(
    { peer, reusesToken }: DeviceSession,
    request: Request,
    onStart: (start: ObservationStart) => void,
  ): void {
    const { listener } = this.facts;
    this.#onStart = onStart;
    this.attach(listener.endpoint.observe(peer, request, listener.now(), { reuseToken: reusesToken }));
    listener.flush();
  }

  /** Takes over an observation of the CoAP endpoint: a new one, or one restored after a restart. */
  attach(id: ObservationId): void {
    this.#id = id;
    this.facts.listener.observations.set(id, this);
  }

  /** The device is at another address now. The caller owes a `flush`. */
  move(peer: Peer): void {
    const { listener } = this.facts;
    if (this.#id !== undefined) listener.endpoint.moveObservation(this.#id, peer, listener.now());
  }

  /**
   * Tells the device that it need not notify any more. Calls back exactly once, with what went wrong if
   * something did; over it is in any case.
   */
  cancelActively(onCancelled: (error: unknown) => void): void {
    if (this.#id === undefined) {
      onCancelled(undefined);
      return;
    }
    const { listener } = this.facts;
    this.#onCancelled = onCancelled;
    listener.endpoint.cancelObservation(this.#id, 'active', listener.now());
    listener.flush();
  }

  /** Forgets it at once: its next notification is rejected. Nothing is heard of it any more. */
  forget(): void {
    this.drop();
    this.facts.listener.flush();
  }

  /** As `forget`, for one of several: what waits behind it begins with the `flush` that the caller owes. */
  drop(): void {
    const id = this.#detach();
    if (id === undefined) return;
    const { listener } = this.facts;
    listener.endpoint.cancelObservation(id, 'passive', listener.now());
  }

  /** Ends what is under way, a start or an active cancellation, for a reason of ours. */
  giveUp(reason: unknown): void {
    this.abandon(reason);
    this.facts.listener.flush();
  }

  /** As `giveUp`, for one of several, like `drop`. */
  abandon(reason: unknown): void {
    this.drop();
    this.#takeOnStart()?.({ kind: 'given-up', reason });
    this.#takeOnCancelled()?.(reason);
  }

  expired(): void {
    const message = `${this.facts.endpointName} did not answer within the time given`;
    this.giveUp(new TransmissionError('expired', message));
  }

  notified(output: NotificationOutput, time: Instant): void {
    if (this.#onCancelled !== undefined) return;
    const onStart = this.#takeOnStart();
    if (onStart === undefined) this.#owner.notified(this, output.response, { time, isFresh: output.isFresh });
    else onStart({ kind: 'started', first: output.response, at: time });
  }

  ended({ response, failure, detail }: EndedOutput): void {
    this.#detach();
    const onStart = this.#takeOnStart();
    const onCancelled = this.#takeOnCancelled();
    if (onCancelled !== undefined) {
      onCancelled(failure === undefined ? undefined : this.#errorOf(failure));
    } else if (onStart === undefined) {
      this.#owner.endedByDevice(this, response);
    } else if (response === undefined) {
      onStart({ kind: 'failed', failure: failure ?? 'cancelled', detail });
    } else {
      onStart({ kind: 'refused', response });
    }
  }

  #errorOf(failure: RequestFailure): Error {
    const message = `${this.facts.endpointName} did not confirm that it no longer observes (${failure})`;
    return new TransmissionError('no-answer', message);
  }

  #takeOnStart(): ((start: ObservationStart) => void) | undefined {
    const onStart = this.#onStart;
    this.#onStart = undefined;
    return onStart;
  }

  #takeOnCancelled(): ((error: unknown) => void) | undefined {
    const onCancelled = this.#onCancelled;
    this.#onCancelled = undefined;
    return onCancelled;
  }

  #detach(): ObservationId | undefined {
    const id = this.#id;
    this.#id = undefined;
    if (id !== undefined) this.facts.listener.observations.delete(id);
    return id;
  }
}
