import { DeadlineQueue, type Instant, instantFrom, type Scheduled, TransmissionError } from '@dunlin/base';
import { formatPath, pathOf } from '@dunlin/lwm2m';

import type { DeviceOperations } from '../device-operations.ts';
import { inBackground } from '../in-background.ts';
import type { PresenceWatcher, SignOfLife } from '../queue-mode/presence.ts';
import type { Registration } from '../registration.ts';
import type { ServerContext } from '../server-context.ts';
import type { SmsChannel } from './sms-channel.ts';
import type { ServerSmsOptions } from './sms-options.ts';

/** LwM2M Server, and its Resource Registration Update Trigger (1.0 §E.2). */
const serverObjectId = 1;
const updateTriggerId = 8;
/** For how long triggers that were not answered count against a device. */
const day = 86_400_000;
/** Devices of which something is remembered; beyond, those go that nothing is due for. */
const manyDevices = 10_000;

/** What is remembered of the triggers for one device. */
interface TriggerRecord extends Scheduled {
  readonly endpointName: string;
  /** One that is under way: neither an answer nor an Update has come. */
  outstanding: PromiseWithResolvers<void> | undefined;
  lastAt: number;
  /** Those since the device was heard last. */
  unanswered: number;
  /** Told once until it changes: a hundred operations fail to wake a device for one reason. */
  problem: string | undefined;
}

/** What `UpdateTriggers` works with. */
export interface UpdateTriggersParts {
  readonly operations: DeviceOperations;
  readonly channel: SmsChannel;
  readonly options: ServerSmsOptions | undefined;
  /** Whether something waits for a device. */
  readonly isAwaited: (endpointName: string) => boolean;
  /** Called when the deadline changed outside of `wake`. */
  readonly onDeadline: () => void;
}

/**
 * Wakes devices of mode UQS that sleep while something waits for them: by a short message that executes Registration
 * Update Trigger, whereupon the device sends an Update over UDP (1.0 §5.3.1.1, §8.4). One is under way for a device at
 * a time, whatever waits; the pauses between those that nobody answers grow.
 */
export class UpdateTriggers implements PresenceWatcher {
  readonly #context: ServerContext;
  readonly #parts: UpdateTriggersParts;
  readonly #records = new Map<string, TriggerRecord>();
  readonly #due = new DeadlineQueue<TriggerRecord>();

  constructor(context: ServerContext, parts: UpdateTriggersParts) {
    this.#context = context;
    this.#parts = parts;
  }

