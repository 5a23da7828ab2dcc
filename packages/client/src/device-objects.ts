import { type Instant, UsageError } from '@dunlin/base';
import {
  formatPath,
  isRefusal,
  maxId,
  type ObjectDefinition,
  type ObjectInstancePath,
  pathOf,
  type ReferredValue,
  type ResourceReference,
  type ResourceSpecifications,
} from '@dunlin/lwm2m';

import { checkObjectSetup, problemOfContent } from './object-tree/object-setup-check.ts';
import type { ObjectTree } from './object-tree/object-tree.ts';
import { deviceOrigin } from './object-tree/tree-change.ts';
import type { TreeTransaction } from './object-tree/tree-transaction.ts';
import {
  contentFrom,
  type PartialInstanceInput,
  treeResourcesFrom,
  valueFrom,
} from './objects/resource-input.ts';

/** The changes that a device's author can make in one step. */
export interface ObjectsChange {
  set<R extends ResourceReference>(resource: R, value: ReferredValue<R>): void;
  /** Removes an optional Resource. */
  remove(resource: ResourceReference): void;
  createInstance<R extends ResourceSpecifications>(
    object: { readonly definition: ObjectDefinition; readonly resources: R },
    objectInstanceId: number,
    resources: PartialInstanceInput<R>,
  ): void;
  deleteInstance(instance: ObjectInstancePath): void;
}

/** The object tree as the device's author sees it: typed, without access control, errors thrown. */
export class DeviceObjects {
  readonly #tree: ObjectTree;

  constructor(tree: ObjectTree) {
    this.#tree = tree;
  }

  /** The value of a Resource; `undefined` when it is not instantiated. */
  get<R extends ResourceReference>(resource: R, now: Instant): ReferredValue<R> | undefined {
    const content = this.#tree.content(resource.path, now);
    return content === undefined ? undefined : (valueFrom(content) as ReferredValue<R>); // oxlint-disable-line typescript/no-unsafe-type-assertion -- the definition that types the reference types the content
  }

  /** Makes the changes, all or none. Throws `UsageError` on what cannot be, and what `make` throws. */
  change(make: (objects: ObjectsChange) => void, now: Instant): void {
    const transaction = this.#tree.begin(deviceOrigin, now);
    make({
      set: (resource, value) => this.#set(transaction, resource, value),
      remove: (resource) => transaction.remove(resource.path),
      createInstance: (object, id, resources) => this.#create(transaction, object, id, resources),
      deleteInstance: (instance) => this.#delete(transaction, instance),
    });
    const problem = transaction.commit();
    if (isRefusal(problem))
      throw new UsageError(`The device's own change cannot be made: ${problem.reason}.`);
  }

  #set(transaction: TreeTransaction, { path, definition }: ResourceReference, value: unknown): void {
    const content = contentFrom(definition, value);
    const problem = problemOfContent(content, definition);
    if (problem !== undefined) throw new UsageError(`${formatPath(path)} (${definition.name}): ${problem}.`);
    transaction.write(path, content);
  }

  #create<R extends ResourceSpecifications>(
    transaction: TreeTransaction,
    { definition, resources }: { readonly definition: ObjectDefinition; readonly resources: R },
    objectInstanceId: number,
    input: PartialInstanceInput<R>,
  ): void {
    const setup = this.#tree.setup(definition.id);
    if (setup === undefined)
      throw new UsageError(`Object ${definition.id} (${definition.name}) was not given to the client.`);
    const path = pathOf(definition.id, objectInstanceId);
    const isId = Number.isInteger(objectInstanceId) && objectInstanceId >= 0 && objectInstanceId < maxId;
    if (!isId || (!definition.isMultiple && objectInstanceId !== 0)) {
      throw new UsageError(`${definition.name} cannot have an instance ${objectInstanceId}.`);
    }
    const template = setup.template?.(objectInstanceId) ?? new Map();
    const given = new Map([...template, ...treeResourcesFrom(resources, input)]);
    checkObjectSetup({ ...setup, instances: new Map([[objectInstanceId, given]]) }, false);
    transaction.create(path, given);
  }

  #delete(transaction: TreeTransaction, instance: ObjectInstancePath): void {
    if (this.#tree.instance(instance) === undefined)
      throw new UsageError(`${formatPath(instance)} does not exist.`);
    transaction.delete(instance);
  }
}
