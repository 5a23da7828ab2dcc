import { type Milliseconds, ProtocolError, TransmissionError } from '@dunlin/base';
import {
  ContentFormat,
  diagnosticText,
  formatCode,
  type IncomingResponse,
  type ObservationRecord,
  type Request,
  ResponseCode,
} from '@dunlin/coap';
import {
  decodeTimestampedContent,
  isFormatFailure,
  judgeResponse,
  parsePath,
  type Path,
  requestForOperation,
  type TimestampedContent,
} from '@dunlin/lwm2m';

import {
  ActiveObservation,
  type NotificationFacts,
  type ObservationFacts,
  type ObservationOwner,
  type ObservationStart,
} from './active-observation.ts';
import type { DeviceSession, DeviceSessions } from './device-session.ts';
import { ResponseError } from './errors.ts';
import type { ObservationEndReason } from './events.ts';
import { inBackground } from './in-background.ts';
import type { Listener } from './listener.ts';
import type { NotificationConsumer } from './notification-consumer.ts';
import { definitionFor } from './object-version.ts';
import { AbortListener, deadlineOf, errorOfFailure, type WaitOptions } from './pending-request.ts';
import type { Registration } from './registration.ts';
import type { StoredObservation } from './registration-store.ts';
import type { ServerContext } from './server-context.ts';

/** What is to be observed. */
export interface ObservationTarget {
  readonly path: Path;
  readonly pathText: string;
  /** The Content-Format asked for; without it TLV, and then whatever the device likes. */
  readonly format: number | undefined;
  readonly definition: ObservationFacts['definition'];
}

/**
 * The observations of all devices: begun, persisted, decoded for whoever listens, ended. There is one for
 * each registration and path; observing again replaces it.
 */
export class Observations implements ObservationOwner {
  readonly #context: ServerContext;
  readonly #sessions: DeviceSessions;

  constructor(context: ServerContext, sessions: DeviceSessions) {
    this.#context = context;
    this.#sessions = sessions;
  }

  /**
   * Asks the device to observe, and rejects when it does not. The first content was delivered to the
   * consumer, and the observation is stored, when this resolves.
   */
  async begin(
    registration: Registration,
    target: ObservationTarget,
    consumer: NotificationConsumer,
    options: WaitOptions,
  ): Promise<void> {
    options.signal?.throwIfAborted();
    const accepts = target.format === undefined ? [ContentFormat.tlv, undefined] : [target.format];
    for (const accept of accepts) {
      const outcome = await this.#attempt(registration, target, accept, { consumer, options });
      if (outcome === 'begun') {
        consumer.begun();
        return;
      }
      if (outcome === 'not-observable') {
        consumer.begun();
        consumer.finish();
        this.#emitEnded(registration.endpointName, target.pathText, 'refused');
        return;
      }
      if (!isFormatRefusal(outcome.code) || accept === accepts.at(-1)) {
        throw this.#refusal(registration, target.pathText, outcome);
      }
    }
  }

