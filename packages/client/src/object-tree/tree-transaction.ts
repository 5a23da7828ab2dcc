import type { Instant } from '@dunlin/base';
import { ResponseCode } from '@dunlin/coap';
import {
  formatPath,
  type ObjectInstancePath,
  pathOf,
  type Refusal,
  refusal,
  type ResourceContent,
  type ResourcePath,
} from '@dunlin/lwm2m';

import type { ObjectSetup } from './object-setup.ts';
import type { ObjectTreeLimits } from './object-tree.ts';
import type { ChangeOrigin, ResourceWrite, TreeChange, TreeProposal } from './tree-change.ts';
import type { DynamicResource, TreeResource, TreeResources } from './tree-resource.ts';

/** What a transaction needs of its tree. */
export interface TransactionTarget {
  readonly setup: (objectId: number) => ObjectSetup | undefined;
  readonly instance: (path: ObjectInstancePath) => TreeResources | undefined;
  readonly instanceIds: (objectId: number) => readonly number[];
  readonly limits: ObjectTreeLimits;
  /** Plans what follows from a plan that is about to be committed. */
  readonly complete?: ((plan: TreeTransaction) => void) | undefined;
  readonly apply: (
    drafts: ReadonlyMap<ObjectInstancePath, TreeResources | undefined>,
    change: TreeChange,
  ) => void;
}

interface Draft {
  readonly path: ObjectInstancePath;
  readonly existed: boolean;
  /** The instance that existed goes, and another one takes its place. */
  isReplaced: boolean;
  /** `undefined` when the instance is to be deleted. */
  resources: Map<number, TreeResource> | undefined;
}

interface DynamicWrite {
  readonly resource: DynamicResource;
  readonly content: ResourceContent | undefined;
}

/**
 * A set of changes that is planned first and applied whole or not at all. Whoever plans has checked
 * definitions and rights; hooks and limits are asked at `commit`.
 */
export class TreeTransaction {
  readonly #origin: ChangeOrigin;
  readonly #now: Instant;
  readonly #target: TransactionTarget;
  readonly #drafts = new Map<string, Draft>();
  readonly #written = new Map<string, ResourceWrite>();
  readonly #dynamicWrites: DynamicWrite[] = [];
  #problem: Refusal | undefined;

  constructor(origin: ChangeOrigin, now: Instant, target: TransactionTarget) {
    this.#origin = origin;
    this.#now = now;
    this.#target = target;
  }

  /** Plans a new instance with exactly these Resources. */
  create(path: ObjectInstancePath, resources: TreeResources): void {
    const draft = this.#draft(path);
    if (draft.resources !== undefined) {
      this.#refuse(ResponseCode.badRequest, `${formatPath(path)} exists already`);
      return;
    }
    draft.resources = new Map(resources);
    draft.isReplaced = draft.existed;
    for (const [id, resource] of resources) {
      if (resource.kind === 'stored') this.#note(resourceOf(path, id), resource.content);
    }
  }

  /** Plans that an instance goes. */
  delete(path: ObjectInstancePath): void {
    this.#draft(path).resources = undefined;
  }

