import { UsageError } from '@dunlin/base';
import { Device } from '@dunlin/lwm2m';

import type { ClientCoreOptions } from './client-core-options.ts';
import { ObjectTree } from './object-tree/object-tree.ts';
import { storedText } from './object-tree/stored-value.ts';
import { securityObject } from './objects/security.ts';
import { problemOfBinding, serverObject, type ServerObjectActions } from './objects/server.ts';

/** The Objects that a client begins with. Throws `UsageError` when they and its accounts cannot be. */
export function clientTree(
  { accounts, bootstrapServer, objects, limits }: ClientCoreOptions,
  actions: Omit<ServerObjectActions, 'supportedBinding'>,
): ObjectTree {
  const supportedBinding = (): string => storedText(tree, Device.supportedBindingAndModes.path) ?? 'U';
  const own = [
    securityObject(accounts, bootstrapServer),
    serverObject(accounts, { ...actions, supportedBinding }),
  ];
  const tree = new ObjectTree([...own, ...objects], limits);
  if (tree.definition(Device.definition.id) === undefined) {
    throw new UsageError('A client needs the Device Object: add device({ … }) to its objects (1.0 §E.4).');
  }
  for (const { binding } of accounts) {
    const problem = problemOfBinding(binding, supportedBinding());
    if (problem !== undefined) throw new UsageError(`The binding of a Server cannot be: ${problem}.`);
  }
  return tree;
}
