import type { Milliseconds } from '@dunlin/base';
import { ContentFormat } from '@dunlin/coap';
import {
  type Content,
  formatPath,
  type NotificationAttributesChange,
  notificationAttributeNames,
  type Path,
  requestForOperation,
} from '@dunlin/lwm2m';

import type {
  AttributesItem,
  DesiredItem,
  DesiredKind,
  DesiredOutcome,
} from '../device-store/desired-item.ts';
import { ResponseError } from '../errors.ts';
import { registrationOfKnown } from '../known-device.ts';
import type { CancelOptions } from '../operation-options.ts';
import { DeviceAsleepError, QueueFullError } from '../queue-mode/operation-errors.ts';
import type { Registration } from '../registration.ts';
import type { ServerContext } from '../server-context.ts';
import { resolveTarget, type Target } from '../target.ts';
import { attributesAfter } from './attributes-after.ts';
import { afterRefusal, inDoubt } from './attributes-in-doubt.ts';
import {
  type DesiredAttributes,
  type DesiredObservation,
  type DesiredState,
  stateOf,
} from './desired-state.ts';
import { type DesiredStates, observedPaths } from './desired-states.ts';

/** How long to try to establish a wish at once. */
export interface DesireOptions {
  /** Then it rejects with a `TransmissionError` (`expired`), and nothing is kept. Without it the timing of CoAP decides. */
  readonly timeout?: Milliseconds | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** How an observation is wished for. */
export interface DesireObservationOptions extends DesireOptions {
  /** Wished at the same path, and written before the observation begins. */
  readonly attributes?: NotificationAttributesChange | undefined;
  /** The Content-Format to ask for. Without it TLV, and what the device can do when it cannot do that. */
  readonly format?: number | undefined;
}

/** An observation that is wished from now on. */
export interface ObservationWish {
  readonly observation: DesiredObservation;
  /** False when it was wished before. */
  readonly isNew: boolean;
  /** The first content, when it is active. */
  readonly content?: Content | undefined;
}

/**
 * What is wished for a device, whatever its registration: observations and attributes that are established after
 * each of its registrations, and again when they are lost, until they are withdrawn.
 *
 * A device that can be reached is asked at once, and what it refuses or does not answer rejects: nothing is kept
 * then. For one that sleeps or is not registered now the wish is kept as `pending`.
 */
export class DeviceDesires {
  readonly #endpointName: string;
  readonly #context: ServerContext;
  readonly #desired: DesiredStates;
  readonly #cancel: (target: Target, options: CancelOptions) => Promise<void>;

  constructor(
    endpointName: string,
    parts: { readonly context: ServerContext; readonly desired: DesiredStates },
    cancel: (target: Target, options: CancelOptions) => Promise<void>,
  ) {
    this.#endpointName = endpointName;
    this.#context = parts.context;
    this.#desired = parts.desired;
    this.#cancel = cancel;
  }

