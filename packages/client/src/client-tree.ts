import { type Instant, instantFrom, UsageError } from '@dunlin/base';
import { AccessControl, Device } from '@dunlin/lwm2m';

import {
  completeAccessControl,
  followWithAccessControl,
} from './access-control/access-control-life-cycle.ts';
import { accessControl } from './access-control/access-control-object.ts';
import type { ClientCoreOptions } from './client-core-options.ts';
import { ObjectTree } from './object-tree/object-tree.ts';
import { storedText } from './object-tree/stored-value.ts';
import { deviceOrigin } from './object-tree/tree-change.ts';
import { securityObject } from './objects/security.ts';
import { problemOfBinding, serverObject, type ServerObjectActions } from './objects/server.ts';

/** The Objects that a client begins with. Throws `UsageError` when they and its accounts cannot be. */
export function clientTree(
  { accounts, bootstrapServer, objects, limits, accessPolicy }: ClientCoreOptions,
  actions: Omit<ServerObjectActions, 'supportedBinding'>,
): ObjectTree {
  const supportedBinding = (): string => storedText(tree, Device.supportedBindingAndModes.path) ?? 'U';
  const own = [
    securityObject(accounts, bootstrapServer),
    serverObject(accounts, { ...actions, supportedBinding }),
  ];
  const isGoverned = objects.some(({ definition }) => definition.id === AccessControl.definition.id);
  // Several Servers need access control, unless the author has a policy of his own.
  if (accounts.length > 1 && !isGoverned && accessPolicy === undefined) own.push(accessControl());
  const tree = new ObjectTree([...own, ...objects], limits);
  if (tree.definition(Device.definition.id) === undefined) {
    throw new UsageError('A client needs the Device Object: add device({ … }) to its objects (1.0 §E.4).');
  }
  for (const { binding } of accounts) {
    const problem = problemOfBinding(binding, supportedBinding());
    if (problem !== undefined) throw new UsageError(`The binding of a Server cannot be: ${problem}.`);
  }
  if (accessPolicy === undefined) governAccess(tree);
  return tree;
}

/** Lets Access Control instances be there for all instances, from now on. */
function governAccess(tree: ObjectTree): void {
  const plan = tree.begin(deviceOrigin, atStart);
  completeAccessControl(tree, plan);
  const problem = plan.commit();
  if (problem !== undefined) throw new UsageError(`There cannot be access control: ${problem.reason}.`);
  tree.onCommit((later) => followWithAccessControl(tree, later));
}

/** Nothing that is planned at start depends on the time. */
const atStart: Instant = instantFrom(0);
