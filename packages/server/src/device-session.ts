import { DeadlineQueue, type Instant, type Scheduled, TransmissionError } from '@dunlin/base';
import type { IncomingResponse, Peer, Request } from '@dunlin/coap';
import { usesQueueMode } from '@dunlin/lwm2m';

import type { ActiveObservation } from './active-observation.ts';
import type { Listener } from './listener.ts';
import { PendingRequest, type WaitOptions } from './pending-request.ts';
import type { Presence } from './queue-mode/presence.ts';
import type { Registration } from './registration.ts';
import type { ServerLimits } from './server-limits.ts';
import { isTwinId, twinIdOf } from './sms/sms-twin.ts';

/** What is going on with one registration: only devices of which something is asked have one. */
export interface DeviceSession {
  readonly endpointName: string;
  readonly registrationId: string;
  readonly listener: Listener;
  peer: Peer;
  isInQueueMode: boolean;
  /** Its blocks are known by their token: all of a body have the same one (CoAP requirement CR-6.3). */
  readonly reusesToken: boolean;
  readonly requests: Set<PendingRequest>;
  /** By path; those that have begun. */
  readonly observations: Map<string, ActiveObservation>;
  /** Those that are about to begin. */
  readonly starting: Set<ActiveObservation>;
  /** Those whose active cancellation is under way. */
  readonly cancelling: Set<ActiveObservation>;
}

/** Something whose patience ends. */
export interface Expirable extends Scheduled {
  /** Its deadline has come. */
  expired(): void;
}

/** What `DeviceSessions` works with. */
export interface DeviceSessionsParts {
  readonly limits: ServerLimits;
  readonly presence: Presence;
  readonly reusesToken: (endpointName: string) => boolean;
  readonly listenerFor: (localUri: string) => Listener;
}

/** The sessions of all devices, and the deadlines of what is asked of them. */
export class DeviceSessions {
  readonly #sessions = new Map<string, DeviceSession>();
  readonly #deadlines = new DeadlineQueue<Expirable>();
  readonly #limits: ServerLimits;
  readonly #presence: Presence;
  readonly #reusesToken: (endpointName: string) => boolean;
  readonly #listenerFor: (localUri: string) => Listener;
  /** Why nothing may begin any more, once the server was closed. */
  #closed: Error | undefined;

  constructor(parts: DeviceSessionsParts) {
    this.#limits = parts.limits;
    this.#presence = parts.presence;
    this.#reusesToken = parts.reusesToken;
    this.#listenerFor = parts.listenerFor;
  }

  /** When `wake` has something to do. */
  get deadline(): Instant | undefined {
    return this.#deadlines.deadline;
  }

  wake(now: Instant): void {
    for (let due = this.#deadlines.takeDue(now); due !== undefined; due = this.#deadlines.takeDue(now))
      due.expired();
  }

  /** Calls `expired` at `dueAt`, unless `unschedule` comes before. */
  schedule(item: Expirable, dueAt: Instant): void {
    this.#deadlines.schedule(item, dueAt);
  }

  unschedule(item: Expirable): void {
    this.#deadlines.cancel(item);
  }

  find(registrationId: string): DeviceSession | undefined {
    return this.#sessions.get(registrationId);
  }

  /** The session of a registration, which begins when there is none. Throws when the server was closed. */
  open(registration: Registration): DeviceSession {
    if (this.#closed !== undefined) throw this.#closed;
    const present = this.#sessions.get(registration.id);
    const isInQueueMode = usesQueueMode(registration.bindingMode);
    if (present !== undefined) {
      present.isInQueueMode = isInQueueMode;
      return present;
    }
    const session: DeviceSession = {
      endpointName: registration.endpointName,
      registrationId: registration.id,
      listener: this.#listenerFor(registration.localUri),
      peer: registration.peer,
      isInQueueMode,
      reusesToken: this.#reusesToken(registration.endpointName),
      requests: new Set(),
      observations: new Map(),
      starting: new Set(),
      cancelling: new Set(),
    };
    this.#sessions.set(registration.id, session);
    return session;
  }

  /** Sends a request to a device. Rejects with the signal's reason, or a `TransmissionError`. */
  async request(
    registration: Registration,
    request: Request,
    options: WaitOptions,
  ): Promise<IncomingResponse> {
    const session = this.open(registration);
    if (session.requests.size >= this.#limits.requestsPerDevice) {
      const message = `${session.endpointName} has ${session.requests.size} requests under way; try again later`;
      throw new TransmissionError('overloaded', message);
    }
    const owner = {
      schedule: (pending: PendingRequest, dueAt: Instant): void => this.schedule(pending, dueAt),
      settled: (pending: PendingRequest): void => {
        this.#deadlines.cancel(pending);
        session.requests.delete(pending);
        this.closeIfIdle(session);
      },
    };
    const pending = new PendingRequest(owner, session, request, options);
    session.requests.add(pending);
    session.listener.flush();
    try {
      const response = await pending.response;
      this.heard(session);
      return response;
    } catch (error) {
      if (error instanceof TransmissionError && error.code === 'no-answer') this.lost(session);
      throw error;
    }
  }

  /** A message of the device came that is no Register or Update. */
  heard({ endpointName, isInQueueMode, listener, registrationId }: DeviceSession): void {
    // That a short message was answered says nothing of UDP.
    if (isTwinId(registrationId)) return;
    this.#presence.messageHeard(endpointName, isInQueueMode, listener.now());
  }

  /** The device did not answer. */
  lost({ endpointName, registrationId }: DeviceSession): void {
    if (!isTwinId(registrationId)) this.#presence.lost(endpointName);
  }

  /** The device is at another address now. */
  move(registrationId: string, peer: Peer): void {
    const session = this.#sessions.get(registrationId);
    if (session === undefined) return;
    session.peer = peer;
    for (const observation of session.observations.values()) observation.move(peer);
    for (const observation of session.starting) observation.move(peer);
    for (const observation of session.cancelling) observation.move(peer);
    for (const pending of Array.from(session.requests)) pending.move(peer);
    session.listener.flush();
  }

  /**
   * Ends what is going on with a registration that is no more: its requests reject with `error`, and its
   * observations are forgotten. Returns those that had begun.
   */
  end(registrationId: string, error: Error): readonly ActiveObservation[] {
    if (!isTwinId(registrationId)) this.end(twinIdOf(registrationId), error);
    const session = this.#sessions.get(registrationId);
    if (session === undefined) return [];
    this.#sessions.delete(registrationId);
    // Each takes itself out when it is given up; the sets are iterated all the same, as sets allow that.
    for (const pending of session.requests) pending.abandon(error);
    const observations = [...session.observations.values()];
    for (const observation of session.starting) observation.abandon(error);
    for (const observation of session.cancelling) observation.abandon(error);
    for (const observation of observations) observation.drop();
    session.listener.flush();
    return observations;
  }

  /** Ends all sessions for good, when the server closes. */
  endAll(error: Error): readonly ActiveObservation[] {
    this.#closed = error;
    return [...this.#sessions.keys()].flatMap((registrationId) => this.end(registrationId, error));
  }

  /** Lets go of a session in which nothing is going on. */
  closeIfIdle(session: DeviceSession): void {
    const { requests, observations, starting, cancelling } = session;
    if (requests.size + observations.size + starting.size + cancelling.size > 0) return;
    if (this.#sessions.get(session.registrationId) === session) this.#sessions.delete(session.registrationId);
  }
}
