import { type Random, type Seconds, seconds } from '@dunlin/base';
import type { RequestId } from '@dunlin/coap';
import { type BindingMode, parseBindingMode, Server } from '@dunlin/lwm2m';

import { type CompleteServerAccount, serverAccountDefaults } from './objects/server-account.ts';
import type { ObjectTree } from './object-tree/object-tree.ts';
import { storedNumber, storedText } from './object-tree/stored-value.ts';
import { AttributeStore } from './reporting/attribute-store.ts';
import { RegistrationEngine } from './registration/registration-engine.ts';
import type { RegistrationFacts } from './registration/registration-facts.ts';
import type { RetryPolicy } from './registration/retry-policy.ts';
import { parseServerUri, type ServerUri } from './registration/server-uri.ts';
import { ServerLink } from './transport/server-link.ts';

/** All that a client keeps for one Server. */
export interface ServerSession {
  readonly shortServerId: number;
  readonly uri: ServerUri;
  readonly registration: RegistrationEngine;
  readonly attributes: AttributeStore;
  /** The way to the Server, once it was found. */
  readonly link: ServerLink;
  /** The registration request under way. */
  request: RequestId | undefined;
}

/** What a session is made of. */
export interface ServerSessionOptions {
  readonly endpointName: string;
  readonly tree: ObjectTree;
  /** The object list as it is now. */
  readonly links: () => string;
  readonly retry: RetryPolicy;
  readonly random: Random;
  readonly attributePathLimit: number;
}

/** The session with a Server whose Server instance is `/1/{objectInstanceId}`. */
export function openServerSession(
  account: CompleteServerAccount,
  objectInstanceId: number,
  options: ServerSessionOptions,
): ServerSession {
  const { shortServerId } = account;
  const uri = parseServerUri(account.uri);
  const { endpointName, retry, random, tree, links } = options;
  const facts = (): RegistrationFacts => ({ ...termsOf(tree, objectInstanceId, account), links: links() });
  return {
    shortServerId,
    uri,
    registration: new RegistrationEngine({
      endpointName,
      shortServerId,
      uri,
      facts,
      retry,
      random,
    }),
    attributes: new AttributeStore(options.attributePathLimit),
    link: new ServerLink(),
    request: undefined,
  };
}

/** How long Disable lasts now: `/1/x/5`. */
export function disableTimeout(tree: ObjectTree, objectInstanceId: number): Seconds {
  const value = storedNumber(tree, Server(objectInstanceId).disableTimeout.path);
  return value === undefined ? serverAccountDefaults.disableTimeout : seconds(value);
}

/** Lifetime and binding as the Server instance says them: `lt` and `b` are to equal these (R-310 table). */
function termsOf(
  tree: ObjectTree,
  objectInstanceId: number,
  account: CompleteServerAccount,
): { readonly lifetime: Seconds; readonly bindingMode: BindingMode } {
  const server = Server(objectInstanceId);
  return {
    lifetime: seconds(storedNumber(tree, server.lifetime.path) ?? account.lifetime),
    bindingMode: parseBindingMode(storedText(tree, server.binding.path) ?? '') ?? account.binding,
  };
}
