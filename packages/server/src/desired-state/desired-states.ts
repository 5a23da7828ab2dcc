import type { Instant } from '@dunlin/base';

import type { DesiredItem, DesiredOutcome } from '../device-store/desired-item.ts';
import type { ObservationEndedEvent } from '../events.ts';
import { inBackground } from '../in-background.ts';
import type { PresenceWatcher, SignOfLife } from '../queue-mode/presence.ts';
import type { Registration } from '../registration.ts';
import type { ServerContext } from '../server-context.ts';
import { attributesAfter } from './attributes-after.ts';
import { DesiredItems } from './desired-items.ts';
import { Establishment, type EstablishmentParts } from './establishment.ts';
import { type LookOutcome, Reconciliation } from './reconciliation.ts';

/**
 * What is wished for devices until it is withdrawn: observations and attributes, established after every
 * registration, and again whenever they are lost.
 */
export class DesiredStates implements PresenceWatcher {
  readonly items: DesiredItems;
  readonly establishment: Establishment;
  readonly #parts: EstablishmentParts;
  readonly #reconciliation: Reconciliation;
  /** Devices that may have something that is not established. */
  readonly #unsettled = new Set<string>();
  /** Those that may take now what they refused. */
  readonly #changed = new Set<string>();
  #isStarted = false;

  /** `onDeadline` is called when the deadline changed outside of `wake`. */
  constructor(parts: EstablishmentParts, onDeadline: () => void) {
    this.#parts = parts;
    this.items = new DesiredItems(parts.context.devices);
    this.establishment = new Establishment(parts);
    this.#reconciliation = new Reconciliation(
      parts.context,
      (registration) => this.#look(registration),
      onDeadline,
    );
    parts.context.signals.observationEnded.subscribe((event) => this.#observationEnded(event));
  }

  /** Learns for which devices something is wished: before the first of them is heard. */
  async load(): Promise<void> {
    await this.items.load();
  }

  /** Looks at every device for which something is wished: nobody knows what was lost meanwhile. */
  start(): void {
    this.#isStarted = true;
    for (const endpointName of this.items.endpoints) this.#unsettled.add(endpointName);
    this.#reconciliation.dueAll(this.#unsettled);
  }

  get deadline(): Instant | undefined {
    return this.#reconciliation.deadline;
  }

  wake(now: Instant): void {
    this.#reconciliation.wake(now);
  }

  close(): void {
    this.#reconciliation.close();
  }

