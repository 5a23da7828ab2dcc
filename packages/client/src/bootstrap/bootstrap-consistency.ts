import { UsageError } from '@dunlin/base';
import { AccessControl, formatPath, maxId, pathOf, Security, Server } from '@dunlin/lwm2m';

import type { ObjectTree } from '../object-tree/object-tree.ts';
import { type InstanceView, storedBytes, storedNumber, storedText } from '../object-tree/stored-value.ts';
import { parseServerUri, type ReachableSchemes } from '../registration/server-uri.ts';
import { isTelephoneUri, smsChannelIn } from '../sms/sms-channel.ts';
import { accountsIn, isOfBootstrapServer, shortServerIdOf } from '../security/account-instances.ts';
import { SecurityMode } from '../security/server-security.ts';

/**
 * Why a client cannot live with what a Bootstrap-Server has written; `undefined` when it can. What hooks of
 * Objects think of it is asked when it is committed.
 */
export function problemOfConfiguration(
  view: InstanceView,
  tree: ObjectTree,
  reachable: ReachableSchemes,
): string | undefined {
  return (
    problemOfMandatoryResources(view, tree) ??
    problemOfServerIds(view) ??
    problemOfSecurity(view, reachable) ??
    problemOfAccounts(view, tree) ??
    problemOfSmsWays(view, reachable) ??
    problemOfAccessControl(view, tree)
  );
}

function problemOfMandatoryResources(view: InstanceView, tree: ObjectTree): string | undefined {
  for (const objectId of tree.objectIds) {
    const definition = tree.definition(objectId);
    for (const id of view.instanceIds(objectId)) {
      const resources = view.instance(pathOf(objectId, id));
      for (const resource of definition?.resources.values() ?? []) {
        if (!resource.isMandatory || resources?.has(resource.id) === true) continue;
        // Without security there is nothing to say of keys, and not everybody says nothing (R-1002).
        if (objectId === Security.definition.id && keyResources.has(resource.id) && isNoSec(view, id))
          continue;
        return `${formatPath(pathOf(objectId, id, resource.id))} (${resource.name}) is mandatory and missing`;
      }
    }
  }
  return undefined;
}

const keyResources: ReadonlySet<number> = new Set(
  [
    Security.resources.publicKeyOrIdentity,
    Security.resources.serverPublicKey,
    Security.resources.secretKey,
  ].map(({ id }) => id),
);

function isNoSec(view: InstanceView, securityInstanceId: number): boolean {
  return storedNumber(view, Security(securityInstanceId).securityMode.path) === SecurityMode.none;
}

/** Short server ids are unique in each of both Objects, and from 1 to 65534. */
function problemOfServerIds(view: InstanceView): string | undefined {
  const ofSecurity = view.instanceIds(Security.definition.id).filter((id) => !isOfBootstrapServer(view, id));
  const bootstrapServers = view.instanceIds(Security.definition.id).length - ofSecurity.length;
  if (bootstrapServers > 1) return 'there is more than one Bootstrap-Server account';
  return (
    problemOfIds(
      ofSecurity.map((id) => shortServerIdOf(view, id)),
      'Object 0',
    ) ??
    problemOfIds(
      view.instanceIds(Server.definition.id).map((id) => storedNumber(view, Server(id).shortServerId.path)),
      'Object 1',
    )
  );
}

function problemOfIds(ids: readonly (number | undefined)[], where: string): string | undefined {
  const seen = new Set<number>();
  for (const id of ids) {
    if (id === undefined || !(id >= 1 && id < maxId))
      return `a short server id of ${where} is missing or out of range`;
    if (seen.has(id)) return `the short server id ${id} occurs twice in ${where}`;
    seen.add(id);
  }
  return undefined;
}

function problemOfSecurity(view: InstanceView, reachable: ReachableSchemes): string | undefined {
  const addresses = new Map<string, number>();
  for (const id of view.instanceIds(Security.definition.id)) {
    const problem = problemOfSecurityInstance(view, id, { addresses, reachable });
    if (problem !== undefined) return `/0/${id}: ${problem}`;
  }
  return undefined;
}

