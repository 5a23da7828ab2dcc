import {
  addDuration,
  DeadlineQueue,
  earliestOf,
  type Instant,
  type Milliseconds,
  milliseconds,
} from '@dunlin/base';
import { usesQueueMode } from '@dunlin/lwm2m';

import type { DesiredStates } from '../desired-state/desired-states.ts';
import type { DeviceSessions } from '../device-session.ts';
import type { NotifiedEvent, ObservationEndedEvent } from '../events.ts';
import { inBackground } from '../in-background.ts';
import type { Observations } from '../observations.ts';
import type { OperationQueue } from '../queue-mode/operation-queue.ts';
import type { PresenceWatcher, SignOfLife } from '../queue-mode/presence.ts';
import type { Registration } from '../registration.ts';
import type { RequestPerformer } from '../request-performer.ts';
import type { ServerContext } from '../server-context.ts';
import { type ActiveUpdate, withState } from './active-update.ts';

import { DeviceQuestions, toldPaths } from './device-questions.ts';
import { DeviceTurns } from './device-turns.ts';
import type { FirmwareImageStore } from './firmware-image-store.ts';
import { FirmwareLook } from './firmware-look.ts';
import { FirmwareRecords } from './firmware-records.ts';
import { type LookOutcome, StepPerformer } from './firmware-steps.ts';
import type { FirmwareUpdate } from './firmware-update.ts';
import type { FirmwareUris } from './firmware-uris.ts';
import { ImagePush } from './image-push.ts';
import { endOfPatience, givenUp } from './patience.ts';
import { PushLine } from './push-line.ts';

/** What updates of firmware need of their server. */
export interface FirmwareParts {
  readonly context: ServerContext;
  readonly sessions: DeviceSessions;
  readonly performer: RequestPerformer;
  readonly observations: Observations;
  readonly queue: OperationQueue;
  readonly desired: DesiredStates;
  readonly images: FirmwareImageStore;
  readonly uris: FirmwareUris;
  /** Called when the deadline changed outside of `wake`. */
  readonly onDeadline: () => void;
}

/**
 * When devices are looked at whose firmware is updated: when they are heard, when they notify, when somebody wants
 * something else of them, and now and then while something is expected of them; and for how long that goes on.
 */
export class FirmwareUpdates implements PresenceWatcher {
  readonly records: FirmwareRecords;
  readonly #parts: FirmwareParts;
  readonly #questions: DeviceQuestions;
  readonly #look: FirmwareLook;
  readonly #line: PushLine;
  readonly #deadlines = new DeadlineQueue<ActiveUpdate>();
  /** Nobody knows what devices did before. */
  #startedAt: Instant | undefined;
  #closed: Error | undefined;

