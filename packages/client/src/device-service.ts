import type { Instant } from '@dunlin/base';
import type { CoapEndpoint, CoapOutput, ExchangeId, IncomingRequest, Response } from '@dunlin/coap';
import { formatPath, pathFromSegments } from '@dunlin/lwm2m';

import type { BootstrapOutcome } from './bootstrap/bootstrap-interface.ts';
import type { ClientDiagnostic } from './client-diagnostic.ts';
import { carryOut, carryOutPart, type PartRequest } from './device-management/device-management.ts';
import type { OperationContext } from './device-management/operation-context.ts';
import type { OperationOutcome } from './device-management/operation-outcome.ts';
import { ValueParts } from './device-management/value-parts.ts';
import { attributesInEffect, freshness } from './reporting/attributes-in-effect.ts';
import type { Observation } from './reporting/observation.ts';
import type { OutgoingNotification, Reporting } from './reporting/reporting.ts';

/** What a device service works with. */
export interface DeviceServiceParts {
  readonly coap: CoapEndpoint;
  readonly reporting: Reporting;
  /** Observations of one Server. */
  readonly observationLimit: number;
  readonly areNotificationsConfirmable: boolean;
  readonly diagnose: (diagnostic: ClientDiagnostic) => void;
  /** Goes on with what had to wait for the device's own code. */
  readonly resume: (run: (now: Instant) => void) => void;
}

type ObservationEnd = (ClientDiagnostic & { kind: 'observation-ended' })['reason'];

/** What the device does for its Servers on the CoAP endpoint: answers to their requests, and notifications. */
export class DeviceService {
  readonly #parts: DeviceServiceParts;
  readonly #values = new ValueParts();

  constructor(parts: DeviceServiceParts) {
    this.#parts = parts;
  }

  /** Carries out and answers a request; gives what is to be done when the answer has left. */
  serve(
    { exchange, request }: CoapOutput & { kind: 'request' },
    context: OperationContext,
  ): OperationOutcome['afterAnswer'] {
    if (isPart(request)) {
      void this.#servePart(exchange, request, context);
      return undefined;
    }
    if (request.observe === 'deregister') this.#cancelObservations(context.shortServerId, request.uriPath);
    const outcome = carryOut(request, context);
    const { observed, response } = outcome;
    if (observed === undefined) this.#parts.coap.respond(exchange, response, context.now);
    else this.#observe(exchange, response, observed, context);
    this.#report(outcome, request, context);
    return outcome.afterAnswer;
  }

  /** Answers a command of the Bootstrap-Server. */
  answerBootstrap(
    exchange: ExchangeId,
    request: IncomingRequest,
    outcome: BootstrapOutcome,
    now: Instant,
  ): void {
    const { coap, diagnose } = this.#parts;
    const { operation, response, refusal, error } = outcome;
    const uriPath = uriPathText(request);
    coap.respond(exchange, response, now);
    diagnose({ kind: 'bootstrap-command', operation, uriPath, refusal });
    if (error !== undefined) diagnose({ kind: 'device-error', shortServerId: undefined, uriPath, error });
  }

  /** Sends a notification. The last one of an observation is confirmable, so that the Server learns of the end. */
  notify(notification: OutgoingNotification, now: Instant): void {
    const { relation, shortServerId, path, response, problem, error } = notification;
    const { coap, areNotificationsConfirmable, diagnose } = this.#parts;
    coap.notify(relation, response, now, {
      isConfirmable: areNotificationsConfirmable || problem !== undefined,
    });
    if (problem === undefined) return;
    diagnose({ kind: 'observation-ended', shortServerId, path, reason: 'target-gone' });
    if (error !== undefined)
      diagnose({ kind: 'device-error', shortServerId, uriPath: formatPath(path), error });
  }

  /** The registration is over, and with it what the Server observed. */
  endObservations(shortServerId: number): void {
    for (const observation of this.#parts.reporting.observationsOf(shortServerId)) {
      this.#end(observation, 'registration-ended');
    }
  }

  /** The endpoint learnt that a Server observes no longer. */
  relationEnded({ relation, reason }: CoapOutput & { kind: 'relation-ended' }): void {
    const { reporting, diagnose } = this.#parts;
    const observation = reporting.observation(relation);
    if (observation === undefined) return;
    reporting.remove(relation);
    const { shortServerId, path } = observation;
    diagnose({ kind: 'observation-ended', shortServerId, path, reason: observationEnds[reason] });
  }

  /** The Server sends the next part when this one is answered, so that a device that takes its time is not overrun. */
  async #servePart(exchange: ExchangeId, request: PartRequest, context: OperationContext): Promise<void> {
    const outcome = await carryOutPart(request, this.#values, context);
    this.#parts.resume((now) => {
      this.#parts.coap.respond(exchange, outcome.response, now);
      this.#report(outcome, request, context);
    });
  }

  /** Over the limit the request is answered as a plain Read (RFC 7641 §4.1). */
  #observe(
    exchange: ExchangeId,
    response: Response,
    { path, content, format }: NonNullable<OperationOutcome['observed']>,
    context: OperationContext,
  ): void {
    const { coap, reporting, observationLimit, diagnose } = this.#parts;
    const { shortServerId, now } = context;
    const observe = reporting.observationsOf(shortServerId).length < observationLimit;
    const fresh = { ...response, ...freshness(attributesInEffect(path, context)) };
    const relation = coap.respond(exchange, observe ? fresh : response, now, { observe });
    if (relation === undefined) return;
    reporting.add(relation, { shortServerId, path, format }, content, now);
    diagnose({ kind: 'observation-started', shortServerId, path });
  }

  #report(outcome: OperationOutcome, request: IncomingRequest, { shortServerId }: OperationContext): void {
    const { reporting, diagnose } = this.#parts;
    const { operation, path, refusal, error } = outcome;
    const uriPath = uriPathText(request);
    if (refusal !== undefined)
      diagnose({ kind: 'request-refused', shortServerId, operation, uriPath, refusal });
    if (error !== undefined) diagnose({ kind: 'device-error', shortServerId, uriPath, error });
    const isDone = refusal === undefined && path !== undefined;
    if (isDone && operation === 'write-attributes') reporting.touchAttributes(shortServerId, path);
  }

  /** Observe 1 cancels whatever the Server observes at that path, with the token of the observation or another. */
  #cancelObservations(shortServerId: number, uriPath: readonly string[]): void {
    const path = pathFromSegments(uriPath);
    if (path === undefined) return;
    for (const observation of this.#parts.reporting.observationsOf(shortServerId, path)) {
      this.#end(observation, 'cancelled');
    }
  }

  #end({ relation, shortServerId, path }: Observation, reason: ObservationEnd): void {
    const { coap, reporting, diagnose } = this.#parts;
    reporting.remove(relation);
    coap.endRelation(relation);
    diagnose({ kind: 'observation-ended', shortServerId, path, reason });
  }
}

function isPart(request: IncomingRequest): request is PartRequest {
  return request.part !== undefined;
}

/** The path of a request for people: `/3/0/0`. */
export function uriPathText({ uriPath }: IncomingRequest): string {
  return `/${uriPath.join('/')}`;
}

const observationEnds = {
  deregistered: 'cancelled',
  reset: 'cancelled',
  'no-answer': 'unacknowledged',
  replaced: 'replaced',
  'not-acceptable': 'target-gone',
} as const satisfies Record<(CoapOutput & { kind: 'relation-ended' })['reason'], ObservationEnd>;