  /** Learns what earlier processes sent. */
  load(): void {
    const { options } = this.#parts;
    for (const { number, at } of options?.sentTriggers?.() ?? []) {
      const endpointName = options?.numbers.ownerOf(number);
      if (endpointName !== undefined && at > this.#context.now() - day) this.#noteSent(endpointName, at);
    }
  }

  get deadline(): Instant | undefined {
    return this.#due.deadline;
  }

  wake(now: Instant): void {
    for (let record = this.#due.takeDue(now); record !== undefined; record = this.#due.takeDue(now)) {
      const { endpointName } = record;
      if (!this.#parts.isAwaited(endpointName)) continue;
      inBackground(this.#context, `looking whether ${endpointName} is to be woken`, () =>
        this.#lookAgain(endpointName),
      );
    }
  }

  /** Something waits for a device that sleeps. */
  asleep(registration: Registration): void {
    const { endpointName, bindingMode } = registration;
    if (bindingMode !== 'UQS' || this.#parts.options === undefined) return;
    const record = this.#recordOf(endpointName);
    if (record.outstanding !== undefined || record.dueAt !== undefined) return;
    const now = this.#context.now();
    const nextAt = this.#nextAt(record);
    if (nextAt <= now) this.#send(record, registration, now);
    else {
      this.#due.schedule(record, instantFrom(nextAt));
      this.#parts.onDeadline();
    }
  }

  /**
   * Has a device send an Update at once, whatever was sent before: for people, who know what they ask for. Who asks while
   * one is under way waits for the same short message. Resolves once the device answered or updated; rejects with a
   * `TransmissionError` that says what stood in the way, or a `ResponseError`.
   */
  trigger(registration: Registration): Promise<void> {
    const record = this.#recordOf(registration.endpointName);
    const { promise } = record.outstanding ?? this.#send(record, registration, this.#context.now());
    return promise;
  }

  /** Updates and Registers come over UDP from a device that is awake. */
  isAwaiting(endpointName: string, sign: SignOfLife): boolean {
    return sign !== 'message' && this.#records.has(endpointName);
  }

  heard(endpointName: string): void {
    const record = this.#records.get(endpointName);
    if (record === undefined) return;
    this.#answered(record, record.outstanding);
    this.#due.cancel(record);
  }

  async #lookAgain(endpointName: string): Promise<void> {
    const { store, presence, now } = this.#context;
    const registration = await store.findByEndpoint(endpointName);
    if (registration !== undefined && !presence.isReachable(registration, now())) this.asleep(registration);
  }

  #nextAt({ lastAt, unanswered }: TriggerRecord): number {
    const { triggerInterval, unansweredTriggers } = this.#context.limits;
    if (unanswered >= unansweredTriggers) return lastAt + day;
    return lastAt + triggerInterval * 2 ** Math.max(0, unanswered - 1);
  }

  /** Nothing else is sent to the device until it is known what became of this one. */
  #send(record: TriggerRecord, registration: Registration, now: Instant): PromiseWithResolvers<void> {
    const { endpointName } = registration;
    const outstanding = Promise.withResolvers<void>();
    record.outstanding = outstanding;
    // That it failed is told by a diagnostic, whether somebody waits for it or not.
    outstanding.promise.catch(() => undefined);
    inBackground(this.#context, `waking ${endpointName} by a short message`, async () => {
      try {
        const reach = await this.#parts.channel.reach(registration, 'trigger');
        const [instance] = registration.objects.get(serverObjectId)?.instances ?? [];
        if (reach.kind === 'unreachable') this.#fail(record, outstanding, notSent(reach.reason));
        else if (instance === undefined) {
          const reason = `${endpointName} registered no instance of Object 1`;
          this.#fail(record, outstanding, notSent(reason));
        } else this.#execute(record, outstanding, { twin: reach.twin, instance, now });
      } catch (error) {
        settle(record, outstanding);
        outstanding.reject(error);
        throw error;
      }
    });
    return outstanding;
  }

  #execute(
    record: TriggerRecord,
    outstanding: PromiseWithResolvers<void>,
    {
      twin,
      instance,
      now,
    }: { readonly twin: Registration; readonly instance: number; readonly now: Instant },
  ): void {
    const { endpointName } = twin;
    this.#noteSent(endpointName, now);
    record.problem = undefined;
    const path = pathOf(serverObjectId, instance, updateTriggerId);
    this.#context.signals.diagnostics.emit({
      kind: 'trigger-sent',
      time: now,
      endpointName,
      number: twin.peer.address,
      path: formatPath(path),
    });
    this.#parts.operations.perform(twin, { name: 'execute', path }, {}).then(
      () => this.#answered(record, outstanding),
      (error: unknown) => this.#unanswered(record, outstanding, error),
    );
  }

  #answered(record: TriggerRecord, outstanding: PromiseWithResolvers<void> | undefined): void {
    settle(record, outstanding);
    record.unanswered = 0;
    outstanding?.resolve();
  }

  #unanswered(record: TriggerRecord, outstanding: PromiseWithResolvers<void>, error: unknown): void {
    // An Update was the better answer.
    if (record.outstanding !== outstanding) return;
    // What never left says nothing of the device.
    const isSent = !(error instanceof TransmissionError && error.code === 'not-sent');
    if (!isSent) record.unanswered = Math.max(0, record.unanswered - 1);
    this.#fail(record, outstanding, error);
    const { endpointName } = record;
    if (!this.#parts.isAwaited(endpointName)) return;
    inBackground(this.#context, `looking whether ${endpointName} is to be woken`, () =>
      this.#lookAgain(endpointName),
    );
  }

  #fail(record: TriggerRecord, outstanding: PromiseWithResolvers<void>, error: unknown): void {
    settle(record, outstanding);
    outstanding.reject(error);
    const reason = error instanceof Error ? error.message : String(error);
    if (record.problem === reason) return;
    record.problem = reason;
    const { endpointName } = record;
    const time = this.#context.now();
    this.#context.signals.diagnostics.emit({ kind: 'trigger-failed', time, endpointName, reason });
  }

  #noteSent(endpointName: string, at: Instant): void {
    const record = this.#recordOf(endpointName);
    record.lastAt = Math.max(record.lastAt, at);
    record.unanswered += 1;
  }

  #recordOf(endpointName: string): TriggerRecord {
    const known = this.#records.get(endpointName);
    if (known !== undefined) return known;
    if (this.#records.size >= manyDevices) this.#forgetOld();
    const record: TriggerRecord = {
      endpointName,
      outstanding: undefined,
      lastAt: -Infinity,
      unanswered: 0,
      problem: undefined,
      dueAt: undefined,
      heapIndex: -1,
    };
    this.#records.set(endpointName, record);
    return record;
  }

  #forgetOld(): void {
    const before = this.#context.now() - day;
    for (const [endpointName, { outstanding, dueAt, lastAt }] of this.#records)
      if (outstanding === undefined && dueAt === undefined && lastAt < before)
        this.#records.delete(endpointName);
  }
}

/** Another one may be sent, unless that is so already. */
function settle(record: TriggerRecord, outstanding: PromiseWithResolvers<void> | undefined): void {
  if (record.outstanding === outstanding) record.outstanding = undefined;
}

function notSent(reason: string): TransmissionError {
  return new TransmissionError('not-sent', reason);
}