  isAwaiting(endpointName: string, sign: SignOfLife): boolean {
    if (!this.#isStarted) return false;
    const isAfresh = sign === 'register' || sign === 'change';
    return isAfresh ? this.items.endpoints.has(endpointName) : this.#unsettled.has(endpointName);
  }

  heard(endpointName: string, sign: SignOfLife): void {
    const isAfresh = sign === 'register' || sign === 'change';
    // The answers of a device that is asked are signs of life too.
    if (!isAfresh && this.#reconciliation.isUnderWay(endpointName)) return;
    this.#unsettled.add(endpointName);
    if (sign === 'change') this.#changed.add(endpointName);
    this.#examine(endpointName, isAfresh);
  }

  /** Has a wish that changed established as soon as the device can be reached. */
  examine(endpointName: string): void {
    this.#unsettled.add(endpointName);
    this.#examine(endpointName, true);
  }

  /**
   * Keeps what came of a wish, without an outcome that nobody knows it; gives the wish as it is then. An observation
   * that was withdrawn meanwhile ends.
   */
  async #keep(
    registration: Registration,
    item: DesiredItem,
    outcome: DesiredOutcome | undefined,
  ): Promise<DesiredItem | undefined> {
    const { endpointName } = registration;
    const { kind, path } = item;
    if (kind === 'attributes') {
      return await this.items.change(endpointName, kind, path, (present) =>
        attributesAfter(present, item, outcome),
      );
    }
    if (outcome === undefined) return item;
    const kept = await this.items.change(
      endpointName,
      kind,
      path,
      (present) => present && { ...present, outcome },
    );
    if (kept === undefined && outcome.kind === 'established')
      await this.#parts.observations.cancel(registration, path, { way: 'passive' });
    return kept;
  }

  forget(endpointName: string): void {
    this.items.forget(endpointName);
    this.#unsettled.delete(endpointName);
    this.#changed.delete(endpointName);
  }

  #examine(endpointName: string, isNew: boolean): void {
    inBackground(this.#parts.context, `looking for ${endpointName}`, async () => {
      const registration = await this.#parts.context.store.findByEndpoint(endpointName);
      if (registration !== undefined) this.#reconciliation.due(registration, isNew);
    });
  }

  /** One of ours may have ended, or another of the same path; what counts is what is observed then. */
  #observationEnded({ endpoint, path, reason, coapCode }: ObservationEndedEvent): void {
    if (!this.#isStarted || !this.items.endpoints.has(endpoint)) return;
    switch (reason) {
      case 'cancelled':
        this.examine(endpoint);
        return;
      case 'ended-by-device':
        this.#note(endpoint, path, { kind: 'refused', reason: 'the device ended the observation', coapCode });
        return;
      case 'no-answer':
        this.#note(endpoint, path, { kind: 'failed', reason: 'the device no longer answered' });
        return;
      // Whoever began it learns of these, or the registration is another one now.
      case 'refused':
      case 'replaced':
      case 'reregistered':
      case 'deregistered':
      case 'expired':
    }
  }

  #note(
    endpointName: string,
    path: string,
    ending: Pick<Extract<DesiredOutcome, { reason: string }>, 'kind' | 'reason' | 'coapCode'>,
  ): void {
    const { store, now } = this.#parts.context;
    inBackground(this.#parts.context, `noting the end of an observation of ${endpointName}`, async () => {
      const registration = await store.findByEndpoint(endpointName);
      if (registration === undefined) return;
      const outcome: DesiredOutcome = { ...ending, registrationId: registration.id, at: now() };
      await this.items.change(endpointName, 'observation', path, (item) => item && { ...item, outcome });
      if (outcome.kind === 'failed') this.#reconciliation.failed(endpointName);
      this.#unsettled.add(endpointName);
    });
  }

  /** Establishes what is not, one after the other, until the device cannot be reached. */
  async #look(registration: Registration): Promise<LookOutcome> {
    const { endpointName } = registration;
    const isChanged = this.#changed.delete(endpointName);
    const observed = await observedPaths(this.#parts.context, registration);
    let hasFailed = false;
    let isStale = false;
    for (const item of await this.items.of(endpointName)) {
      if (!needsEstablishing(item, registration, { observed, isChanged })) continue;
      const outcome = await this.establishment.establish(registration, item);
      const kept = await this.#keep(registration, item, outcome);
      // The next sign of life of the device brings another look.
      if (outcome === undefined) return 'interrupted';
      isStale ||= kept !== undefined && kept.outcome === undefined;
      hasFailed ||= outcome.kind === 'failed';
    }
    // Somebody wished something else meanwhile.
    if (isStale) this.examine(endpointName);
    if (hasFailed) return 'failed';
    if (isStale) return 'interrupted';
    this.#unsettled.delete(endpointName);
    return 'settled';
  }
}

/** The paths that a device observes. */
export async function observedPaths(
  { store }: Pick<ServerContext, 'store'>,
  registration: Registration | undefined,
): Promise<ReadonlySet<string>> {
  if (registration === undefined) return new Set();
  const observations = await store.observationsOf(registration.id);
  return new Set(observations.map(({ path }) => path));
}

function needsEstablishing(
  { kind, path, outcome }: DesiredItem,
  registration: Registration,
  { observed, isChanged }: { readonly observed: ReadonlySet<string>; readonly isChanged: boolean },
): boolean {
  if (outcome?.registrationId !== registration.id) return true;
  switch (outcome.kind) {
    case 'established':
      return kind === 'observation' && !observed.has(path);
    case 'refused':
      return isChanged;
    case 'failed':
      return true;
  }
}
