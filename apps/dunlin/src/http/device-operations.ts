import type { Milliseconds } from '@dunlin/base';
import type { ObjectDefinition, ObjectDefinitions, Path } from '@dunlin/lwm2m';
import { DeviceNotRegisteredError, type Registration } from '@dunlin/server';

import { errorAnswer } from './error-answer.ts';
import type { ManagedDevice, ManagedServer } from './managed-server.ts';
import { RequestProblem } from './request-problem.ts';

/** Where operations on devices are counted. */
export interface OperationObserver {
  /** `outcome` is `ok` or the word of the error; `duration` is in seconds. */
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

/** What an operation works with. */
export interface OperationContext {
  readonly device: ManagedDevice;
  readonly registration: Registration;
  readonly options: { readonly timeout?: Milliseconds; readonly signal: AbortSignal };
}

/** How a route asks for an operation. */
export interface OperationCall {
  /** The name of the operation in the metrics. */
  readonly operation: string;
  readonly endpoint: string;
  readonly timeout: Milliseconds | undefined;
  /** Aborted when the one who asks is gone. */
  readonly signal: AbortSignal;
}

/** Runs operations on devices for the routes: finds the device, limits and counts. */
export class DeviceOperations {
  readonly #options: Readonly<DeviceOperationsOptions>;
  readonly #limits: DeviceOperationLimits;
  #underWay = 0;

  constructor(options: Readonly<DeviceOperationsOptions>) {
    this.#options = options;
    this.#limits = { ...deviceOperationLimits, ...options.limits };
  }

  /** Runs `work` for a registered device; throws `DeviceNotRegisteredError` when it is not. */
  async run<T>(call: OperationCall, work: (context: OperationContext) => Promise<T>): Promise<T> {
    if (this.#underWay >= this.#limits.underWay) {
      throw new RequestProblem(503, 'unavailable', `${this.#underWay} operations are under way; try again`);
    }
    const startedAt = this.#options.clock();
    let outcome = 'ok';
    this.#underWay += 1;
    try {
      const device = this.#options.server.device(call.endpoint);
      const registration = await device.registration();
      if (registration === undefined) throw new DeviceNotRegisteredError(call.endpoint);
      const { timeout, signal } = call;
      return await work({
        device,
        registration,
        options: timeout === undefined ? { signal } : { timeout, signal },
      });
    } catch (error) {
      outcome = call.signal.aborted ? 'cancelled' : errorAnswer(error).document.error;
      throw error;
    } finally {
      this.#underWay -= 1;
      const duration = (this.#options.clock() - startedAt) / 1000;
      this.#options.observer?.operationEnded(call.operation, outcome, duration);
    }
  }

  /** The definition of the Object a path is in, in the version that the device has of it. */
  definitionOf(path: Path, registration: Registration): ObjectDefinition | undefined {
    return 'objectId' in path
      ? definitionFor(this.#options.definitions, path.objectId, registration)
      : undefined;
  }
}

/** An Object without a version in the registration is of version 1.0. */
export function definitionFor(
  definitions: ObjectDefinitions,
  objectId: number,
  registration: Registration,
): ObjectDefinition | undefined {
  return definitions.find(objectId, registration.objects.get(objectId)?.version ?? '1.0');
}