/** The URI can be reached, its scheme goes with the mode, the mode has its keys, and no other account has the address. */
function problemOfSecurityInstance(
  view: InstanceView,
  id: number,
  { addresses, reachable }: { readonly addresses: Map<string, number>; readonly reachable: ReachableSchemes },
): string | undefined {
  const instance = Security(id);
  const text = storedText(view, instance.lwm2mServerUri.path) ?? '';
  const mode = storedNumber(view, instance.securityMode.path);
  let address: string;
  try {
    if (isTelephoneUri(text)) return problemOfSms(view, id, reachable);
    const uri = parseServerUri(text);
    if (uri.isSecure !== (mode !== SecurityMode.none))
      return `the URI ${text} does not go with security mode ${mode}`;
    if (!reachable[uri.isSecure ? 'coaps' : 'coap']) return `this device has no way to ${text}`;
    address = `${uri.host}:${uri.port}`;
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  const other = addresses.get(address);
  if (other !== undefined) return `/0/${other} is of the same host and port`;
  addresses.set(address, id);
  return mode === SecurityMode.none ? undefined : problemOfKeys(view, id, mode);
}

/** A Server that is reached by short messages has a number, and a protection that this device knows. */
function problemOfSms(view: InstanceView, id: number, reachable: ReachableSchemes): string | undefined {
  if (!reachable.sms) return 'this device has no way of short messages';
  const channel = smsChannelIn(view, id);
  if (channel.kind === 'sms-channel') return undefined;
  return channel.problem ?? 'there is no number of the Server (Resource 9)';
}

/** Where a binding mode has an S there is a way of short messages. */
function problemOfSmsWays(view: InstanceView, reachable: ReachableSchemes): string | undefined {
  for (const { securityInstanceId, serverInstanceId } of accountsIn(view)) {
    const mode = storedText(view, Server(serverInstanceId).binding.path) ?? '';
    const problem = mode.includes('S') ? problemOfSms(view, securityInstanceId, reachable) : undefined;
    if (problem !== undefined) return `/1/${serverInstanceId} has the binding ${mode}, but ${problem}`;
  }
  return undefined;
}

const modesWithKeys: ReadonlySet<number> = new Set([
  SecurityMode.psk,
  SecurityMode.rawPublicKey,
  SecurityMode.certificate,
]);

function problemOfKeys(view: InstanceView, id: number, mode: number | undefined): string | undefined {
  const { publicKeyOrIdentity, serverPublicKey, secretKey } = Security(id);
  if (mode === undefined || !modesWithKeys.has(mode)) return `security mode ${mode} is not supported`;
  const needed = [publicKeyOrIdentity, secretKey, ...(mode === SecurityMode.psk ? [] : [serverPublicKey])];
  const missing = needed.find(({ path }) => storedBytes(view, path).length === 0);
  return missing && `${missing.definition.name} is empty`;
}

/** At least one Server can be registered with; several need access control. */
function problemOfAccounts(view: InstanceView, tree: ObjectTree): string | undefined {
  const accounts = accountsIn(view);
  const servers = view.instanceIds(Security.definition.id).filter((id) => !isOfBootstrapServer(view, id));
  if (accounts.length === 0)
    return 'there is no account of a Server: a Security and a Server instance with one short server id';
  const lonely = servers.find((id) => !accounts.some(({ securityInstanceId }) => securityInstanceId === id));
  if (lonely !== undefined) return `/0/${lonely} has no Server instance`;
  if (accounts.length > 1 && tree.definition(AccessControl.definition.id) === undefined) {
    return 'several Servers need access control, which this device does not have';
  }
  return undefined;
}

function problemOfAccessControl(view: InstanceView, tree: ObjectTree): string | undefined {
  const known = new Set(accountsIn(view).map(({ shortServerId }) => shortServerId));
  for (const id of view.instanceIds(AccessControl.definition.id)) {
    const { objectId, accessControlOwner } = AccessControl(id);
    const target = storedNumber(view, objectId.path);
    if (target === undefined || tree.definition(target) === undefined) {
      return `/2/${id} is for Object ${target}, which is not supported`;
    }
    const owner = storedNumber(view, accessControlOwner.path);
    if (owner !== maxId && (owner === undefined || !known.has(owner)))
      return `/2/${id} belongs to ${owner}, which is no Server`;
  }
  return undefined;
}