  /** Plans that a Resource has this value; it comes into being when it was not instantiated. */
  write(path: ResourcePath, content: ResourceContent): void {
    const resources = this.#draft(instanceOf(path)).resources;
    if (resources === undefined) {
      this.#refuse(ResponseCode.notFound, `${formatPath(instanceOf(path))} does not exist`);
      return;
    }
    if (content.kind === 'multiple' && content.values.size > this.#target.limits.resourceInstances) {
      this.#refuse(
        ResponseCode.internalServerError,
        `${formatPath(path)} would have too many Resource Instances`,
      );
      return;
    }
    const current = resources.get(path.resourceId);
    if (current?.kind === 'executable' || (current?.kind === 'dynamic' && current.write === undefined)) {
      this.#refuse(ResponseCode.methodNotAllowed, `${formatPath(path)} cannot be written on this device`);
      return;
    }
    if (current?.kind === 'dynamic') this.#dynamicWrites.push({ resource: current, content });
    else resources.set(path.resourceId, { kind: 'stored', content });
    this.#note(path, content);
  }

  /** Plans that a stored Resource goes, and that a dynamic one is reset; harmless when there is none. */
  remove(path: ResourcePath): void {
    const resources = this.#draft(instanceOf(path)).resources;
    const current = resources?.get(path.resourceId);
    if (current === undefined || current.kind === 'executable') return;
    if (current.kind === 'dynamic') this.#dynamicWrites.push({ resource: current, content: undefined });
    else resources?.delete(path.resourceId);
    this.#note(path, undefined);
  }

  /** Who makes the changes, and which instances come and go by them. */
  summary(): Pick<TreeProposal, 'origin' | 'created' | 'deleted'> {
    const drafts = [...this.#drafts.values()];
    return { origin: this.#origin, created: createdIn(drafts), deleted: deletedIn(drafts) };
  }

  /** The ids of the instances that an Object has in the plan, in order. */
  readonly instanceIds = (objectId: number): readonly number[] => {
    const ids = new Set(this.#target.instanceIds(objectId));
    for (const { path, resources } of this.#drafts.values()) {
      if (path.objectId !== objectId) continue;
      if (resources === undefined) ids.delete(path.objectInstanceId);
      else ids.add(path.objectInstanceId);
    }
    return [...ids].sort((a, b) => a - b);
  };

  /** The Resources of an instance as they are planned. */
  readonly instance = (path: ObjectInstancePath): TreeResources | undefined => {
    const draft = this.#drafts.get(formatPath(path));
    return draft === undefined ? this.#target.instance(path) : draft.resources;
  };

  /** Plans a step, or nothing of it when it is refused: the steps before it stay. */
  attempt(step: () => Refusal | undefined): Refusal | undefined {
    const drafts = [...this.#drafts.values()].map(copyOf);
    const written = new Map(this.#written);
    const dynamicWrites = this.#dynamicWrites.length;
    const refused = step() ?? this.#problem;
    if (refused === undefined) return undefined;
    this.#problem = undefined;
    this.#drafts.clear();
    for (const draft of drafts) this.#drafts.set(formatPath(draft.path), draft);
    this.#written.clear();
    for (const [key, write] of written) this.#written.set(key, write);
    this.#dynamicWrites.length = dynamicWrites;
    return refused;
  }

  /** Applies all of it, or nothing and says why. */
  commit(): Refusal | undefined {
    this.#target.complete?.(this);
    const drafts = [...this.#drafts.values()];
    const proposals = this.#proposals(drafts);
    const problem = this.#problem ?? this.#overLimit(proposals) ?? this.#vetoOf(proposals);
    if (problem !== undefined) return problem;

    for (const { resource, content } of this.#dynamicWrites) {
      if (content === undefined) resource.reset?.();
      else resource.write?.(content, this.#now);
    }
    const created = [...proposals.values()].flatMap((proposal) => proposal.created);
    const deleted = [...proposals.values()].flatMap((proposal) => proposal.deleted);
    const isNewOrGone = new Set([...created, ...deleted].map(formatPath));
    const written = [...this.#written.values()]
      .map((write) => write.path)
      .filter((path) => !isNewOrGone.has(formatPath(instanceOf(path))));
    this.#target.apply(new Map(drafts.map((draft) => [draft.path, this.#resultOf(draft)])), {
      origin: this.#origin,
      created,
      deleted,
      written,
    });
    for (const [objectId, proposal] of proposals) this.#target.setup(objectId)?.afterCommit?.(proposal);
    return undefined;
  }

  #draft(path: ObjectInstancePath): Draft {
    const key = formatPath(path);
    const known = this.#drafts.get(key);
    if (known !== undefined) return known;
    const current = this.#target.instance(path);
    const draft: Draft = {
      path,
      existed: current !== undefined,
      isReplaced: false,
      resources: current === undefined ? undefined : new Map(current),
    };
    this.#drafts.set(key, draft);
    return draft;
  }

  /** An instance that was there gets what was written; what else became of it since the plan began stays. */
  #resultOf({ path, existed, isReplaced, resources }: Draft): TreeResources | undefined {
    const current = this.#target.instance(path);
    if (resources === undefined || !existed || isReplaced || current === undefined) return resources;
    const result = new Map(current);
    for (const write of this.#written.values()) {
      const { objectId, objectInstanceId, resourceId } = write.path;
      if (objectId !== path.objectId || objectInstanceId !== path.objectInstanceId) continue;
      const planned = resources.get(resourceId);
      if (planned === undefined) result.delete(resourceId);
      else result.set(resourceId, planned);
    }
    return result;
  }

  #note(path: ResourcePath, content: ResourceContent | undefined): void {
    this.#written.set(formatPath(path), { path, content });
  }

  #refuse(code: ResponseCode, reason: string): void {
    this.#problem ??= refusal(code, reason);
  }

  #proposals(drafts: readonly Draft[]): ReadonlyMap<number, TreeProposal> {
    const objectIds = new Set(drafts.map((draft) => draft.path.objectId));
    return new Map(
      [...objectIds].map((objectId) => {
        const own = drafts.filter((draft) => draft.path.objectId === objectId);
        return [
          objectId,
          {
            origin: this.#origin,
            now: this.#now,
            created: createdIn(own),
            deleted: deletedIn(own),
            written: [...this.#written.values()].filter((write) => write.path.objectId === objectId),
          },
        ];
      }),
    );
  }

  #overLimit(proposals: ReadonlyMap<number, TreeProposal>): Refusal | undefined {
    for (const [objectId, { created, deleted }] of proposals) {
      const count = this.#target.instanceIds(objectId).length + created.length - deleted.length;
      if (created.length > 0 && count > this.#target.limits.instancesPerObject) {
        return refusal(ResponseCode.internalServerError, `no room for more instances of Object ${objectId}`);
      }
    }
    return undefined;
  }

  #vetoOf(proposals: ReadonlyMap<number, TreeProposal>): Refusal | undefined {
    for (const [objectId, proposal] of proposals) {
      const veto = this.#target.setup(objectId)?.beforeCommit?.(proposal);
      if (veto !== undefined) return veto;
    }
    return undefined;
  }
}

function createdIn(drafts: readonly Draft[]): readonly ObjectInstancePath[] {
  return drafts
    .filter(({ existed, resources }) => !existed && resources !== undefined)
    .map(({ path }) => path);
}

function deletedIn(drafts: readonly Draft[]): readonly ObjectInstancePath[] {
  return drafts
    .filter(({ existed, resources }) => existed && resources === undefined)
    .map(({ path }) => path);
}

function copyOf({ path, existed, isReplaced, resources }: Draft): Draft {
  return { path, existed, isReplaced, resources: resources === undefined ? undefined : new Map(resources) };
}

function instanceOf(path: ResourcePath): ObjectInstancePath {
  return pathOf(path.objectId, path.objectInstanceId);
}

function resourceOf(path: ObjectInstancePath, resourceId: number): ResourcePath {
  return pathOf(path.objectId, path.objectInstanceId, resourceId);
}
