import { type Instant, instantFrom, UsageError } from '@dunlin/base';
import { AccessControl, type BindingMode, Device, Security } from '@dunlin/lwm2m';

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
import { accountsIn } from './security/account-instances.ts';
import { isTelephoneUri, registersBySms, smsChannelIn } from './sms/sms-channel.ts';

/** The Objects that a client begins with. Throws `UsageError` when they and its accounts cannot be. */
export function clientTree(
  { accounts, bootstrapServer, objects, limits, accessPolicy, reachable }: ClientCoreOptions,
  actions: Omit<ServerObjectActions, 'supportedBinding' | 'problemOfWay'>,
): ObjectTree {
  const supportedBinding = (): string => storedText(tree, Device.supportedBindingAndModes.path) ?? 'U';
  const own = [
    securityObject(accounts, bootstrapServer),
    serverObject(accounts, {
      ...actions,
      supportedBinding,
      problemOfWay: (id, mode) => problemOfWay(tree, id, { mode, hasSms: reachable.sms }),
    }),
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

/** Why a Server that has an account cannot be reached as a binding mode says. */
function problemOfWay(
  tree: ObjectTree,
  serverInstanceId: number,
  { mode, hasSms }: { readonly mode: BindingMode; readonly hasSms: boolean },
): string | undefined {
  const account = accountsIn(tree).find((candidate) => candidate.serverInstanceId === serverInstanceId);
  if (account === undefined) return undefined;
  if (mode.includes('S')) {
    if (!hasSms) return 'this device has no way of short messages';
    const channel = smsChannelIn(tree, account.securityInstanceId);
    if (channel.kind === 'none') return channel.problem ?? 'there is no number of the Server (/0/x/9)';
  }
  if (registersBySms(mode)) return undefined;
  const uri = storedText(tree, Security(account.securityInstanceId).lwm2mServerUri.path) ?? '';
  return isTelephoneUri(uri) ? `${uri} is reached by short messages only` : undefined;
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
