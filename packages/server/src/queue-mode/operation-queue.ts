import { addDuration, type Instant, type Milliseconds, TransmissionError } from '@dunlin/base';

import type { AskedRequest } from '../asked-request.ts';
import type { DeviceSessions, Expirable } from '../device-session.ts';
import type { OperationRequest } from '../device-store/operation-request.ts';
import { isFinished, type QueuedOperation, type OperationResult } from '../device-store/queued-operation.ts';
import { DeviceNotRegisteredError } from '../errors.ts';
import { ExpirySweep } from '../expiry-sweep.ts';
import { inBackground } from '../in-background.ts';
import { andThen, SerialTasks } from '../maybe-promise.ts';
import type { OperationOptions } from '../operation-options.ts';
import { deadlineOf, type WaitOptions } from '../pending-request.ts';
import type { Registration } from '../registration.ts';
import type { MaybePromise } from '../registration-store.ts';
import type { RequestPerformer } from '../request-performer.ts';
import type { ServerContext } from '../server-context.ts';
import { DeviceLine } from './device-line.ts';
import { LineService } from './line-service.ts';
import { LiveCall, type LiveCallOwner, type Work } from './live-call.ts';
import { OperationUnderWayError, QueueFullError } from './operation-errors.ts';
import { changeOfSilence } from './operation-outcome.ts';
import type { PresenceWatcher } from './presence.ts';
import { requestLength } from '../device-store/operation-json.ts';

/** How somebody waits for his turn. */
export interface TurnOptions extends WaitOptions {
  /** Reject with `DeviceAsleepError` rather than wait for a device that sleeps. */
  readonly failsAsleep?: boolean | undefined;
  /** Before all others. */
  readonly isUrgent?: boolean | undefined;
}

/** The same of an operation that is asked. */
export function turnOptions(options: OperationOptions & WaitOptions): TurnOptions {
  const { timeout, signal, deadline, whenAsleep } = options;
  return { timeout, signal, deadline, failsAsleep: whenAsleep === 'fail' };
}

/**
 * The lines of devices: operations that were accepted for them, in the store until they are finished, and callers
 * who wait. One at a time has his turn, when the device can be reached, in the order of asking.
 *
 * A line is in memory only while somebody waits for it here or the device is being served.
 */
export class OperationQueue implements PresenceWatcher, LiveCallOwner {
  readonly #context: ServerContext;
  readonly #sessions: DeviceSessions;
  readonly #performer: RequestPerformer;
  readonly #service: LineService;
  readonly #expiry: ExpirySweep<QueuedOperation>;
  readonly #onDeadline: () => void;
  readonly #onAsleep: (registration: Registration) => void;
  readonly #lines = new Map<string, DeviceLine>();
  /** Devices with operations that are not finished; perhaps some without, never one missing. */
  readonly #open = new Set<string>();
  readonly #tasks = new SerialTasks();
  #leftBehind: readonly QueuedOperation[] = [];
  /** Operations that a restart ended: told once whoever opened the server can have subscribed. */
  readonly #untold: QueuedOperation[] = [];
  readonly #waiters = new Set<(error: Error) => void>();
  #isStarted = false;
  #closed: Error | undefined;

