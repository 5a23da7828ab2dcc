import { addDuration, type Instant, type Milliseconds } from '@dunlin/base';
import { usesQueueMode } from '@dunlin/lwm2m';

import type { Registration } from '../registration.ts';

/** Whether a request can reach a registered device now. */
export type Reachability =
  /** It is not in queue mode. */
  | { readonly kind: 'always' }
  /** In queue mode, and awake until then unless it is heard of again. */
  | { readonly kind: 'awake'; readonly until: Instant }
  /** In queue mode, and silent for longer than its awake window, or it did not answer. */
  | { readonly kind: 'asleep' };

/** What of a registration says whether its device can be reached. */
export type ReachabilityFacts = Pick<Registration, 'endpointName' | 'bindingMode' | 'updatedAt'>;

/** How a device was heard; `change` is an Update with another object list. */
export type SignOfLife = 'register' | 'change' | 'update' | 'message';

/** Whoever has something to ask of devices once they can be reached. */
export interface PresenceWatcher {
  /** Whether there is something to ask of this one when it is heard so. */
  isAwaiting(endpointName: string, sign: SignOfLife): boolean;
  /** It was heard and has its answer. */
  heard(endpointName: string, sign: SignOfLife): void;
}

/**
 * Which devices can be reached. In queue mode that is in the awake window after any message of theirs (R-803,
 * when the last Register or Update came the registration knows, so that only later messages are on record here.
 */
export class Presence {
  readonly #defaultWindow: Milliseconds;
  readonly #smsWindow: Milliseconds;
  readonly #windows = new Map<string, Milliseconds>();
  readonly #heardAt = new Map<string, Instant>();
  readonly #lost = new Set<string>();
  readonly #watchers: PresenceWatcher[] = [];

  /** The windows of those without one of their own: over UDP, and by short messages. */
  constructor(defaultWindow: Milliseconds, smsWindow: Milliseconds) {
    this.#defaultWindow = defaultWindow;
    this.#smsWindow = smsWindow;
  }

  /** Tells a watcher of the devices that it awaits, from now on. */
  watch(watcher: PresenceWatcher): void {
    this.#watchers.push(watcher);
  }

  /** Gives devices awake windows of their own. */
  setWindows(windows: ReadonlyMap<string, Milliseconds>): void {
    for (const [endpointName, window] of windows) this.#windows.set(endpointName, window);
  }

  /** Gives a device an awake window of its own, or with `undefined` that of all. */
  setWindow(endpointName: string, window: Milliseconds | undefined): void {
    if (window === undefined) this.#windows.delete(endpointName);
    else this.#windows.set(endpointName, window);
  }

  windowOf(endpointName: string): Milliseconds {
    return this.#windows.get(endpointName) ?? this.#defaultWindow;
  }

  of(registration: ReachabilityFacts, now: Instant): Reachability {
    const { endpointName, bindingMode, updatedAt } = registration;
    if (!usesQueueMode(bindingMode)) return { kind: 'always' };
    if (this.#lost.has(endpointName)) return { kind: 'asleep' };
    const heardAt = this.#heardAt.get(endpointName) ?? updatedAt;
    const usual = bindingMode === 'SQ' ? this.#smsWindow : this.#defaultWindow;
    const window = this.#windows.get(endpointName) ?? usual;
    const until = addDuration(heardAt > updatedAt ? heardAt : updatedAt, window);
    return now < until ? { kind: 'awake', until } : { kind: 'asleep' };
  }

  /** Whether it makes sense to send it what waits, now. */
  isReachable(registration: Registration, now: Instant): boolean {
    return !this.#lost.has(registration.endpointName) && this.of(registration, now).kind !== 'asleep';
  }

  /** Whether somebody wants to hear of its Updates. */
  isAwaited(endpointName: string): boolean {
    return this.#watchers.some((watcher) => watcher.isAwaiting(endpointName, 'update'));
  }

  /** A Register or an Update came: the registration says when. */
  registrationHeard(endpointName: string, sign: Exclude<SignOfLife, 'message'>): void {
    if (this.#heardAt.size > 0) this.#heardAt.delete(endpointName);
    if (this.#lost.size > 0) this.#lost.delete(endpointName);
    this.#tell(endpointName, sign);
  }

  /** A response or a notification came. */
  messageHeard(endpointName: string, isInQueueMode: boolean, now: Instant): void {
    if (isInQueueMode) this.#heardAt.set(endpointName, now);
    if (this.#lost.size > 0) this.#lost.delete(endpointName);
    this.#tell(endpointName, 'message');
  }

  /** It did not answer: it is out of reach until it is heard again. */
  lost(endpointName: string): void {
    this.#lost.add(endpointName);
  }

  /** It is not registered any more. */
  forget(endpointName: string): void {
    this.#heardAt.delete(endpointName);
    this.#lost.delete(endpointName);
  }

  #tell(endpointName: string, sign: SignOfLife): void {
    for (const watcher of this.#watchers)
      if (watcher.isAwaiting(endpointName, sign)) watcher.heard(endpointName, sign);
  }
}
