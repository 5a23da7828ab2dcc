import {
  equalBytes,
  type Instant,
  type Milliseconds,
  type Random,
  type Seconds,
  seconds,
} from '@dunlin/base';
import type { RequestId } from '@dunlin/coap';
import { type BindingMode, parseBindingMode, pathOf, Security, Server } from '@dunlin/lwm2m';

import type { ObjectTree } from './object-tree/object-tree.ts';
import { storedNumber, storedText, storedTruth } from './object-tree/stored-value.ts';
import type { TreeResources } from './object-tree/tree-resource.ts';
import { serverAccountDefaults } from './objects/server-account.ts';
import { AwakeWindow } from './queue-mode/awake-window.ts';
import { RegistrationEngine } from './registration/registration-engine.ts';
import type { RegistrationFacts } from './registration/registration-facts.ts';
import type { RetryPolicy } from './registration/retry-policy.ts';
import { parseServerUri, type ServerUri } from './registration/server-uri.ts';
import { registersBySms, type SmsChannel, smsChannelIn, smsUri } from './sms/sms-channel.ts';
import { AttributeStore } from './reporting/attribute-store.ts';
import { StoredNotifications } from './reporting/stored-notifications.ts';
import type { AccountInstances } from './security/account-instances.ts';
import type { ClientState } from './state/client-state.ts';
import { ServerLink } from './transport/server-link.ts';

/** All that a client keeps for one Server. */
export interface ServerSession {
  readonly shortServerId: number;
  /** Its instances of Objects 0 and 1. */
  readonly account: AccountInstances;
  /** What the Security instance said when the session began. */
  readonly security: TreeResources;
  readonly uri: ServerUri;
  /** The way by short messages; absent where there is none, or the binding mode has no S. */
  readonly sms: SmsChannel | undefined;
  readonly registration: RegistrationEngine;
  readonly attributes: AttributeStore;
  /** The way to the Server, once it was found. */
  readonly link: ServerLink;
  /** When the client listens to the Server. */
  readonly awake: AwakeWindow;
  /** What waits until the Server can be reached. */
  readonly stored: StoredNotifications;
  /** The registration request under way. */
  request: RequestId | undefined;
  /** When an association over short messages was last asked for, beside that over UDP. */
  smsAskedAt: Instant | undefined;
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
  readonly storedNotificationLimit: number;
  readonly awakeWindow: Milliseconds;
  /** Our own number, where there are short messages. */
  readonly smsNumber: string | undefined;
  /** The same where all goes by short messages, which take longer. */
  readonly smsAwakeWindow: Milliseconds;
  /** What Servers had set when the state was saved. */
  readonly savedAttributes: ClientState['attributes'];
}

/** The session with the Server of an account. Throws `UsageError` when its URI cannot be. */
export function openServerSession(account: AccountInstances, options: ServerSessionOptions): ServerSession {
  const { shortServerId, securityInstanceId, serverInstanceId } = account;
  const { endpointName, retry, random, tree, links } = options;
  const security = tree.instance(pathOf(Security.definition.id, securityInstanceId)) ?? new Map();
  const sms = channelOf(account, tree);
  const uri = uriOf(account, tree);
  const facts = (): RegistrationFacts => {
    const terms = termsOf(tree, serverInstanceId);
    const smsNumber = terms.bindingMode.includes('S') ? options.smsNumber : undefined;
    return { ...terms, smsNumber, links: links() };
  };
  const awakeWindow = uri.transport === 'sms' ? options.smsAwakeWindow : options.awakeWindow;
  const attributes = new AttributeStore(options.attributePathLimit);
  attributes.restore(options.savedAttributes.get(shortServerId) ?? new Map());
  return {
    shortServerId,
    account,
    security,
    uri,
    sms,
    registration: new RegistrationEngine({ endpointName, shortServerId, uri, facts, retry, random }),
    attributes,
    awake: new AwakeWindow(awakeWindow, () => termsOf(tree, serverInstanceId).bindingMode.includes('Q')),
    stored: new StoredNotifications(options.storedNotificationLimit),
    link: new ServerLink(),
    request: undefined,
    smsAskedAt: undefined,
  };
}

/** The way by short messages that the binding mode asks for; absent where there is none. */
function channelOf(
  { securityInstanceId, serverInstanceId }: AccountInstances,
  tree: ObjectTree,
): SmsChannel | undefined {
  if (!termsOf(tree, serverInstanceId).bindingMode.includes('S')) return undefined;
  const channel = smsChannelIn(tree, securityInstanceId);
  return channel.kind === 'sms-channel' ? channel : undefined;
}

