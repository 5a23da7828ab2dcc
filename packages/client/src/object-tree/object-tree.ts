import { earliestOf, type Instant, type Signal, SignalSource } from '@dunlin/base';
import {
  formatPath,
  type ObjectDefinition,
  type ObjectInstancePath,
  type Path,
  pathOf,
  type ResourceContent,
  type ResourcePath,
} from '@dunlin/lwm2m';

import type { ObjectClock } from './object-clock.ts';
import type { ObjectSetup } from './object-setup.ts';
import { checkObjectSetup } from './object-setup-check.ts';
import { type ChangeOrigin, deviceOrigin, type TreeChange } from './tree-change.ts';
import { TreeTransaction } from './tree-transaction.ts';
import type { TreeResource, TreeResources } from './tree-resource.ts';

/** How large a tree may grow at the hands of Servers. */
export interface ObjectTreeLimits {
  /** Object Instances of one Object. */
  readonly instancesPerObject: number;
  /** Resource Instances of one Resource; `dim` can say 255. */
  readonly resourceInstances: number;
}

/** 256 instances keep a whole object list in a few datagrams; 255 is what `dim` can say. */
export const objectTreeLimitsDefaults: ObjectTreeLimits = { instancesPerObject: 256, resourceInstances: 255 };

interface TreeObject {
  readonly setup: ObjectSetup;
  readonly instances: Map<number, TreeResources>;
}

/**
 * Objects, their instances and their Resources, as the device has them now (1.0 §6.1, R-101). Changes go
 * through transactions, which apply whole or not at all.
 */
export class ObjectTree {
  readonly #objects = new Map<number, TreeObject>();
  readonly #changed = new SignalSource<TreeChange>();
  readonly #limits: ObjectTreeLimits;
  readonly #clocks: ObjectClock[] = [];
  readonly #meters: NonNullable<ObjectSetup['packetPassed']>[] = [];
  #complete: ((plan: TreeTransaction) => void) | undefined;

  /** Throws `UsageError` when a setup breaks a rule of its definition, or two are of one Object. */
  constructor(setups: readonly ObjectSetup[], limits: Partial<Readonly<ObjectTreeLimits>> = {}) {
    this.#limits = { ...objectTreeLimitsDefaults, ...limits };
    for (const setup of [...setups].sort((a, b) => a.definition.id - b.definition.id)) {
      checkObjectSetup(setup, this.#objects.has(setup.definition.id));
      this.#objects.set(setup.definition.id, { setup, instances: new Map(setup.instances) });
      setup.changed?.subscribe((paths) => this.touch(paths));
      if (setup.clock !== undefined) this.#clocks.push(setup.clock);
      if (setup.packetPassed !== undefined) this.#meters.push(setup.packetPassed);
    }
  }

  /** Fires after every committed transaction and every `touch`. */
  get changed(): Signal<TreeChange> {
    return this.#changed;
  }

  /** The ids of the supported Objects, in order. */
  get objectIds(): readonly number[] {
    return [...this.#objects.keys()];
  }

  /** How the device supports an Object; `undefined` when it does not. */
  setup(objectId: number): ObjectSetup | undefined {
    return this.#objects.get(objectId)?.setup;
  }

  /** The definition of a supported Object. */
  definition(objectId: number): ObjectDefinition | undefined {
    return this.#objects.get(objectId)?.setup.definition;
  }

  /** The ids of the instances of an Object, in order; none when it is not supported. */
  instanceIds(objectId: number): readonly number[] {
    return [...(this.#objects.get(objectId)?.instances.keys() ?? [])].sort((a, b) => a - b);
  }

  /** The Resources of an instance. */
  instance(path: ObjectInstancePath | ResourcePath): TreeResources | undefined {
    return this.#objects.get(path.objectId)?.instances.get(path.objectInstanceId);
  }

  /** One Resource, when it is instantiated. */
  resource(path: ResourcePath): TreeResource | undefined {
    return this.instance(path)?.get(path.resourceId);
  }

  /** True when what the path names exists: a supported Object, an instance, an instantiated Resource or Resource Instance. */
  has(path: Path, now: Instant): boolean {
    switch (path.kind) {
      case 'root':
        return true;
      case 'object':
        return this.#objects.has(path.objectId);
      case 'object-instance':
        return this.instance(path) !== undefined;
      case 'resource':
        return this.resource(path) !== undefined;
      case 'resource-instance': {
        const content = this.content(pathOf(path.objectId, path.objectInstanceId, path.resourceId), now);
        return content?.kind === 'multiple' && content.values.has(path.resourceInstanceId);
      }
    }
  }

  /** The value of a Resource as of `now`; `undefined` when it is not instantiated or an executable. */
  content(path: ResourcePath, now: Instant): ResourceContent | undefined {
    const resource = this.resource(path);
    return resource === undefined ? undefined : contentOf(resource, now);
  }

  /** Lets `complete` plan what follows from each transaction that is about to be committed. */
  onCommit(complete: (plan: TreeTransaction) => void): void {
    this.#complete = complete;
  }

  /** Begins a transaction; nothing changes before its `commit`. */
  begin(origin: ChangeOrigin, now: Instant): TreeTransaction {
    return new TreeTransaction(origin, now, {
      setup: (objectId) => this.setup(objectId),
      instance: (path) => this.instance(path),
      instanceIds: (objectId) => this.instanceIds(objectId),
      limits: this.#limits,
      complete: this.#complete,
      apply: (drafts, change) => this.#apply(drafts, change),
    });
  }

  /** Says that dynamic values became other ones. */
  touch(paths: ResourcePath | readonly ResourcePath[], origin: ChangeOrigin = deviceOrigin): void {
    const written = 'kind' in paths ? [paths] : paths;
    this.#changed.emit({ origin, created: [], deleted: [], written });
  }

  /** When the clock of an Object has something to do. */
  get deadline(): Instant | undefined {
    let deadline: Instant | undefined;
    for (const clock of this.#clocks) deadline = earliestOf(deadline, clock.deadline);
    return deadline;
  }

  /** Lets Objects do what they do of their own accord. */
  wake(now: Instant): void {
    for (const clock of this.#clocks) {
      if (clock.deadline !== undefined && clock.deadline <= now) clock.wake(now);
    }
  }

  /** Tells Objects that count traffic of an IP packet. */
  packetPassed(direction: 'sent' | 'received', bytes: number): void {
    for (const count of this.#meters) count(direction, bytes);
  }

  #apply(drafts: ReadonlyMap<ObjectInstancePath, TreeResources | undefined>, change: TreeChange): void {
    for (const [path, resources] of drafts) {
      const instances = this.#objects.get(path.objectId)?.instances;
      if (instances === undefined) throw new Error(`${formatPath(path)} is of no supported Object`);
      if (resources === undefined) instances.delete(path.objectInstanceId);
      else instances.set(path.objectInstanceId, resources);
    }
    this.#changed.emit(change);
  }
}

/** The value of a Resource; `undefined` for an executable. */
function contentOf(resource: TreeResource, now: Instant): ResourceContent | undefined {
  switch (resource.kind) {
    case 'stored':
      return resource.content;
    case 'dynamic':
      return resource.read(now);
    case 'executable':
      return undefined;
  }
}
