import {
  addDuration,
  type Instant,
  type Milliseconds,
  ProtocolError,
  type Scheduled,
  TransmissionError,
} from '@dunlin/base';
import {
  type IncomingResponse,
  Method,
  type Peer,
  type Request,
  type RequestFailure,
  type RequestId,
  type RequestOptions,
} from '@dunlin/coap';

import type { Listener } from './listener.ts';

/** How a request or an observation is given up: the part of the options that concerns waiting. */
export interface WaitOptions {
  readonly timeout?: Milliseconds | undefined;
  readonly signal?: AbortSignal | undefined;
  /** When the time of an operation of several requests is over; comes before `timeout`. */
  readonly deadline?: Instant | undefined;
  /** How the request travels. */
  readonly travel?: RequestOptions | undefined;
}

/** The same options with their deadline fixed, so that several requests share the one timeout. */
export function withDeadline<T extends WaitOptions>(options: T, now: Instant): T {
  const deadline = deadlineOf(options, now);
  return deadline === undefined || options.deadline !== undefined ? options : { ...options, deadline };
}

/** When patience ends; `undefined` for never. */
export function deadlineOf({ deadline, timeout }: WaitOptions, now: Instant): Instant | undefined {
  if (deadline !== undefined) return deadline;
  return timeout === undefined ? undefined : addDuration(now, timeout);
}

/** The device that is asked. */
export interface RequestTarget {
  readonly endpointName: string;
  readonly listener: Listener;
  readonly peer: Peer;
  readonly reusesToken: boolean;
}

/** Where pending requests wait for their deadlines, and where they are taken off when they are over. */
export interface RequestOwner {
  /** Calls `expired` when this much time has passed. */
  schedule(request: PendingRequest, dueAt: Instant): void;
  settled(request: PendingRequest): void;
}

/** One request to a device, from the moment it is sent until it is answered or given up. */
export class PendingRequest implements Scheduled {
  dueAt: Instant | undefined = undefined;
  heapIndex = 0;
  readonly response: Promise<IncomingResponse>;
  readonly #owner: RequestOwner;
  readonly #listener: Listener;
  readonly #request: Request;
  readonly #endpointName: string;
  readonly #travel: RequestOptions | undefined;
  readonly #abort: AbortListener;
  #peerKey = '';
  readonly #resolve: (response: IncomingResponse) => void;
  readonly #reject: (reason: unknown) => void;
  #id: RequestId;

  constructor(owner: RequestOwner, target: RequestTarget, request: Request, options: WaitOptions) {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingResponse>();
    this.response = promise;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#owner = owner;
    this.#endpointName = target.endpointName;
    this.#listener = target.listener;
    this.#request = request;
    this.#travel = target.reusesToken ? { ...options.travel, reuseToken: true } : options.travel;
    this.#id = this.#send(target.peer);
    this.#abort = new AbortListener(options.signal, (reason) => this.giveUp(reason));
    const deadline = deadlineOf(options, target.listener.now());
    if (deadline !== undefined) owner.schedule(this, deadline);
  }

  answered(response: IncomingResponse): void {
    this.#settle();
    this.#resolve(response);
  }

  failed(reason: RequestFailure, detail?: string): void {
    this.#settle();
    this.#reject(errorOfFailure(reason, this.#endpointName, detail));
  }

  /** The caller's deadline has come. */
  expired(): void {
    this.giveUp(
      new TransmissionError('expired', `${this.#endpointName} did not answer within the time given`),
    );
  }

  /** The association with a peer has ended; a no-answer when it is this one's. */
  peerLost(peer: Peer): void {
    if (peer.key !== this.#peerKey) return;
    const message = `the DTLS association with ${this.#endpointName} ended before it answered`;
    this.giveUp(new TransmissionError('no-answer', message));
  }

  /** Ends it for another reason than an answer; nothing of it is sent any more. */
  giveUp(reason: unknown): void {
    this.abandon(reason);
    this.#listener.flush();
  }

  /** As `giveUp`, for one of several: what waits behind it begins with the `flush` that the caller owes. */
  abandon(reason: unknown): void {
    this.#settle();
    this.#listener.endpoint.cancelRequest(this.#id, this.#listener.now());
    this.#reject(reason);
  }

  /**
   * The device is at another address now, where the answer cannot be matched (RFC 7252 §5.3.2): what was not sent yet,
   * or may be asked twice without harm, is asked there, anything else is given up. Of a slice of a body only its owner
   * knows how much arrived. The caller owes a `flush`.
   */
  move(peer: Peer): void {
    const { endpoint } = this.#listener;
    const isIdempotent = this.#request.method === Method.get || this.#request.method === Method.put;
    const mayRepeat = isIdempotent && this.#travel?.bodySlice === undefined;
    if (!mayRepeat && endpoint.hasBegun(this.#id)) {
      const message = `${this.#endpointName} moved to another address while it was asked`;
      this.abandon(new TransmissionError('superseded', message));
      return;
    }
    this.#listener.requests.delete(this.#id);
    endpoint.cancelRequest(this.#id, this.#listener.now());
    this.#id = this.#send(peer);
  }

  #send(peer: Peer): RequestId {
    this.#peerKey = peer.key;
    const id = this.#listener.endpoint.request(peer, this.#request, this.#listener.now(), this.#travel);
    this.#listener.requests.set(id, this);
    return id;
  }

  #settle(): void {
    this.#listener.requests.delete(this.#id);
    this.#abort[Symbol.dispose]();
    this.#owner.settled(this);
  }
}

/** Calls back when a signal aborts, until it is disposed. */
export class AbortListener implements Disposable {
  readonly #signal: AbortSignal | undefined;
  readonly #listen: (() => void) | undefined;

  constructor(signal: AbortSignal | undefined, onAbort: (reason: unknown) => void) {
    this.#signal = signal;
    if (signal === undefined) return;
    this.#listen = () => onAbort(signal.reason);
    signal.addEventListener('abort', this.#listen, { once: true });
  }

  [Symbol.dispose](): void {
    if (this.#listen !== undefined) this.#signal?.removeEventListener('abort', this.#listen);
  }
}

/** What the caller learns when CoAP has no response for a request. */
export function errorOfFailure(reason: RequestFailure, endpointName: string, detail = ''): Error {
  const why = detail === '' ? '' : `: ${detail}`;
  switch (reason) {
    case 'not-sent':
      return new TransmissionError('not-sent', `the request to ${endpointName} was not sent${why}`);
    case 'not-delivered':
      return new TransmissionError('no-answer', `the request did not arrive at ${endpointName}${why}`);
    case 'no-answer':
      return new TransmissionError('no-answer', `${endpointName} did not answer`);
    case 'reset':
      return new TransmissionError('reset', `${endpointName} rejected the message`);
    case 'cancelled':
      return new TransmissionError('superseded', `the request to ${endpointName} was cancelled`);
    case 'overloaded':
      return new TransmissionError('overloaded', `too many requests to ${endpointName} are under way`);
    case 'malformed-response':
      return new ProtocolError(`${endpointName} answered with a malformed response (RFC 7252 §5.4, §5.10)`);
    case 'body-too-large':
      return new ProtocolError(
        `the request to ${endpointName} or its answer is larger than goes over its transport (RFC 7959 §2.9.3)`,
      );
    case 'body-changed':
      return new ProtocolError(
        `the answer of ${endpointName} kept changing during its transfer (RFC 7959 §2.4)`,
      );
  }
}
