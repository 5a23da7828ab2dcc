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
  /** One was sent, and neither an answer nor an Update has come. */
  isOutstanding: boolean;
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
    if (record.isOutstanding || record.dueAt !== undefined) return;
    const now = this.#context.now();
    const nextAt = this.#nextAt(record);
    if (nextAt <= now) this.#send(record, registration, now);
    else {
      this.#due.schedule(record, instantFrom(nextAt));
      this.#parts.onDeadline();
    }
  }

  /** Updates and Registers come over UDP from a device that is awake. */
  isAwaiting(endpointName: string, sign: SignOfLife): boolean {
    return sign !== 'message' && this.#records.has(endpointName);
  }

  heard(endpointName: string): void {
    const record = this.#records.get(endpointName);
    if (record === undefined) return;
    this.#answered(record);
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
  #send(record: TriggerRecord, registration: Registration, now: Instant): void {
    const { endpointName } = registration;
    record.isOutstanding = true;
    inBackground(this.#context, `waking ${endpointName} by a short message`, async () => {
      try {
        const reach = await this.#parts.channel.reach(registration, 'trigger');
        const [instance] = registration.objects.get(serverObjectId)?.instances ?? [];
        if (reach.kind === 'unreachable') this.#fail(record, reach.reason);
        else if (instance === undefined)
          this.#fail(record, `${endpointName} registered no instance of Object 1`);
        else {
          this.#execute(record, reach.twin, { instance, now });
          return;
        }
        record.isOutstanding = false;
      } catch (error) {
        record.isOutstanding = false;
        throw error;
      }
    });
  }

  #execute(
    record: TriggerRecord,
    twin: Registration,
    { instance, now }: { readonly instance: number; readonly now: Instant },
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
      () => this.#answered(record),
      (error: unknown) => this.#unanswered(record, error),
    );
  }

  #answered(record: TriggerRecord): void {
    record.isOutstanding = false;
    record.unanswered = 0;
  }

  #unanswered(record: TriggerRecord, error: unknown): void {
    if (!record.isOutstanding) return;
    record.isOutstanding = false;
    // What never left says nothing of the device.
    const isSent = !(error instanceof TransmissionError && error.code === 'not-sent');
    if (!isSent) record.unanswered = Math.max(0, record.unanswered - 1);
    this.#fail(record, error instanceof Error ? error.message : String(error));
    const { endpointName } = record;
    if (!this.#parts.isAwaited(endpointName)) return;
    inBackground(this.#context, `looking whether ${endpointName} is to be woken`, () =>
      this.#lookAgain(endpointName),
    );
  }

  #fail(record: TriggerRecord, reason: string): void {
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
      isOutstanding: false,
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
    for (const [endpointName, { isOutstanding, dueAt, lastAt }] of this.#records)
      if (!isOutstanding && dueAt === undefined && lastAt < before) this.#records.delete(endpointName);
  }
}