  /** Takes a stored observation up again. Its notifications go to the `notified` signal. */
  restore(stored: StoredObservation, registration: Registration, listener: Listener): void {
    const path = parsePath(stored.path);
    if (path === undefined) return;
    const record: ObservationRecord = { ...stored.record, peer: registration.peer };
    const observation = new ActiveObservation(this, {
      endpointName: registration.endpointName,
      registrationId: registration.id,
      path,
      pathText: stored.path,
      definition: definitionFor(this.#context.definitions, registration, path),
      listener,
      consumer: undefined,
    });
    observation.attach(listener.endpoint.restoreObservation(record, listener.now()));
    this.#sessions.open(registration).observations.set(stored.path, observation);
  }

  /** Ends an observation by our wish; harmless when there is none. */
  async cancel(
    registration: Registration,
    pathText: string,
    options: WaitOptions & { readonly way?: 'active' | 'passive' | undefined },
  ): Promise<void> {
    const session = this.#sessions.find(registration.id);
    const observation = session?.observations.get(pathText);
    if (observation === undefined || session === undefined) {
      await this.#context.store.removeObservation(registration.id, pathText);
      return;
    }
    session.observations.delete(pathText);
    session.cancelling.add(observation);
    try {
      observation.facts.consumer?.finish();
      await this.#context.store.removeObservation(registration.id, pathText);
      this.#emitEnded(registration.endpointName, pathText, 'cancelled');
      // A device that knows observations by their path alone would end the one that is about to begin.
      const isObservedAnew = [...session.starting].some(({ facts }) => facts.pathText === pathText);
      if (options.way === 'passive' || isObservedAnew) observation.forget();
      else await this.#cancelActively(observation, options);
    } finally {
      session.cancelling.delete(observation);
      this.#sessions.closeIfIdle(session);
    }
  }

  notified(observation: ActiveObservation, response: IncomingResponse, facts: NotificationFacts): void {
    const { endpointName, pathText, registrationId } = observation.facts;
    const session = this.#sessions.find(registrationId);
    if (session !== undefined) this.#sessions.heard(session);
    const { observe: sequence } = response;
    if (facts.isFresh && sequence !== undefined) {
      this.#context.store.noteNewest(registrationId, pathText, { sequence, at: facts.time });
    }
    const problem = this.#deliver(observation, response, facts);
    if (problem === undefined) return;
    this.#context.signals.diagnostics.emit({
      kind: 'undecodable-notification',
      time: facts.time,
      endpointName,
      path: pathText,
      reason: problem,
    });
  }

  endedByDevice(observation: ActiveObservation, response: IncomingResponse | undefined): void {
    const { consumer, endpointName, path, pathText, registrationId } = observation.facts;
    const session = this.#sessions.find(registrationId);
    if (session !== undefined && response !== undefined) this.#sessions.heard(session);
    if (response?.code === ResponseCode.notFound) this.#context.values.gone(endpointName, path);
    if (session?.observations.get(pathText) === observation) {
      session.observations.delete(pathText);
      this.#sessions.closeIfIdle(session);
      this.#unstore(registrationId, pathText);
    }
    consumer?.fail(
      response === undefined
        ? new TransmissionError('no-answer', `${endpointName} no longer answers for ${pathText}`)
        : new ResponseError(endpointName, `the observation of ${pathText}`, {
            code: response.code,
            diagnostic: diagnosticText(response),
          }),
    );
    if (response === undefined) this.#emitEnded(endpointName, pathText, 'no-answer');
    else this.#emitEnded(endpointName, pathText, 'ended-by-device', formatCode(response.code));
  }

  /** Tells the consumers of observations that ended with their registration. */
  ended(observations: readonly ActiveObservation[], reason: ObservationEndReason, error: Error): void {
    for (const { facts } of observations) {
      facts.consumer?.fail(error);
      this.#emitEnded(facts.endpointName, facts.pathText, reason);
    }
  }

  /** One request to observe. An answer that refuses is the outcome; anything else that goes wrong rejects. */
  async #attempt(
    registration: Registration,
    target: ObservationTarget,
    accept: number | undefined,
    { consumer, options }: { readonly consumer: NotificationConsumer; readonly options: WaitOptions },
  ): Promise<'begun' | 'not-observable' | IncomingResponse> {
    const { promise, resolve, reject } = Promise.withResolvers<
      'begun' | 'not-observable' | IncomingResponse
    >();
    const session = this.#sessions.open(registration);
    const limit = this.#context.limits.observationsPerDevice;
    if (
      session.observations.size + session.starting.size >= limit &&
      !session.observations.has(target.pathText)
    ) {
      throw new TransmissionError(
        'overloaded',
        `${registration.endpointName} is observed ${limit} times already`,
      );
    }
    const { path, pathText, definition } = target;
    const { endpointName, id: registrationId } = registration;
    const { listener } = session;
    const facts = { endpointName, registrationId, path, pathText, definition, listener, consumer };
    const observation = new ActiveObservation(this, facts);
    session.starting.add(observation);
    const endWait = this.#limitWait(observation, options);
    const begun = (start: ObservationStart): void => {
      endWait();
      session.starting.delete(observation);
      this.#onStart(session, observation, start).then(resolve, reject);
      this.#sessions.closeIfIdle(session);
    };
    observation.start(session, observeRequest(path, registration.rootPath, accept), begun);
    return await promise;
  }

  /** Runs at once up to the first `await`, so that the first content comes before any later one. */
  async #onStart(
    session: DeviceSession,
    observation: ActiveObservation,
    start: ObservationStart,
  ): Promise<'begun' | 'not-observable' | IncomingResponse> {
    const { endpointName } = observation.facts;
    switch (start.kind) {
      case 'given-up':
        throw start.reason;
      case 'failed':
        if (start.failure === 'no-answer') this.#sessions.lost(session);
        throw errorOfFailure(start.failure, endpointName, start.detail);
      case 'refused': {
        this.#sessions.heard(session);
        if (judgeResponse('observe', start.response.code) !== 'success') return start.response;
        const facts = { time: this.#context.now(), isFresh: true };
        const problem = this.#deliver(observation, start.response, facts);
        if (problem !== undefined) throw new ProtocolError(problem);
        return 'not-observable';
      }
      case 'started': {
        this.#sessions.heard(session);
        const problem = this.#deliver(observation, start.first, { time: start.at, isFresh: true });
        if (problem !== undefined) {
          observation.forget();
          throw new ProtocolError(problem);
        }
        this.#replace(session, observation);
        await this.#persist(observation, start);
        return 'begun';
      }
    }
  }

  /** Makes an observation that of its path; the one before is forgotten, so that its notifications are rejected. */
  #replace(session: DeviceSession, observation: ActiveObservation): void {
    const { pathText, endpointName } = observation.facts;
    const replaced = session.observations.get(pathText);
    session.observations.set(pathText, observation);
    if (replaced === undefined) return;
    replaced.forget();
    replaced.facts.consumer?.fail(
      new TransmissionError('superseded', `${pathText} of ${endpointName} is observed anew`),
    );
    this.#emitEnded(endpointName, pathText, 'replaced');
  }

  async #persist(
    observation: ActiveObservation,
    start: Extract<ObservationStart, { kind: 'started' }>,
  ): Promise<void> {
    const { registrationId, pathText, listener } = observation.facts;
    const record =
      observation.id === undefined ? undefined : listener.endpoint.observationRecord(observation.id);
    if (record === undefined) return;
    try {
      await this.#context.store.addObservation({
        registrationId,
        path: pathText,
        observedAt: start.at,
        record,
      });
    } catch (error) {
      const session = this.#sessions.find(registrationId);
      if (session?.observations.get(pathText) === observation) session.observations.delete(pathText);
      observation.forget();
      throw error;
    }
  }

  /** Decodes and hands out a notification; returns why it cannot be decoded, when it cannot. */
  #deliver(
    observation: ActiveObservation,
    response: IncomingResponse,
    facts: NotificationFacts,
  ): string | undefined {
    const { path, pathText, definition, consumer, endpointName } = observation.facts;
    const { contentFormat, payload } = response;
    if (contentFormat === undefined)
      return `the notification for ${pathText} does not say its Content-Format`;
    const content: readonly TimestampedContent[] | ReturnType<typeof decodeTimestampedContent> =
      decodeTimestampedContent(contentFormat, path, payload, definition);
    if (isFormatFailure(content))
      return `the notification for ${pathText} is ${content.problem}: ${content.reason}`;
    if (facts.isFresh) this.#context.values.notified(endpointName, path, content, facts.time);
    const problem = consumer?.deliver(content, facts);
    this.#context.signals.notified.emit({
      endpoint: endpointName,
      path: pathText,
      time: facts.time,
      content,
      isFresh: facts.isFresh,
    });
    return problem;
  }

  async #cancelActively(observation: ActiveObservation, options: WaitOptions): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timeout: Milliseconds = options.timeout ?? this.#context.limits.cancellationTimeout;
    const endWait = this.#limitWait(observation, { ...options, timeout });
    observation.cancelActively((error) => {
      endWait();
      if (error === undefined) resolve();
      else reject(error);
    });
    await promise;
  }

  /** Lets the caller's deadline and signal end what is under way; the result takes that back. */
  #limitWait(observation: ActiveObservation, options: WaitOptions): () => void {
    const abort = new AbortListener(options.signal, (reason) => observation.giveUp(reason));
    const deadline = deadlineOf(options, this.#context.now());
    if (deadline !== undefined) this.#sessions.schedule(observation, deadline);
    return () => {
      abort[Symbol.dispose]();
      this.#sessions.unschedule(observation);
    };
  }

  #unstore(registrationId: string, pathText: string): void {
    inBackground(this.#context, `removing the observation of ${pathText}`, () =>
      this.#context.store.removeObservation(registrationId, pathText),
    );
  }

  #refusal(registration: Registration, pathText: string, response: IncomingResponse): Error {
    const { endpointName } = registration;
    if (judgeResponse('observe', response.code) === 'unexpected') {
      return new ProtocolError(
        `${endpointName} answered an Observe of ${pathText} with code ${response.code}`,
      );
    }
    const diagnostic = diagnosticText(response);
    return new ResponseError(endpointName, `to observe ${pathText}`, { code: response.code, diagnostic });
  }

  #emitEnded(endpoint: string, path: string, reason: ObservationEndReason, coapCode?: string): void {
    this.#context.signals.observationEnded.emit(
      coapCode === undefined ? { endpoint, path, reason } : { endpoint, path, reason, coapCode },
    );
  }
}

function observeRequest(path: Path, rootPath: string, accept: number | undefined): Request {
  const request = requestForOperation(
    { name: 'observe', path, accept: accept ?? ContentFormat.tlv },
    rootPath,
  );
  return { ...request, accept };
}

/** Devices use either code for a format that they do not have. */
export function isFormatRefusal(code: number): boolean {
  return code === ResponseCode.notAcceptable || code === ResponseCode.unsupportedContentFormat;
}
