import { utf8Encode } from '@dunlin/base';
import { ContentFormat, type IncomingRequest, type Response, ResponseCode } from '@dunlin/coap';
import {
  type BootstrapOperationName,
  formatBootstrapDiscovery,
  identifyBootstrapOperation,
  isRefusal,
  type Path,
  type Refusal,
} from '@dunlin/lwm2m';
import type { Instant } from '@dunlin/base';

import type { ObjectTree } from '../object-tree/object-tree.ts';
import type { TreeTransaction } from '../object-tree/tree-transaction.ts';
import type { ReachableSchemes } from '../registration/server-uri.ts';
import { problemOfConfiguration } from './bootstrap-consistency.ts';
import { bootstrapDelete } from './bootstrap-delete.ts';
import { bootstrapDiscovery } from './bootstrap-discover.ts';
import { bootstrapWrite } from './bootstrap-write.ts';
import { unbootstrap } from './unbootstrapping.ts';

/** What became of a command of the Bootstrap-Server. */
export interface BootstrapOutcome {
  readonly response: Response;
  readonly operation?: BootstrapOperationName;
  readonly path?: Path;
  /** Why it was refused; the diagnostic payload says the same. */
  readonly refusal?: Refusal;
  /** What a hook of the device threw: the answer is 5.00. */
  readonly error?: unknown;
}

/**
 * The commands of a Bootstrap-Server, without regard to access rights and operations of Resources. They are
 * planned as one transaction: Finish makes all of it hold, or nothing changes.
 */
export class BootstrapInterface {
  readonly #tree: ObjectTree;
  readonly #reachable: ReachableSchemes;
  /** What has been planned in this sequence. */
  #plan: TreeTransaction | undefined;

  constructor(tree: ObjectTree, reachable: ReachableSchemes) {
    this.#tree = tree;
    this.#reachable = reachable;
  }

  /** Forgets what was planned. */
  discard(): void {
    this.#plan = undefined;
  }

  /** Carries out a command, or says with which code it is refused. */
  carryOut(request: IncomingRequest, now: Instant): BootstrapOutcome {
    const identified = identifyBootstrapOperation(request);
    if (isRefusal(identified)) return refused(identified);
    const { name: operation, path } = identified;
    const facts = { operation, path };
    const plan = (this.#plan ??= this.#tree.begin({ kind: 'bootstrap' }, now));
    try {
      const result =
        operation === 'bootstrap-discover'
          ? discover(path, plan, this.#tree)
          : operation === 'bootstrap-finish'
            ? this.#finish(plan)
            : this.#change(operation, path, request, plan);
      return { ...(isRefusal(result) ? refused(result) : { response: result }), ...facts };
    } catch (error) {
      const refusal: Refusal = {
        kind: 'refused',
        code: ResponseCode.internalServerError,
        reason: 'the device failed to do it',
      };
      return { ...refused(refusal), ...facts, error };
    }
  }

  #change(
    operation: 'bootstrap-write' | 'bootstrap-delete',
    path: Path,
    request: IncomingRequest,
    plan: TreeTransaction,
  ): Response | Refusal {
    const isWrite = operation === 'bootstrap-write';
    const problem = plan.attempt(() =>
      isWrite ? bootstrapWrite(path, request, plan, this.#tree) : bootstrapDelete(path, plan, this.#tree),
    );
    return problem ?? { code: isWrite ? ResponseCode.changed : ResponseCode.deleted };
  }

  #finish(plan: TreeTransaction): Response | Refusal {
    const problem = plan.attempt(() => {
      unbootstrap(this.#tree, plan);
      const inconsistency = problemOfConfiguration(plan, this.#tree, this.#reachable);
      return inconsistency === undefined ? undefined : notAcceptable(inconsistency);
    });
    if (problem !== undefined) return problem;
    const veto = plan.commit();
    if (veto !== undefined) return notAcceptable(veto.reason);
    this.#plan = undefined;
    return { code: ResponseCode.changed };
  }
}

function discover(path: Path, plan: TreeTransaction, tree: ObjectTree): Response | Refusal {
  const discovery = bootstrapDiscovery(path, plan, tree);
  if (isRefusal(discovery)) return discovery;
  return {
    code: ResponseCode.content,
    contentFormat: ContentFormat.linkFormat,
    payload: utf8Encode(formatBootstrapDiscovery(discovery)),
  };
}

/** The code of a Finish whose configuration cannot be. */
function notAcceptable(reason: string): Refusal {
  return { kind: 'refused', code: ResponseCode.notAcceptable, reason };
}

function refused(refusal: Refusal): Pick<BootstrapOutcome, 'response' | 'refusal'> {
  return { response: { code: refusal.code, payload: utf8Encode(refusal.reason) }, refusal };
}
