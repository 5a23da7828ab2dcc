import { type Instant, type Random, type Seconds, seconds } from '@dunlin/base';
import type { IncomingRequest, RequestId } from '@dunlin/coap';
import { pathOf, Security } from '@dunlin/lwm2m';

import type { ObjectTree } from '../object-tree/object-tree.ts';
import { storedNumber, storedText } from '../object-tree/stored-value.ts';
import { deviceOrigin } from '../object-tree/tree-change.ts';
import type { RetryPolicy } from '../registration/retry-policy.ts';
import { parseServerUri, type ReachableSchemes } from '../registration/server-uri.ts';
import { bootstrapInstanceIn } from '../security/account-instances.ts';
import { ServerLink } from '../transport/server-link.ts';
import { BootstrapEngine, type BootstrapFacts } from './bootstrap-engine.ts';
import { BootstrapInterface, type BootstrapOutcome } from './bootstrap-interface.ts';

/** What the bootstrap of a client is made of. */
export interface BootstrapClientOptions {
  readonly endpointName: string;
  readonly tree: ObjectTree;
  readonly reachable: ReachableSchemes;
  readonly retry: RetryPolicy;
  readonly random: Random;
}

/** All that a client keeps for its Bootstrap-Server: when to be bootstrapped, the way there, and what it plans. */
export class BootstrapClient {
  readonly engine: BootstrapEngine;
  readonly link: ServerLink = new ServerLink();
  /** The Bootstrap-Request under way. */
  request: RequestId | undefined;
  readonly #tree: ObjectTree;
  readonly #interface: BootstrapInterface;

  constructor({ endpointName, tree, reachable, retry, random }: Readonly<BootstrapClientOptions>) {
    this.#tree = tree;
    this.#interface = new BootstrapInterface(tree, reachable);
    this.engine = new BootstrapEngine({
      endpointName,
      facts: () => this.facts,
      discard: () => this.#interface.discard(),
      purge: (now) => this.#purge(now),
      retry,
      random,
    });
  }

  /** The account of the Bootstrap-Server as it is now. */
  get facts(): BootstrapFacts | undefined {
    const id = bootstrapInstanceIn(this.#tree);
    if (id === undefined) return undefined;
    const { lwm2mServerUri, clientHoldOffTime, bootstrapServerAccountTimeout } = Security(id);
    return {
      uri: parseServerUri(storedText(this.#tree, lwm2mServerUri.path) ?? ''),
      clientHoldOffTime: secondsOf(storedNumber(this.#tree, clientHoldOffTime.path)),
      accountTimeout: secondsOf(storedNumber(this.#tree, bootstrapServerAccountTimeout.path)),
    };
  }

  /** Carries out a command of the Bootstrap-Server. */
  carryOut(request: IncomingRequest, now: Instant): BootstrapOutcome {
    this.engine.commanded(now);
    const outcome = this.#interface.carryOut(request, now);
    if (outcome.operation === 'bootstrap-finish') {
      if (outcome.refusal === undefined) this.engine.finished(now);
      else this.engine.foundInconsistent(outcome.refusal.reason);
    }
    return outcome;
  }

  /** Forgets the account of the Bootstrap-Server: no account can be added any more. */
  #purge(now: Instant): void {
    const id = bootstrapInstanceIn(this.#tree);
    if (id === undefined) return;
    const transaction = this.#tree.begin(deviceOrigin, now);
    transaction.delete(pathOf(Security.definition.id, id));
    transaction.commit();
  }
}

/** Absent and negative times are none. */
function secondsOf(value: number | undefined): Seconds {
  return seconds(Math.max(value ?? 0, 0));
}