  /**
   * Observes a path from now on. Notifications come to `LwM2mServer.notified`. The device must be registered or
   * have been before.
   */
  async observe(target: Target, options: Readonly<DesireObservationOptions> = {}): Promise<ObservationWish> {
    const { path, pathText } = resolveTarget(target);
    const { format, attributes } = options;
    requestForOperation({ name: 'observe', path, accept: format ?? ContentFormat.tlv });
    const registration = await registrationOfKnown(this.#context, this.#endpointName);
    await this.#throwIfFull('observation', pathText);
    if (attributes !== undefined) await this.setAttributes(target, attributes, options);
    const established = await this.#atOnce(registration, (present) =>
      this.#desired.establishment.observe(present, path, { ...options, failsAsleep: true }),
    );
    let isNew = true;
    const item = await this.#desired.items.change(this.#endpointName, 'observation', pathText, (before) => {
      isNew = before === undefined;
      const { since = this.#context.now() } = before ?? {};
      const outcome = established && this.#outcome(established.registrationId);
      return { kind: 'observation', path: pathText, since, format, outcome };
    });
    if (item === undefined) throw new Error('a wish was not kept');
    if (established === undefined) this.#desired.examine(this.#endpointName);
    const observation = stateOf(item, ...(await this.#present()));
    return { observation, isNew, content: established?.content };
  }

  /** Sets and unsets (`null`) attributes at a path from now on; those that are not mentioned stay as they are wished. */
  async setAttributes(
    target: Target,
    change: NotificationAttributesChange,
    options: Readonly<DesireOptions> = {},
  ): Promise<DesiredAttributes | undefined> {
    const { path, pathText } = resolveTarget(target);
    requestForOperation({ name: 'write-attributes', path, change });
    const registration = await registrationOfKnown(this.#context, this.#endpointName);
    await this.#throwIfFull('attributes', pathText);
    const before = await this.#desired.items.find(this.#endpointName, 'attributes', pathText);
    const wanted = { ...before?.change, ...change };
    // What is wished and not established yet goes with it.
    const toWrite = isEstablished(before, registration) ? change : wanted;
    const writtenUnder = await this.#writeAtOnce(registration, path, { before, change, toWrite }, options);
    const item = await this.#desired.items.change(this.#endpointName, 'attributes', pathText, (present) => {
      const { since = this.#context.now() } = present ?? {};
      const wished = { ...present?.change, ...change };
      const wish: AttributesItem = { kind: 'attributes', path: pathText, since, change: wished };
      // What was written in doubt meanwhile may have undone this one.
      const isCrossed = present?.outcome !== undefined;
      if (writtenUnder === undefined || isCrossed) return wish;
      return attributesAfter(wish, { ...wish, change: wanted }, this.#outcome(writtenUnder));
    });
    if (item !== undefined && item.outcome === undefined) this.#desired.examine(this.#endpointName);
    return item && stateOf(item, ...(await this.#present()));
  }

  /** Wishes an observation no longer, and ends it; false when it was not wished. */
  async withdrawObservation(target: Target, options: Readonly<CancelOptions> = {}): Promise<boolean> {
    const { pathText } = resolveTarget(target);
    let isThere = false;
    await this.#desired.items.change(this.#endpointName, 'observation', pathText, (present) => {
      isThere = present !== undefined;
      return undefined;
    });
    await this.#cancel(target, options);
    return isThere;
  }

  /** Wishes attributes no longer: those that were wished are unset, now or when the device can be reached. */
  async withdrawAttributes(target: Target, options: Readonly<DesireOptions> = {}): Promise<boolean> {
    const { pathText } = resolveTarget(target);
    const item = await this.#desired.items.find(this.#endpointName, 'attributes', pathText);
    if (item === undefined) return false;
    const names = notificationAttributeNames.filter((name) => item.change[name] !== undefined);
    await this.setAttributes(target, Object.fromEntries(names.map((name) => [name, null])), options);
    return true;
  }

  /** What is wished and where it stands, by path in numeric order. */
  async list(): Promise<readonly DesiredState[]> {
    const items = await this.#desired.items.of(this.#endpointName);
    const [registration, observed] = await this.#present();
    return items.map((item) => stateOf(item, registration, observed));
  }

  /**
   * Writes attributes to a device that can be reached, and gives the id of its registration. Until that is answered
   * the wishes are in doubt: the device has one or the other, and when no answer comes, or this process ends before
   * it does, it is brought to what was wished before.
   */
  async #writeAtOnce(
    registration: Registration | undefined,
    path: Path,
    { before, change, toWrite }: AttributesWrite,
    options: Readonly<DesireOptions>,
  ): Promise<string | undefined> {
    const { items, establishment } = this.#desired;
    const sent = { path: formatPath(path), since: this.#context.now(), change };
    try {
      return await this.#atOnce(registration, async (present) => {
        await items.change(this.#endpointName, 'attributes', sent.path, (item) => inDoubt(item, sent));
        const wait = { ...options, failsAsleep: true };
        return await establishment.writeAttributes(present, path, toWrite, wait);
      });
    } catch (error) {
      if (error instanceof ResponseError) {
        await items.change(this.#endpointName, 'attributes', sent.path, (item) =>
          afterRefusal(item, change, before),
        );
      }
      this.#desired.examine(this.#endpointName);
      throw error;
    }
  }

  /** Establishes something with a device that can be reached; `undefined` when it cannot. */
  async #atOnce<T>(
    registration: Registration | undefined,
    establish: (registration: Registration) => Promise<T>,
  ): Promise<T | undefined> {
    const { presence, now } = this.#context;
    if (registration === undefined || presence.of(registration, now()).kind === 'asleep') return undefined;
    try {
      return await establish(registration);
    } catch (error) {
      if (error instanceof DeviceAsleepError) return undefined;
      throw error;
    }
  }

  #outcome(registrationId: string): DesiredOutcome {
    return { kind: 'established', registrationId, at: this.#context.now() };
  }

  async #present(): Promise<readonly [Registration | undefined, ReadonlySet<string>]> {
    const registration = await this.#context.store.findByEndpoint(this.#endpointName);
    return [registration, await observedPaths(this.#context, registration)];
  }

  async #throwIfFull(kind: DesiredKind, path: string): Promise<void> {
    const limit = this.#context.limits.desiredItems;
    const items = await this.#desired.items.of(this.#endpointName);
    if (items.length < limit || items.some((item) => item.kind === kind && item.path === path)) return;
    throw new QueueFullError(`${limit} wishes are kept for ${this.#endpointName} already: withdraw some`);
  }
}

/** A change of attributes on its way. */
interface AttributesWrite {
  /** What was wished. */
  readonly before: AttributesItem | undefined;
  /** What is wished in addition. */
  readonly change: NotificationAttributesChange;
  /** What is written: with what was wished and not established yet. */
  readonly toWrite: NotificationAttributesChange;
}

function isEstablished(item: DesiredItem | undefined, registration: Registration | undefined): boolean {
  const { outcome } = item ?? {};
  return outcome?.kind === 'established' && outcome.registrationId === registration?.id;
}