  constructor(parts: FirmwareParts) {
    this.#parts = parts;
    const { context, sessions, performer, observations, queue, images, uris } = parts;
    this.records = new FirmwareRecords(context, {
      onDue: (active) => this.#due(active),
      onOver: (active) => this.#over(active),
    });
    const { records } = this;
    this.#line = new PushLine(context.limits.firmwarePushes, (active) => this.trigger(active));
    const turns = new DeviceTurns(queue);
    const questions = new DeviceQuestions({ context, performer, observations, turns });
    this.#questions = questions;
    const push = new ImagePush({ images, sessions, turns, records });
    const steps = new StepPerformer({ context, records, questions, push, line: this.#line, uris });
    this.#look = new FirmwareLook({ context, records, questions, steps });
    context.signals.notified.subscribe((event) => this.#notified(event));
    context.signals.observationEnded.subscribe((event) => this.#observationEnded(event));
  }

  /** Looks at every device, one after the other: nobody knows what they did meanwhile. */
  start(): void {
    const now = this.#parts.context.now();
    this.#startedAt = now;
    let count = 0;
    for (const active of this.records.all()) {
      this.#deadlines.schedule(active, addDuration(now, milliseconds(count)));
      count += 1;
    }
  }

  get deadline(): Instant | undefined {
    return this.#deadlines.deadline;
  }

  wake(now: Instant): void {
    for (let due = this.#deadlines.takeDue(now); due !== undefined; due = this.#deadlines.takeDue(now))
      due.expired();
  }

  /** Ends looks; devices and the store stay as they are. */
  close(error: Error): void {
    this.#closed = error;
    for (const active of this.records.all()) {
      this.#deadlines.cancel(active);
      active.look?.abort(error);
    }
  }

  isAwaiting(endpointName: string, sign: SignOfLife): boolean {
    const active = this.#startedAt === undefined ? undefined : this.records.find(endpointName);
    return active !== undefined && (sign !== 'message' || active.isInterrupted);
  }

  heard(endpointName: string): void {
    const active = this.records.find(endpointName);
    if (active !== undefined) this.trigger(active);
  }

  /** Has a device looked at now, or once more after the look that is under way. */
  trigger(active: ActiveUpdate): void {
    if (this.#closed !== undefined || this.#startedAt === undefined) return;
    if (active.look !== undefined) {
      active.isDueAgain = true;
      return;
    }
    inBackground(this.#parts.context, `updating the firmware of ${active.endpointName}`, () =>
      this.#lookAt(active),
    );
  }

  /** Somebody wants something else: what is under way for what was wanted before ends. */
  interrupt(active: ActiveUpdate, reason: Error): void {
    active.look?.abort(reason);
    this.trigger(active);
  }

  /** Begins an update; that of before, which is being cancelled, is not heard of any more. */
  async begin(
    endpointName: string,
    begin: (previous: FirmwareUpdate | undefined) => FirmwareUpdate,
  ): Promise<ActiveUpdate> {
    const before = this.records.find(endpointName);
    const active = await this.records.start(endpointName, begin);
    if (before !== undefined) {
      this.#deadlines.cancel(before);
      this.#line.left(before);
      before.look?.abort(new Error(`another update of ${endpointName} took its place`));
    }
    this.trigger(active);
    return active;
  }

  /** All that is kept of the device is going to be forgotten: the device is left as it is. */
  async forget(endpointName: string): Promise<void> {
    const active = this.records.find(endpointName);
    const at = this.#parts.context.now();
    if (active === undefined) return;
    await this.records.change(active, (update) =>
      withState(update, { kind: 'cancelled', at }, at, `${endpointName} is forgotten`),
    );
  }

  async #lookAt(active: ActiveUpdate): Promise<void> {
    const controller = new AbortController();
    const wasInterrupted = active.isInterrupted;
    active.look = controller;
    active.isDueAgain = false;
    // From now on the answers of the device are no news.
    active.isInterrupted = false;
    let outcome: LookOutcome = 'failed';
    try {
      outcome = await this.#look.run(active, controller.signal);
    } finally {
      active.look = undefined;
      active.hasLooked = true;
      active.isInterrupted = outcome === 'interrupted';
      if (outcome !== 'in-line') this.#line.left(active);
      if (wasInterrupted && !active.isInterrupted) active.reachedAt = this.#parts.context.now();
      await this.#looked(active, outcome);
    }
  }

  async #looked(active: ActiveUpdate, outcome: LookOutcome): Promise<void> {
    const { context } = this.#parts;
    if (this.#closed !== undefined || this.records.find(active.endpointName) !== active) return;
    if (active.isDueAgain) {
      this.trigger(active);
      return;
    }
    const registration = await context.store.findByEndpoint(active.endpointName);
    if (outcome === 'settled' || outcome === 'in-line') active.retryDelay = undefined;
    this.#schedule(active, registration, outcome);
  }

  /** When there is to be another look without any sign of the device, or the update has stood still for too long. */
  #schedule(active: ActiveUpdate, registration: Registration | undefined, outcome: LookOutcome): void {
    if (active.look !== undefined) return;
    const { now } = this.#parts.context;
    const wait = this.#waitAfter(active, registration, outcome);
    const lookAt = wait === undefined ? undefined : addDuration(now(), wait);
    const dueAt = earliestOf(lookAt, this.#endOfPatience(active, registration));
    if (dueAt === undefined) this.#deadlines.cancel(active);
    else this.#deadlines.schedule(active, dueAt);
    this.#parts.onDeadline();
  }

  #waitAfter(
    active: ActiveUpdate,
    registration: Registration | undefined,
    outcome: LookOutcome,
  ): Milliseconds | undefined {
    const isSleeper = registration === undefined || usesQueueMode(registration.bindingMode);
    switch (outcome) {
      case 'in-line':
        return undefined;
      case 'settled': {
        const isExpected = active.update.state.kind !== 'downloaded';
        // A device in queue mode would be kept awake by it.
        return isExpected && !isSleeper ? this.#parts.context.limits.firmwarePollInterval : undefined;
      }
      case 'interrupted':
      case 'failed':
        // One that sleeps is heard when it wakes up.
        if (outcome === 'interrupted' && isSleeper) return undefined;
        active.retryDelay = milliseconds(Math.min((active.retryDelay ?? firstRetry / 2) * 2, longestRetry));
        return active.retryDelay;
    }
  }

  #due(active: ActiveUpdate): void {
    const { context } = this.#parts;
    inBackground(context, `updating the firmware of ${active.endpointName}`, async () => {
      const registration = await context.store.findByEndpoint(active.endpointName);
      const end = this.#endOfPatience(active, registration);
      if (active.look !== undefined) return;
      const isOver = end !== undefined && end <= context.now();
      if (isOver && active.hasLooked) await this.#giveUp(active, registration);
      else this.trigger(active);
    });
  }

  #endOfPatience(active: ActiveUpdate, registration: Registration | undefined): Instant | undefined {
    return endOfPatience(active, registration, this.#parts.context, this.#startedAt);
  }

  async #giveUp(active: ActiveUpdate, registration: Registration | undefined): Promise<void> {
    await this.records.change(active, (update) => givenUp(update, registration, this.#parts.context.now()));
  }

  #over(active: ActiveUpdate): void {
    this.#deadlines.cancel(active);
    this.#line.left(active);
    active.look?.abort(new Error(`the update of ${active.endpointName} is over`));
    inBackground(this.#parts.context, `ending observations of ${active.endpointName}`, () =>
      this.#endObservations(active),
    );
  }

  async #endObservations({ endpointName, update }: ActiveUpdate): Promise<void> {
    const { context, desired } = this.#parts;
    const registration = await context.store.findByEndpoint(endpointName);
    if (registration === undefined) return;
    for (const path of update.observed) {
      const isWished = (await desired.items.find(endpointName, 'observation', path)) !== undefined;
      if (!isWished) await this.#questions.endObservation(registration, path);
    }
  }

  #notified({ endpoint, path }: NotifiedEvent): void {
    const active = this.records.find(endpoint);
    if (active !== undefined && firmwarePaths.has(path)) this.trigger(active);
  }

  /** Somebody else observes the path now: it is his. */
  #observationEnded({ endpoint, path, reason }: ObservationEndedEvent): void {
    const active = this.records.find(endpoint);
    if (active === undefined || reason !== 'replaced' || !active.update.observed.includes(path)) return;
    inBackground(this.#parts.context, `noting an observation of ${endpoint}`, () =>
      this.records.change(active, (update) => ({
        ...update,
        observed: update.observed.filter((each) => each !== path),
      })),
    );
  }
}

/** Whatever is observed of these tells something of an update. */
const firmwarePaths: ReadonlySet<string> = new Set([...toldPaths, '/5/0', '/5']);

/** After a failure: long enough for a device to come to itself, and in the end often enough for an hour's trouble. */
const firstRetry: Milliseconds = milliseconds(30_000);
const longestRetry: Milliseconds = milliseconds(900_000);
