import type { Instant } from '@dunlin/base';
import type { CoapEndpoint, Request, RequestId } from '@dunlin/coap';

import type { BootstrapClient } from './bootstrap/bootstrap-client.ts';
import type { BootstrapEngine } from './bootstrap/bootstrap-engine.ts';
import type { RegistrationEngine } from './registration/registration-engine.ts';
import type { ServerSession } from './server-session.ts';

/** On whose behalf a client sends requests of its own: to a Server, or to the Bootstrap-Server. */
export type Asker = ServerSession | BootstrapClient;

/** The state machine that waits for what comes of them. */
export function engineOf(asker: Asker): RegistrationEngine | BootstrapEngine {
  return 'registration' in asker ? asker.registration : asker.engine;
}

type SendOptions = NonNullable<Parameters<CoapEndpoint['request']>[3]>;

/** The requests that a client sends: Register, Update, Deregister and Bootstrap-Request. Each asker has one at a time. */
export class OwnRequests {
  readonly #coap: CoapEndpoint;
  readonly #askers: () => readonly Asker[];

  constructor(coap: CoapEndpoint, askers: () => readonly Asker[]) {
    this.#coap = coap;
    this.#askers = askers;
  }

  /** Sends a request to the asker's Server; nothing while there is no way to it. */
  send(asker: Asker, request: Request, now: Instant, options: SendOptions = {}): void {
    const { peer } = asker.link;
    if (peer !== undefined) asker.request = this.#coap.request(peer, request, now, options);
  }

  /** Forgets the request under way, if there is one. */
  cancel(asker: Asker, now: Instant): void {
    const { request } = asker;
    asker.request = undefined;
    if (request !== undefined) this.#coap.cancelRequest(request, now);
  }

  /** Who waits for the outcome of a request, which is under way no longer. */
  take(request: RequestId): ReturnType<typeof engineOf> | undefined {
    const asker = this.#askers().find((candidate) => candidate.request === request);
    if (asker === undefined) return undefined;
    asker.request = undefined;
    return engineOf(asker);
  }
}
