import type { Instant } from '@dunlin/base';
import { ResponseCode } from '@dunlin/coap';
import {
  type BindingMode,
  formatPath,
  parseBindingMode,
  type Refusal,
  refusal,
  Server,
  type Value,
} from '@dunlin/lwm2m';

import type { ObjectSetup } from '../object-tree/object-setup.ts';
import type { ResourceWrite, TreeProposal } from '../object-tree/tree-change.ts';
import { afterAnswer, type ExecuteHandler } from '../object-tree/tree-resource.ts';
import { objectInstances } from './object-instances.ts';
import type { CompleteServerAccount } from './server-account.ts';

/** What the Server Object asks of the registration with a Server. */
export interface ServerObjectActions {
  /** Execute `/1/x/4`, of the instance x. */
  readonly disable: (objectInstanceId: number, now: Instant) => void;
  /** Execute `/1/x/8`, of the instance x. */
  readonly update: (objectInstanceId: number, now: Instant) => void;
  /** What `/3/0/16` says. */
  readonly supportedBinding: () => string;
  /** Why the Server of the instance x cannot be reached as a binding mode says; `undefined` when it can. */
  readonly problemOfWay: (objectInstanceId: number, mode: BindingMode) => string | undefined;
}

type Triggers = Readonly<Record<'disable' | 'registrationUpdateTrigger', ExecuteHandler>>;

/**
 * The Server Object, `/1`: an instance per account. Servers come and go by bootstrap only, so that Create and
 * Delete over the Device Management interface are answered with 4.05.
 */
export function serverObject(
  accounts: readonly CompleteServerAccount[],
  actions: ServerObjectActions,
): ObjectSetup {
  const triggers = (objectInstanceId: number): Triggers => ({
    disable: () => afterAnswer((now) => actions.disable(objectInstanceId, now)),
    registrationUpdateTrigger: () => afterAnswer((now) => actions.update(objectInstanceId, now)),
  });
  const instances = accounts.map(
    (account, objectInstanceId) =>
      [
        objectInstanceId,
        {
          shortServerId: account.shortServerId,
          lifetime: account.lifetime,
          defaultMinimumPeriod: account.defaultMinimumPeriod,
          defaultMaximumPeriod: account.defaultMaximumPeriod,
          disableTimeout: account.disableTimeout,
          notificationStoringWhenDisabledOrOffline: account.notificationStoring,
          binding: account.binding,
          ...triggers(objectInstanceId),
        },
      ] as const,
  );
  return objectInstances(Server, Object.fromEntries(instances), {
    template: triggers,
    beforeCommit: (proposal) => problemOfProposal(proposal, actions),
  });
}

function problemOfProposal(proposal: TreeProposal, actions: ServerObjectActions): Refusal | undefined {
  for (const write of proposal.written) {
    // The Bootstrap-Server writes one after the other, and the whole is checked in the end.
    const isOfServer = proposal.origin.kind === 'server';
    const problem = problemOfWrite(write, actions) ?? (isOfServer ? problemOfWay(write, actions) : undefined);
    if (problem !== undefined)
      return refusal(ResponseCode.badRequest, `${formatPath(write.path)}: ${problem}`);
  }
  return undefined;
}

function problemOfWrite({ path, content }: ResourceWrite, actions: ServerObjectActions): string | undefined {
  if (content?.kind !== 'single') return undefined;
  const { resources } = Server;
  switch (path.resourceId) {
    case resources.lifetime.id:
      return isWithin(content.value, 1) ? undefined : 'a lifetime is 1 second at least';
    case resources.defaultMinimumPeriod.id:
    case resources.defaultMaximumPeriod.id:
    case resources.disableTimeout.id:
      return isWithin(content.value, 0) ? undefined : 'a period is not negative and fits 32 bits';
    case resources.binding.id:
      return problemOfBinding(content.value, actions.supportedBinding());
    default:
      return undefined;
  }
}

function problemOfWay({ path, content }: ResourceWrite, actions: ServerObjectActions): string | undefined {
  if (path.resourceId !== Server.resources.binding.id || content?.kind !== 'single') return undefined;
  const mode = typeof content.value === 'string' ? parseBindingMode(content.value) : undefined;
  return mode === undefined ? undefined : actions.problemOfWay(path.objectInstanceId, mode);
}

/** Lifetimes and periods of more than 2^31 − 1 seconds (68 years) are mistakes and would not fit peers' counters. */
function isWithin(value: Value, minimum: number): boolean {
  return (typeof value === 'number' || typeof value === 'bigint') && value >= minimum && value <= 0x7fff_ffff;
}

/** A device that supports `UQS` can be told to use each of its parts. */
export function problemOfBinding(binding: Value, supported: string): string | undefined {
  if (typeof binding !== 'string' || parseBindingMode(binding) === undefined) return 'it is no binding mode';
  const isSupported = binding.split('').every((letter) => supported.includes(letter));
  return isSupported ? undefined : `binding mode '${binding}' is not supported, '${supported}' is`;
}
