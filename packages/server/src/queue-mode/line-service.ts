import type { Instant } from '@dunlin/base';

import { isFinished, type OperationResult, type QueuedOperation } from '../device-store/queued-operation.ts';
import type { Registration } from '../registration.ts';
import type { RequestPerformer } from '../request-performer.ts';
import type { ServerContext } from '../server-context.ts';
import type { Conclusion, DeviceLine, Group } from './device-line.ts';
import type { LiveCall, Work } from './live-call.ts';
import { DeviceAsleepError } from './operation-errors.ts';
import { changeOfError, changeOfResult, wasNotSent } from './operation-outcome.ts';

type Outcome =
  | { readonly kind: 'result'; readonly result: OperationResult }
  | { readonly kind: 'error'; readonly error: unknown };

/**
 * Serves a line: one after the other as long as the device can be reached. Before an operation is sent the store
 * knows, and before anybody hears of its end.
 */
export class LineService {
  readonly #context: ServerContext;
  readonly #performer: RequestPerformer;
  readonly #onFinished: (operation: QueuedOperation) => void;
  readonly #onAsleep: (registration: Registration) => void;
  #isClosed = false;

  constructor(
    context: ServerContext,
    performer: RequestPerformer,
    told: {
      readonly onFinished: (operation: QueuedOperation) => void;
      /** Somebody waits for a device that sleeps. */
      readonly onAsleep: (registration: Registration) => void;
    },
  ) {
    this.#context = context;
    this.#performer = performer;
    this.#onFinished = told.onFinished;
    this.#onAsleep = told.onAsleep;
  }

  /** What is sent stays so in the store: nobody knows how it ends. */
  close(): void {
    this.#isClosed = true;
  }

  /** Ends when nobody waits any more, or the device cannot be reached, or the store fails. */
  async serve(line: DeviceLine): Promise<void> {
    const { store, presence, now } = this.#context;
    while (!line.isEmpty && !this.#isClosed) {
      const registration = await store.findByEndpoint(line.endpointName);
      if (registration === undefined || !presence.isReachable(registration, now())) {
        this.#failAsleep(line);
        if (registration !== undefined && !line.isEmpty) this.#onAsleep(registration);
        return;
      }
      await this.#conclude(line);
      const group = line.takeNext();
      if (group !== undefined) await this.#serveGroup(line, group, registration);
    }
  }

  #failAsleep(line: DeviceLine): void {
    for (const call of line.takeCalls(({ failsAsleep }) => failsAsleep))
      call.reject(new DeviceAsleepError(`${line.endpointName} sleeps`));
  }

  async #serveGroup(line: DeviceLine, group: Group, registration: Registration): Promise<void> {
    const operations = await this.#send(line, group);
    const [call] = group.calls;
    const [operation] = operations;
    const work = call?.work ?? (operation === undefined ? undefined : this.#workOf(operation));
    if (work === undefined) return;
    const controller = new AbortController();
    line.turn = { operations, calls: group.calls, controller };
    for (const each of group.calls) each.turnCame();
    line.abandonTurn();
    const outcome = await outcomeOf(work(registration, controller.signal));
    line.turn = undefined;
    for (const each of group.calls) settle(each, outcome);
    if (this.#isClosed) return;
    const at = this.#context.now();
    for (const each of operations) line.conclusions.push(this.#conclusionOf(each, outcome, at));
    await this.#conclude(line);
  }

  #workOf({ request }: QueuedOperation): Work {
    return (registration, signal) => this.#performer.perform(registration, { request }, { signal });
  }

  /** Marks operations as sent; those that were cancelled or expired meanwhile are left out. */
  async #send(line: DeviceLine, { operations, calls }: Group): Promise<readonly QueuedOperation[]> {
    const { devices, signals, now } = this.#context;
    try {
      const changed = await Promise.all(
        operations.map(async ({ endpointName, id, attempts }) =>
          devices.changeOperation(endpointName, id, {
            from: 'waiting',
            to: { kind: 'sent', at: now() },
            attempts: attempts + 1,
          }),
        ),
      );
      const sent = changed.filter((operation) => operation !== undefined);
      for (const operation of sent) signals.operationSent.emit(operation);
      return sent;
    } catch (error) {
      line.putBack(operations);
      for (const call of calls) call.reject(error);
      throw error;
    }
  }

  #conclusionOf(operation: QueuedOperation, outcome: Outcome, at: Instant): Conclusion {
    const { limits, presence } = this.#context;
    if (outcome.kind === 'result') return { operation, change: changeOfResult(outcome.result, at, limits) };
    // What could not even be sent waits for a better moment: the next sign of life.
    if (wasNotSent(outcome.error)) presence.lost(operation.endpointName);
    return { operation, change: changeOfError(operation, outcome.error, at, limits) };
  }

  /** Writes what is known of the ends of operations. When the store fails they are kept for the next time. */
  async #conclude(line: DeviceLine): Promise<void> {
    const { devices } = this.#context;
    const again: QueuedOperation[] = [];
    try {
      for (let next = line.conclusions[0]; next !== undefined; next = line.conclusions[0]) {
        const { operation, change } = next;
        const changed = await devices.changeOperation(operation.endpointName, operation.id, change);
        line.conclusions.shift();
        // One that was forgotten meanwhile ends all the same.
        const present = changed ?? { ...operation, state: change.to };
        if (isFinished(present)) this.#onFinished(present);
        else if (changed !== undefined) again.push(changed);
      }
    } finally {
      line.putBack(again);
    }
  }
}

function outcomeOf(result: Promise<OperationResult>): Promise<Outcome> {
  return result.then(
    (value) => ({ kind: 'result', result: value }) as const,
    (error: unknown) => ({ kind: 'error', error }) as const,
  );
}

function settle(call: LiveCall, outcome: Outcome): void {
  if (outcome.kind === 'result') call.resolve(outcome.result);
  else call.reject(outcome.error);
}
