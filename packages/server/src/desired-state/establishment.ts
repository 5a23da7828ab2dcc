import { DunlinError, type Instant, TransmissionError, UsageError } from '@dunlin/base';
import {
  type Content,
  formatPath,
  type NotificationAttributesChange,
  parsePath,
  type Path,
  type TimestampedContent,
  usesQueueMode,
} from '@dunlin/lwm2m';

import type { DesiredItem, DesiredOutcome } from '../device-store/desired-item.ts';
import { DeviceNotRegisteredError, ResponseError } from '../errors.ts';
import type { NotificationConsumer } from '../notification-consumer.ts';
import { definitionFor } from '../object-version.ts';
import type { Observations } from '../observations.ts';
import type { WaitOptions } from '../pending-request.ts';
import { DeviceAsleepError } from '../queue-mode/operation-errors.ts';
import type { OperationQueue, TurnOptions } from '../queue-mode/operation-queue.ts';
import type { Registration } from '../registration.ts';
import type { RequestPerformer } from '../request-performer.ts';
import type { ServerContext } from '../server-context.ts';

/** What establishing needs. */
export interface EstablishmentParts {
  readonly context: ServerContext;
  readonly performer: RequestPerformer;
  readonly observations: Observations;
  readonly queue: OperationQueue;
}

/** An observation that has begun. */
export interface Established {
  readonly content: Content;
  /** That under which it has. */
  readonly registrationId: string;
}

/** Asks devices for what is wished, one thing at a time, in queue mode when the turn has come. */
export class Establishment {
  readonly #parts: EstablishmentParts;

  constructor(parts: EstablishmentParts) {
    this.#parts = parts;
  }

  /**
   * Lets a device observe a path, and gives the first content. Rejects when it does not; one that answers and does
   * not observe counts as one that refused.
   */
  async observe(
    registration: Registration,
    path: Path,
    options: TurnOptions & { readonly format?: number | undefined },
  ): Promise<Established> {
    const { context, observations } = this.#parts;
    const { format } = options;
    const pathText = formatPath(path);
    const consumer = new FirstContent();
    return await this.#turn(registration, options, async (present, wait) => {
      const definition = definitionFor(context.definitions, present, path);
      await observations.begin(present, { path, pathText, format, definition }, consumer, wait);
      const { content, isOver } = consumer;
      if (content !== undefined && !isOver) return { content, registrationId: present.id };
      throw new UsageError(`${registration.endpointName} answered and does not observe ${pathText}`);
    });
  }

  /** Writes attributes, and gives the id of the registration under which they were. */
  async writeAttributes(
    registration: Registration,
    path: Path,
    change: NotificationAttributesChange,
    options: TurnOptions,
  ): Promise<string> {
    const { performer } = this.#parts;
    const request = { name: 'write-attributes', path, change } as const;
    return await this.#turn(registration, options, async (present, wait) => {
      await performer.perform(present, { request }, wait);
      return present.id;
    });
  }

  /**
   * Establishes a wish and tells what came of it; `undefined` when nothing did, because the device sleeps, is gone
   * or registers anew.
   */
  async establish(registration: Registration, item: DesiredItem): Promise<DesiredOutcome | undefined> {
    const path = parsePath(item.path);
    const { now } = this.#parts.context;
    if (path === undefined) return undefined;
    const options = { isUrgent: true, failsAsleep: true } as const;
    try {
      const registrationId =
        item.kind === 'attributes'
          ? await this.writeAttributes(registration, path, item.change, options)
          : (await this.observe(registration, path, { ...options, format: item.format })).registrationId;
      return { kind: 'established', registrationId, at: now() };
    } catch (error) {
      return outcomeOfError(error, registration, now());
    }
  }

  async #turn<T>(
    registration: Registration,
    options: TurnOptions,
    work: (registration: Registration, wait: WaitOptions) => Promise<T>,
  ): Promise<T> {
    if (!usesQueueMode(registration.bindingMode)) return await work(registration, options);
    const { timeout, deadline } = options;
    return await this.#parts.queue.run(
      registration,
      (present, signal) => work(present, { timeout, deadline, signal }),
      options,
    );
  }
}

/** What came of a wish that ended in an error; `undefined` for one that says nothing about the wish. */
function outcomeOfError(
  error: unknown,
  { id: registrationId }: Registration,
  at: Instant,
): DesiredOutcome | undefined {
  if (!DunlinError.is(error)) throw error;
  const facts = { registrationId, at, reason: error.message };
  if (error instanceof ResponseError) {
    const kind = error.blame === 'caller' ? 'refused' : 'failed';
    return { kind, ...facts, coapCode: error.coapCode };
  }
  if (error instanceof UsageError) return { kind: 'refused', ...facts };
  const saysNothing =
    error instanceof DeviceAsleepError ||
    error instanceof DeviceNotRegisteredError ||
    (error instanceof TransmissionError && (error.code === 'superseded' || error.code === 'closed'));
  return saysNothing ? undefined : { kind: 'failed', ...facts };
}

/** The consumer of an observation whose notifications go to the signal of the server. */
class FirstContent implements NotificationConsumer {
  content: Content | undefined;
  isOver = false;

  deliver([newest]: readonly TimestampedContent[]): undefined {
    this.content ??= newest?.content;
    return undefined;
  }

  begun(): void {
    // The caller learns of it by the promise.
  }

  finish(): void {
    this.isOver = true;
  }

  fail(): void {
    this.isOver = true;
  }
}
