import { equalBytes, type Instant } from '@dunlin/base';
import { ResponseCode } from '@dunlin/coap';
import { pathOf, type Refusal, refusal } from '@dunlin/lwm2m';

import type { ObjectTree } from '../object-tree/object-tree.ts';
import type { TreeTransaction } from '../object-tree/tree-transaction.ts';
import type { ReachableSchemes } from '../registration/server-uri.ts';
import { problemOfConfiguration } from './bootstrap-consistency.ts';
import { writeInstance } from './bootstrap-write.ts';
import { decodeProvisioningFile } from './provisioning-file.ts';
import { unbootstrap } from './unbootstrapping.ts';

/**
 * Port: a smartcard with the file LwM2M_Bootstrap (1.0 §5.2.3.2, Appendix G). How the file is read from the card, and
 * the secure channel to it (Appendix H), are the device's.
 */
export interface Smartcard {
  /** The content of the file; `undefined` when there is no card, or no such file on it. */
  read(): Promise<Uint8Array | undefined>;
}

type InstanceKey = `${number}/${number}`;

/** What a client has taken from a smartcard: it goes when the card does, and changes with it. */
export class SmartcardProvisioning {
  readonly #tree: ObjectTree;
  readonly #reachable: ReachableSchemes;
  #applied: Uint8Array | undefined;
  #instances: ReadonlySet<InstanceKey> = new Set();

  constructor(tree: ObjectTree, reachable: ReachableSchemes) {
    this.#tree = tree;
    this.#reachable = reachable;
  }

  /**
   * Puts what the card says in place of what it said before, as one transaction; without a card only the latter goes.
   * When the new information cannot be used, the old one is gone all the same: the refusal says why. Nothing
   * happens when this is what was applied last.
   */
  apply(file: Uint8Array | undefined, now: Instant): Refusal | undefined {
    if (!this.#isChanged(file)) return undefined;
    const refused = this.#replace(file, now);
    if (refused !== undefined && this.#instances.size > 0) this.#replace(undefined, now);
    this.#applied = file;
    return refused;
  }

  #isChanged(file: Uint8Array | undefined): boolean {
    if (file === undefined || this.#applied === undefined) return file !== this.#applied;
    return !equalBytes(file, this.#applied);
  }

  #replace(file: Uint8Array | undefined, now: Instant): Refusal | undefined {
    const objects = file === undefined ? [] : decodeProvisioningFile(file, (id) => this.#tree.definition(id));
    if ('kind' in objects) return objects;
    const plan = this.#tree.begin({ kind: 'bootstrap' }, now);
    for (const key of this.#instances) {
      const [objectId = 0, id = 0] = key.split('/').map(Number);
      if (plan.instance(pathOf(objectId, id)) !== undefined) plan.delete(pathOf(objectId, id));
    }
    const instances = new Set<InstanceKey>();
    for (const { objectId, instances: provisioned } of objects) {
      const setup = this.#tree.setup(objectId);
      if (setup === undefined) continue;
      for (const [id, resources] of provisioned) {
        const problem = writeInstance(pathOf(objectId, id), resources, plan, setup);
        if (problem !== undefined) return problem;
        instances.add(`${objectId}/${id}`);
      }
    }
    const problem = this.#conclude(plan, file !== undefined);
    if (problem === undefined) this.#instances = instances;
    return problem;
  }

  #conclude(plan: TreeTransaction, isProvisioned: boolean): Refusal | undefined {
    unbootstrap(this.#tree, plan);
    const problem = isProvisioned ? problemOfConfiguration(plan, this.#tree, this.#reachable) : undefined;
    if (problem !== undefined) return refusal(ResponseCode.notAcceptable, problem);
    return plan.commit();
  }
}
