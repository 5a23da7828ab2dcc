import { type Seconds, seconds } from '@dunlin/base';
import type { Content, Path, ResourceContents } from '@dunlin/lwm2m';

import type { Registration } from './registration.ts';
import type { ServerLimits } from './server-limits.ts';
import { homeIdOf } from './sms/sms-twin.ts';

/** `/1/x/1`: the Lifetime Resource of the Server Object. */
const serverObjectId = 1;
const lifetimeResourceId = 1;

/**
 * Lifetimes that were written to devices. A device has to say its new lifetime in an Update; some
 * refresh without ever saying it. Their next Update without `lt` is taken for the confirmation of what they
 * were written, so that both sides count alike. Only for devices with a single instance of Object 1: with
 * several, nobody here knows which one is this server's.
 */
export class WrittenLifetimes {
  readonly #byRegistration = new Map<string, Seconds>();
  readonly #limits: ServerLimits;

  constructor(limits: ServerLimits) {
    this.#limits = limits;
  }

  /** A Write of this content was successful. */
  wrote(registration: Registration, path: Path, content: Content): void {
    if (path.kind === 'root' || path.kind === 'object' || path.objectId !== serverObjectId) return;
    if (registration.objects.get(serverObjectId)?.instances.length !== 1) return;
    const lifetime = lifetimeIn(path, content);
    if (lifetime === undefined || !this.#isAcceptable(lifetime)) return;
    this.#byRegistration.set(homeIdOf(registration.id), seconds(lifetime));
  }

  /** The lifetime that an Update without `lt` confirms, once; `undefined` when there is none. */
  take(registrationId: string): Seconds | undefined {
    if (this.#byRegistration.size === 0) return undefined;
    const lifetime = this.#byRegistration.get(registrationId);
    this.#byRegistration.delete(registrationId);
    return lifetime;
  }

  #isAcceptable(lifetime: number): boolean {
    return lifetime >= this.#limits.minimumLifetime && lifetime <= this.#limits.maximumLifetime;
  }
}

function lifetimeIn(path: Path, content: Content): number | undefined {
  if (content.kind === 'object-instance') return lifetimeAmong(content.resources);
  if (path.kind !== 'resource' || path.resourceId !== lifetimeResourceId || content.kind !== 'resource') {
    return undefined;
  }
  return lifetimeAmong(new Map([[lifetimeResourceId, content.resource]]));
}

function lifetimeAmong(resources: ResourceContents): number | undefined {
  const resource = resources.get(lifetimeResourceId);
  return resource?.kind === 'single' && typeof resource.value === 'number' ? resource.value : undefined;
}