  /** `onDeadline` is called when the deadline changed outside of `wake`. */
  constructor(
    context: ServerContext,
    parts: {
      readonly sessions: DeviceSessions;
      readonly performer: RequestPerformer;
      readonly onDeadline: () => void;
      /** Something waits for a device that sleeps. */
      readonly onAsleep: (registration: Registration) => void;
    },
  ) {
    this.#context = context;
    this.#sessions = parts.sessions;
    this.#performer = parts.performer;
    this.#onDeadline = parts.onDeadline;
    this.#onAsleep = parts.onAsleep;
    this.#service = new LineService(context, parts.performer, {
      onFinished: (operation) => this.#finished(operation),
      onAsleep: parts.onAsleep,
    });
    this.#expiry = new ExpirySweep(
      context,
      {
        name: 'the expiry of operations',
        take: (now, limit) => context.devices.expireOperations(now, limit),
        next: () => context.devices.nextOperationExpiry(),
        expired: (operation) => {
          this.#lines.get(operation.endpointName)?.removeOperation(operation.id);
          this.#finished(operation);
        },
      },
      parts.onDeadline,
    );
  }

  /** Learns what the process before this one left behind: before the first device is heard. */
  async load(): Promise<void> {
    const { devices } = this.#context;
    this.#leftBehind = await devices.sentOperations();
    for (const endpointName of await devices.endpointsWithOpenOperations()) this.#open.add(endpointName);
    const next = await devices.nextOperationExpiry();
    if (next !== undefined) this.#expiry.expect(next);
  }

  /** Serves devices from now on: those too that were awake when the process before ended, and may be still. */
  start(): void {
    this.#isStarted = true;
    for (const operation of this.#leftBehind) {
      const { endpointName, id } = operation;
      // Before anything else is asked of the device.
      inBackground(this.#context, `taking up operation ${id} of ${endpointName}`, () =>
        this.#tasks.run(endpointName, () => this.#takeUp(operation)),
      );
    }
    this.#leftBehind = [];
    inBackground(this.#context, 'looking for devices that are awake', async () => {
      const { store, presence, now } = this.#context;
      for (const endpointName of this.#open) {
        const registration = await store.findByEndpoint(endpointName);
        if (registration === undefined) continue;
        if (presence.isReachable(registration, now())) this.heard(endpointName);
        else this.#onAsleep(registration);
      }
    });
  }

  get deadline(): Instant | undefined {
    return this.#untold.length > 0 ? this.#context.now() : this.#expiry.deadline;
  }

  wake(now: Instant): void {
    for (const operation of this.#untold.splice(0)) this.#finished(operation);
    this.#expiry.wake(now);
  }

  isAwaiting(endpointName: string): boolean {
    return this.#isStarted && (this.#open.has(endpointName) || this.#lines.has(endpointName));
  }

  heard(endpointName: string): void {
    inBackground(this.#context, `loading the operations of ${endpointName}`, () =>
      this.#withLine(endpointName, (line) => this.#serve(line)),
    );
  }

  /** Asks a device in queue mode when its turn has come; equal Reads that wait are asked once. */
  async ask(registration: Registration, asked: AskedRequest, options: TurnOptions): Promise<OperationResult> {
    const work: Work = (present, signal) => this.#performer.perform(present, asked, { signal });
    return await this.#call(registration, { asked, work }, options);
  }

  /** Does something with a device in queue mode when its turn has come. */
  async run<T>(registration: Registration, work: Work<T>, options: TurnOptions): Promise<T> {
    const { promise, resolve } = Promise.withResolvers<T>();
    const resolving: Work = async (present, signal) => {
      resolve(await work(present, signal));
      return { kind: 'done' };
    };
    await this.#call(registration, { asked: undefined, work: resolving }, options);
    return await promise;
  }

  /** Accepts an operation. It is in the store when this resolves. */
  async enqueue(
    endpointName: string,
    request: OperationRequest,
    lifetime: Milliseconds,
  ): Promise<QueuedOperation> {
    const { devices, now } = this.#context;
    this.#throwIfClosed();
    return await this.#tasks.run(endpointName, async () => {
      const line = await this.#lineOf(endpointName);
      try {
        this.#throwIfFull(line, request);
        const queuedAt = now();
        const expiresAt = addDuration(queuedAt, lifetime);
        const operation = { endpointName, request, queuedAt, expiresAt };
        return await this.#queued(await devices.addOperation(operation));
      } finally {
        this.#release(line);
      }
    });
  }

  /**
   * Takes an operation back that waits; gives it as it is then, `undefined` when there is none. Rejects with
   * `OperationUnderWayError` when it is sent.
   */
  async cancel(endpointName: string, id: number): Promise<QueuedOperation | undefined> {
    const { devices, now } = this.#context;
    const change = { from: 'waiting', to: { kind: 'cancelled', at: now() } } as const;
    const cancelled = await devices.changeOperation(endpointName, id, change);
    if (cancelled !== undefined) {
      const line = this.#lines.get(endpointName);
      line?.removeOperation(id);
      this.#finished(cancelled);
      if (line !== undefined) this.#release(line);
      return cancelled;
    }
    const operation = await devices.findOperation(endpointName, id);
    if (operation === undefined || isFinished(operation)) return operation;
    throw new OperationUnderWayError(`operation ${id} was sent to ${endpointName} and waits for its answer`);
  }

  /** Takes back all operations of a device that wait. */
  async cancelAll(endpointName: string): Promise<void> {
    const page = { limit: Infinity, states: new Set(['waiting'] as const) };
    for (const { id } of await this.#context.devices.operationsOf(endpointName, page)) {
      try {
        await this.cancel(endpointName, id);
      } catch (error) {
        // It was sent meanwhile, and ends as it will.
        if (!(error instanceof OperationUnderWayError)) throw error;
      }
    }
  }

  /** The registration is no more, and no other took its place: whoever waits here waits in vain. */
  gone(endpointName: string): void {
    const line = this.#lines.get(endpointName);
    if (line === undefined) return;
    const message = `${endpointName} is not registered any more`;
    for (const call of line.takeCalls()) call.reject(new DeviceNotRegisteredError(endpointName, message));
    this.#release(line);
  }

  /** Calls `expired` at `dueAt`, unless it is unscheduled from the sessions before. */
  schedule(item: Expirable, dueAt: Instant): void {
    this.#sessions.schedule(item, dueAt);
    this.#onDeadline();
  }

  /** Calls `leave` when this closes, until it is disposed of. */
  untilClosed(leave: (error: Error) => void): Disposable {
    this.#throwIfClosed();
    this.#waiters.add(leave);
    return { [Symbol.dispose]: () => void this.#waiters.delete(leave) };
  }

  left(call: LiveCall): void {
    this.#sessions.unschedule(call);
    const line = this.#lines.get(call.endpointName);
    if (line === undefined) return;
    line.takeCalls((waiting) => waiting === call);
    line.abandonTurn();
    this.#release(line);
  }

  /** What is under way is ended by the sessions; what is in the store stays there. */
  close(error: Error): void {
    this.#closed = error;
    this.#service.close();
    for (const line of this.#lines.values()) for (const call of line.takeCalls()) call.reject(error);
    this.#lines.clear();
    for (const leave of this.#waiters) leave(error);
  }

  async #call(
    { endpointName }: Registration,
    { asked, work }: Pick<LiveCall, 'asked' | 'work'>,
    options: TurnOptions,
  ): Promise<OperationResult> {
    this.#throwIfClosed();
    options.signal?.throwIfAborted();
    const { signal, failsAsleep = false, isUrgent = false } = options;
    const call = new LiveCall(this, { endpointName, asked, work, signal, failsAsleep });
    const deadline = deadlineOf(options, this.#context.now());
    if (deadline !== undefined) this.schedule(call, deadline);
    try {
      await this.#withLine(endpointName, (line) => this.#join(line, call, isUrgent));
      return await call.outcome;
    } finally {
      this.#sessions.unschedule(call);
    }
  }

  #join(line: DeviceLine, call: LiveCall, isUrgent: boolean): void {
    const limit = this.#context.limits.requestsPerDevice;
    if (line.callCount >= limit) {
      const message = `${line.endpointName} has ${limit} requests that wait for their turn; try again later`;
      call.reject(new TransmissionError('overloaded', message));
    }
    if (!call.isSettled) line.addCall(call, isUrgent);
    this.#serve(line);
  }

  async #queued(operation: QueuedOperation): Promise<QueuedOperation> {
    const { endpointName, expiresAt } = operation;
    this.#open.add(endpointName);
    // The line may have been let go meanwhile; then it comes with the operation.
    const line = await this.#lineOf(endpointName);
    line.addOperation(operation);
    this.#expiry.expect(expiresAt);
    this.#context.signals.operationQueued.emit(operation);
    this.#onDeadline();
    this.#serve(line);
    return operation;
  }

  #withLine(endpointName: string, use: (line: DeviceLine) => void): MaybePromise<void> {
    return this.#tasks.run(endpointName, () => andThen(this.#lineOf(endpointName), use));
  }

  /** The line of a device: in memory already, or with what the store has. Only within a task of the device. */
  #lineOf(endpointName: string): MaybePromise<DeviceLine> {
    const present = this.#lines.get(endpointName);
    if (present !== undefined) return present;
    const line = new DeviceLine(endpointName);
    if (!this.#open.has(endpointName)) {
      this.#lines.set(endpointName, line);
      return line;
    }
    const page = { limit: Infinity, states: new Set(['waiting'] as const) };
    return andThen(this.#context.devices.operationsOf(endpointName, page), (operations) => {
      for (const operation of operations) line.addOperation(operation);
      this.#lines.set(endpointName, line);
      return line;
    });
  }

  #serve(line: DeviceLine): void {
    if (line.isServing) return;
    if (line.isEmpty || this.#closed !== undefined) {
      this.#release(line);
      return;
    }
    inBackground(this.#context, `serving the operations of ${line.endpointName}`, async () => {
      line.isServing = true;
      try {
        await this.#service.serve(line);
      } catch (error) {
        for (const call of line.takeCalls()) call.reject(error);
        throw error;
      } finally {
        line.isServing = false;
        this.#release(line);
      }
    });
  }

  /** Lets a line go for which nobody waits here. */
  #release(line: DeviceLine): void {
    const { endpointName } = line;
    if (line.isServing || this.#lines.get(endpointName) !== line) return;
    if (line.isEmpty) this.#open.delete(endpointName);
    if (line.isEmpty || !line.isHeld) this.#lines.delete(endpointName);
  }

  /** Decides what becomes of an operation that the process before sent. */
  async #takeUp(operation: QueuedOperation): Promise<void> {
    const { devices, now, limits } = this.#context;
    const change = changeOfSilence(operation, now(), limits);
    const changed = await devices.changeOperation(operation.endpointName, operation.id, change);
    if (changed === undefined || !isFinished(changed)) return;
    this.#untold.push(changed);
    this.#onDeadline();
  }

  #finished(operation: QueuedOperation): void {
    const { signals, devices, limits } = this.#context;
    const { endpointName } = operation;
    signals.operationFinished.emit(operation);
    inBackground(this.#context, `trimming the operations of ${endpointName}`, () =>
      devices.trimOperations(endpointName, limits.finishedOperations),
    );
  }

  #throwIfFull(line: DeviceLine, request: OperationRequest): void {
    const { queuedOperations, queuedLength } = this.#context.limits;
    const { endpointName } = line;
    if (line.operationCount >= queuedOperations) {
      throw new QueueFullError(
        `${endpointName} has ${queuedOperations} operations that wait: cancel some, or wait until it was there`,
      );
    }
    if (line.operationsLength + requestLength(request) > queuedLength) {
      throw new QueueFullError(
        `what waits for ${endpointName} would be longer than ${queuedLength} characters together`,
      );
    }
  }

  #throwIfClosed(): void {
    if (this.#closed !== undefined) throw this.#closed;
  }
}