/** The way that the client registers on by short messages: with S and SQ. With all other modes it is UDP. */
function registrationChannelOf(account: AccountInstances, tree: ObjectTree): SmsChannel | undefined {
  const { bindingMode } = termsOf(tree, account.serverInstanceId);
  return registersBySms(bindingMode) ? channelOf(account, tree) : undefined;
}

/** Where the client registers. */
function uriOf(account: AccountInstances, tree: ObjectTree): ServerUri {
  const channel = registrationChannelOf(account, tree);
  if (channel !== undefined) return smsUri(channel);
  return parseServerUri(storedText(tree, Security(account.securityInstanceId).lwm2mServerUri.path) ?? '');
}

/** True when the account of a session is as it was when the session began: same place, same URI, mode and keys. */
export function isUnchanged(session: ServerSession, account: AccountInstances, tree: ObjectTree): boolean {
  if (session.account.serverInstanceId !== account.serverInstanceId) return false;
  const security = tree.instance(pathOf(Security.definition.id, account.securityInstanceId));
  if (security === undefined) return false;
  const isSameWay =
    (session.uri.transport === 'sms') === (registrationChannelOf(account, tree) !== undefined) &&
    (session.sms === undefined) === (channelOf(account, tree) === undefined);
  return isSameWay && materialIds.every((id) => isSame(session.security, security, id));
}

/** True when nothing can be told to the Server now: it cannot be reached, or the client is asleep towards it. */
export function isAway({ link, registration, awake }: ServerSession): boolean {
  return awake.isAsleep || link.carrier === undefined || !registration.isServing;
}

/** Whether what cannot be told now is told later: `/1/x/6`; true where nothing is said. */
export function storesNotifications(tree: ObjectTree, { account }: ServerSession): boolean {
  const { path } = Server(account.serverInstanceId).notificationStoringWhenDisabledOrOffline;
  return tree.resource(path) === undefined || storedTruth(tree, path);
}

/**
 * True when the Server would not find the client at its address after a pause: only a connection id does that, and a
 * telephone number, which stays. A handshake by short messages would cost six of them at each waking.
 */
export function needsReassociation({ link }: ServerSession): boolean {
  const { carrier } = link;
  if (carrier === undefined || carrier.security.kind === 'none') return false;
  return carrier.transport !== 'sms' && carrier.association?.hasConnectionId !== true;
}

/** How long Disable lasts now: `/1/x/5`. */
export function disableTimeout(tree: ObjectTree, serverInstanceId: number): Seconds {
  const value = storedNumber(tree, Server(serverInstanceId).disableTimeout.path);
  return value === undefined ? serverAccountDefaults.disableTimeout : seconds(value);
}

const { lwm2mServerUri, securityMode, publicKeyOrIdentity, serverPublicKey, secretKey } = Security.resources;
const { smsSecurityMode, smsBindingKeyParameters, smsBindingSecretKeys, lwm2mServerSmsNumber } =
  Security.resources;
const materialIds = [
  lwm2mServerUri,
  securityMode,
  publicKeyOrIdentity,
  serverPublicKey,
  secretKey,
  smsSecurityMode,
  smsBindingKeyParameters,
  smsBindingSecretKeys,
  lwm2mServerSmsNumber,
].map(({ id }) => id);

function isSame(before: TreeResources, after: TreeResources, resourceId: number): boolean {
  const [one, other] = [before, after].map((resources) => {
    const resource = resources.get(resourceId);
    return resource?.kind === 'stored' && resource.content.kind === 'single'
      ? resource.content.value
      : undefined;
  });
  return one instanceof Uint8Array && other instanceof Uint8Array ? equalBytes(one, other) : one === other;
}

/** Lifetime and binding as the Server instance says them: `lt` and `b` are to equal these (R-310 table). */
function termsOf(
  tree: ObjectTree,
  serverInstanceId: number,
): { readonly lifetime: Seconds; readonly bindingMode: BindingMode } {
  const server = Server(serverInstanceId);
  const { lifetime, binding } = serverAccountDefaults;
  const stored = storedNumber(tree, server.lifetime.path);
  return {
    lifetime: stored === undefined ? lifetime : seconds(stored),
    bindingMode: parseBindingMode(storedText(tree, server.binding.path) ?? '') ?? binding,
  };
}
