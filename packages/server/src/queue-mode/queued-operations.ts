import { type Milliseconds, TransmissionError, UsageError } from '@dunlin/base';

import type { DeviceSessions, Expirable } from '../device-session.ts';
import {
  isFinished,
  type OperationStateKind,
  type QueuedOperation,
} from '../device-store/queued-operation.ts';
import { registrationOfKnown } from '../known-device.ts';
import { checkRequest, type OperationInput, requestFrom } from '../operation-input.ts';
import { AbortListener, deadlineOf, type WaitOptions } from '../pending-request.ts';
import type { RegisteredModel } from '../registration.ts';
import type { ServerContext } from '../server-context.ts';
import type { OperationQueue } from './operation-queue.ts';

/** How an operation waits for its device. */
export interface EnqueueOptions {
  /** How long the operation may wait, by default `operationLifetime` of the limits; then it expires. */
  readonly lifetime?: Milliseconds | undefined;
}

/** Which of the operations of a device are asked for. */
export interface OperationsOptions {
  /** Only ids above this one. */
  readonly after?: number | undefined;
  /** At most so many; 1 to 1000, by default 100. */
  readonly limit?: number | undefined;
  /** Only those in one of these states. */
  readonly states?: readonly OperationStateKind[] | undefined;
}

/** How long to wait for the end of an operation. */
export interface FinishedOptions {
  /** Then it rejects with a `TransmissionError` (`expired`); the operation goes on. */
  readonly timeout?: Milliseconds | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Operations in a page, when nothing is said and at most. */
const pageSizes = { usual: 100, maximum: 1000 };

/**
 * The operations that were accepted for a device: each is in the store until it is finished and some time longer,
 * outlives the process, and is sent when the device can be reached, one at a time in the order of their ids.
 */
export class QueuedOperations {
  readonly #endpointName: string;
  readonly #context: ServerContext;
  readonly #queue: OperationQueue;
  readonly #sessions: DeviceSessions;

  constructor(
    endpointName: string,
    parts: {
      readonly context: ServerContext;
      readonly queue: OperationQueue;
      readonly sessions: DeviceSessions;
    },
  ) {
    this.#endpointName = endpointName;
    this.#context = parts.context;
    this.#queue = parts.queue;
    this.#sessions = parts.sessions;
  }

  /**
   * Accepts an operation; it is in the store when this resolves. The device must be registered or have been
   * before. Rejects with `DeviceNotRegisteredError`, `QueueFullError`, `UsageError` for what cannot be asked, or a
   * `StorageError`.
   */
  async enqueue(input: OperationInput, options: Readonly<EnqueueOptions> = {}): Promise<QueuedOperation> {
    const { limits, definitions } = this.#context;
    const { lifetime = limits.operationLifetime } = options;
    if (!(lifetime > 0) || lifetime > limits.maximumOperationLifetime) {
      throw new UsageError(
        `an operation may wait up to ${limits.maximumOperationLifetime} ms, and longer than 0, not ${lifetime}`,
      );
    }
    const request = requestFrom(input, definitions, await this.#model());
    checkRequest(request);
    return await this.#queue.enqueue(this.#endpointName, request, lifetime);
  }

  /** Open and finished operations in the order of their ids. */
  async list(options: Readonly<OperationsOptions> = {}): Promise<readonly QueuedOperation[]> {
    const { after, limit = pageSizes.usual, states } = options;
    if (!Number.isInteger(limit) || limit < 1 || limit > pageSizes.maximum)
      throw new UsageError(`a page has 1 to ${pageSizes.maximum} operations, not ${limit}`);
    const page = { after, limit, states: states === undefined ? undefined : new Set(states) };
    return await this.#context.devices.operationsOf(this.#endpointName, page);
  }

  /** An operation as it is now; `undefined` when there is none, or it was finished long ago. */
  async get(id: number): Promise<QueuedOperation | undefined> {
    return await this.#context.devices.findOperation(this.#endpointName, id);
  }

  /**
   * Takes an operation back that waits. Gives it as it is then: one that was finished already stays as it was.
   * Rejects with `OperationUnderWayError` when it was sent and waits for its answer.
   */
  async cancel(id: number): Promise<QueuedOperation | undefined> {
    return await this.#queue.cancel(this.#endpointName, id);
  }

  /** Forgets a finished operation; false when there is none. */
  async remove(id: number): Promise<boolean> {
    return await this.#context.devices.removeOperation(this.#endpointName, id);
  }

  /** Waits until an operation is finished, and gives it; `resultOf` makes a result or an error of it. */
  async finished(id: number, options: Readonly<FinishedOptions> = {}): Promise<QueuedOperation | undefined> {
    options.signal?.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<QueuedOperation>();
    // Nobody may look at it any more when it rejects.
    promise.catch(() => undefined);
    using _subscription = this.#context.signals.operationFinished.subscribe((operation) => {
      if (operation.id === id && operation.endpointName === this.#endpointName) resolve(operation);
    });
    using _abort = new AbortListener(options.signal, reject);
    using _deadline = this.#deadline(options, id, reject);
    using _closing = this.#queue.untilClosed(reject);
    const operation = await this.get(id);
    if (operation === undefined || isFinished(operation)) return operation;
    return await promise;
  }

  #deadline(options: WaitOptions, id: number, reject: (error: Error) => void): Disposable {
    const message = `operation ${id} of ${this.#endpointName} is not finished within the time given`;
    const item: Expirable = {
      dueAt: undefined,
      heapIndex: 0,
      expired: () => reject(new TransmissionError('expired', message)),
    };
    const deadline = deadlineOf(options, this.#context.now());
    if (deadline !== undefined) this.#queue.schedule(item, deadline);
    return { [Symbol.dispose]: () => this.#sessions.unschedule(item) };
  }

  /** What the device registered; of one that is known and not registered now nobody knows. */
  async #model(): Promise<RegisteredModel> {
    const registration = await registrationOfKnown(this.#context, this.#endpointName);
    return registration ?? { rootPath: '/', contentFormats: [], objects: new Map() };
  }
}
