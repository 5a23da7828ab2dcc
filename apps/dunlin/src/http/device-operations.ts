import { type Milliseconds, milliseconds, TransmissionError } from '@dunlin/base';
import { type ObjectDefinition, type ObjectDefinitions, type Path, usesQueueMode } from '@dunlin/lwm2m';
import {
  DeviceNotRegisteredError,
  type OperationInput,
  type OperationResult,
  type QueuedOperation,
  type Registration,
  resultOf,
} from '@dunlin/server';

import { errorAnswer } from './error-answer.ts';
import type { ManagedDevice, ManagedServer } from './managed-server.ts';
import { RequestProblem } from './request-problem.ts';

/** Where operations on devices are counted. */
export interface OperationObserver {
  /** `outcome` is `ok`, `queued` or the word of the error; `duration` is in seconds. */
  operationEnded(operation: string, outcome: string, duration: number): void;
}

export interface DeviceOperationsOptions {
  readonly server: ManagedServer;
  readonly definitions: ObjectDefinitions;
  readonly observer?: OperationObserver | undefined;
  /** Milliseconds of a clock that never runs backwards. */
  readonly clock: () => number;
  readonly limits?: Partial<DeviceOperationLimits>;
}

export interface DeviceOperationLimits {
  /** Operations on devices under way at one time; more are answered with 503. Each holds a request and its body. */
  readonly underWay: number;
}

export const deviceOperationLimits: DeviceOperationLimits = { underWay: 1000 };

/** How a route asks for something. */
export interface OperationCall {
  /** The name of the operation in the metrics. */
  readonly operation: string;
  readonly endpoint: string;
  readonly timeout: Milliseconds | undefined;
  /** Aborted when the one who asks is gone. */
  readonly signal: AbortSignal;
}

/** How a route asks for an operation that can wait for its device. */
export interface AskCall extends OperationCall {
  /** Be answered at once, whatever the device does. */
  readonly isAsync: boolean;
  /** How long to wait for a device that sleeps; not at all when absent. */
  readonly wait: Milliseconds | undefined;
  /** How long what is queued may wait; without it the server decides. */
  readonly lifetime: Milliseconds | undefined;
  /** Ask by short message, and queue nothing. */
  readonly channel?: 'sms' | undefined;
}

/** What came of it: the device did it, or it waits for the device. */
export type Asked =
  | {
      readonly kind: 'result';
      readonly result: OperationResult;
      readonly registration: Registration | undefined;
    }
  | { readonly kind: 'queued'; readonly operation: QueuedOperation };

/** Until CoAP has given up (93 s), and a little longer. */
const patience: Milliseconds = milliseconds(100_000);

/** Runs operations on devices for the routes: finds the device, limits and counts. */
export class DeviceOperations {
  readonly #options: Readonly<DeviceOperationsOptions>;
  readonly #limits: DeviceOperationLimits;
  #underWay = 0;

  constructor(options: Readonly<DeviceOperationsOptions>) {
    this.#options = options;
    this.#limits = { ...deviceOperationLimits, ...options.limits };
  }

  get definitions(): ObjectDefinitions {
    return this.#options.definitions;
  }

  /** Runs `work` for a device, registered or not. */
  async run<T>(
    call: OperationCall,
    work: (device: ManagedDevice, registration: Registration | undefined) => Promise<T>,
    outcomeOf: (result: T) => string = () => 'ok',
  ): Promise<T> {
    if (this.#underWay >= this.#limits.underWay) {
      throw new RequestProblem(503, 'unavailable', `${this.#underWay} operations are under way; try again`);
    }
    const startedAt = this.#options.clock();
    let outcome = 'ok';
    this.#underWay += 1;
    try {
      const device = this.#options.server.device(call.endpoint);
      const result = await work(device, await device.registration());
      outcome = outcomeOf(result);
      return result;
    } catch (error) {
      outcome = call.signal.aborted ? 'cancelled' : errorAnswer(error).document.error;
      throw error;
    } finally {
      this.#underWay -= 1;
      const duration = (this.#options.clock() - startedAt) / 1000;
      this.#options.observer?.operationEnded(call.operation, outcome, duration);
    }
  }

  /**
   * Asks an operation of a registered device. One in queue mode is asked by way of its queue, which keeps what the
   * device does not answer in time; so is any when the caller wants to be answered at once.
   */
  async ask(
    call: AskCall,
    inputFor: (registration: Registration | undefined) => OperationInput,
  ): Promise<Asked> {
    return await this.run(
      call,
      async (device, registration) => {
        if (registration === undefined && !call.isAsync) throw new DeviceNotRegisteredError(call.endpoint);
        const input = inputFor(registration);
        if (call.channel === 'sms') {
          if (registration === undefined) throw new DeviceNotRegisteredError(call.endpoint);
          const { timeout, signal, channel } = call;
          const result = await device.ask(input, { timeout, signal, channel });
          return { kind: 'result', result, registration };
        }
        if (call.isAsync || registration === undefined || usesQueueMode(registration.bindingMode))
          return await this.#enqueue(device, input, call, registration);
        const { timeout, signal } = call;
        const result = await device.ask(input, timeout === undefined ? { signal } : { timeout, signal });
        return { kind: 'result', result, registration };
      },
      ({ kind }) => (kind === 'queued' ? kind : 'ok'),
    );
  }

  /** The definition of the Object a path is in, in the version that the device has of it. */
  definitionOf(path: Path, registration: Registration | undefined): ObjectDefinition | undefined {
    return 'objectId' in path
      ? definitionFor(this.#options.definitions, path.objectId, registration)
      : undefined;
  }

  async #enqueue(
    device: ManagedDevice,
    input: OperationInput,
    call: AskCall,
    registration: Registration | undefined,
  ): Promise<Asked> {
    const { lifetime, signal } = call;
    const queued = await device.operations.enqueue(input, lifetime === undefined ? {} : { lifetime });
    const timeout = this.#patienceFor(call, registration);
    const finished = await waitFor(device, queued, { timeout, signal });
    if (finished === undefined) {
      const present = await device.operations.get(queued.id);
      return { kind: 'queued', operation: present ?? queued };
    }
    return { kind: 'result', result: resultOf(finished), registration };
  }

  #patienceFor(call: AskCall, registration: Registration | undefined): Milliseconds {
    if (call.wait !== undefined) return call.wait;
    if (call.isAsync || registration === undefined) return milliseconds(0);
    const isAsleep = this.#options.server.reachabilityOf(registration).kind === 'asleep';
    return isAsleep ? milliseconds(0) : (call.timeout ?? patience);
  }
}

/** An Object without a version in the registration is of version 1.0. */
export function definitionFor(
  definitions: ObjectDefinitions,
  objectId: number,
  registration: Registration | undefined,
): ObjectDefinition | undefined {
  return definitions.find(objectId, registration?.objects.get(objectId)?.version ?? '1.0');
}

/** An operation when it is finished in time. Nobody was told of one whose caller is gone: it is taken back. */
async function waitFor(
  device: ManagedDevice,
  { id }: QueuedOperation,
  { timeout, signal }: { readonly timeout: Milliseconds; readonly signal: AbortSignal },
): Promise<QueuedOperation | undefined> {
  if (timeout === 0) return undefined;
  try {
    return await device.operations.finished(id, { timeout, signal });
  } catch (error) {
    if (error instanceof TransmissionError && error.code === 'expired') return undefined;
    if (signal.aborted) await device.operations.cancel(id).catch(() => undefined);
    throw error;
  }
}
