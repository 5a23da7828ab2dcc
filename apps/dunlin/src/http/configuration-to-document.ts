import {
  type AccessControlTerms,
  type AccessRightName,
  type AccountSecurityDocument,
  type BootstrapDocument,
  type BootstrapServerTerms,
  type BootstrapTargetDocument,
  type BootstrapWriteTerms,
  type ResourceInput,
  type ServerAccountTerms,
  valueToDocument,
} from '@dunlin/api';
import { base64Encode } from '@dunlin/base';
import {
  type AccessControlEntry,
  AccessRight,
  type AccountSecurity,
  bootstrapOwner,
  type BootstrapServerAccount,
  type BootstrapTarget,
  type BootstrapWrite,
  everyInstance,
  type ServerAccount,
  type StoredConfiguration,
} from '@dunlin/bootstrap';
import { ContentFormat } from '@dunlin/coap';
import { formatPath, pathOf, type ResourceContent, type ResourceContents } from '@dunlin/lwm2m';

import { instantText } from './device-to-summary.ts';

/** The JSON form of a configuration, without its keys. */
export function configurationToDocument({
  configuration,
  updatedAt,
}: StoredConfiguration): BootstrapDocument {
  const { target, servers, bootstrapServer, accessControl, writes, deletes } = configuration;
  const { writeLevel, contentFormat, isVerified, allowsKeysWithoutSecurity } = configuration;
  return {
    target: targetToDocument(target),
    updatedAt: instantText(updatedAt),
    servers: servers.map(serverDocument),
    ...(bootstrapServer && { bootstrapServer: bootstrapServerDocument(bootstrapServer) }),
    ...(accessControl && {
      accessControl: accessControl === 'shared' ? accessControl : accessControl.map(entryDocument),
    }),
    ...(writes && { writes: writes.map(writeDocument) }),
    ...(deletes && { deletes: deletes.map(formatPath) }),
    ...(writeLevel && { writeLevel }),
    ...(contentFormat && { format: contentFormat === ContentFormat.json ? 'json' : 'tlv' }),
    ...(isVerified !== undefined && { verify: isVerified }),
    ...(allowsKeysWithoutSecurity !== undefined && { allowKeysWithoutSecurity: allowsKeysWithoutSecurity }),
  };
}

/** The JSON form of whom a configuration is for. */
export function targetToDocument(target: BootstrapTarget): BootstrapTargetDocument {
  return target.kind === 'endpoint' ? { endpoint: target.endpointName } : { pattern: target.pattern };
}

function serverDocument({
  security,
  ...account
}: ServerAccount): ServerAccountTerms<AccountSecurityDocument> {
  return { ...account, security: securityDocument(security) };
}

function bootstrapServerDocument({
  security,
  ...account
}: BootstrapServerAccount): BootstrapServerTerms<AccountSecurityDocument> {
  return { ...account, security: securityDocument(security) };
}

function securityDocument(security: AccountSecurity): AccountSecurityDocument {
  switch (security.kind) {
    case 'none':
    case 'issued':
      return security;
    case 'psk':
      return { kind: security.kind, identity: security.identity };
    case 'raw-public-key': {
      const { kind, publicKey, serverPublicKey } = security;
      return { kind, publicKey: base64Encode(publicKey), serverPublicKey: base64Encode(serverPublicKey) };
    }
    case 'certificate': {
      const { kind, certificate, serverCertificate } = security;
      return {
        kind,
        certificate: base64Encode(certificate),
        serverCertificate: base64Encode(serverCertificate),
      };
    }
  }
}

function entryDocument({ objectId, objectInstanceId, owner, acl }: AccessControlEntry): AccessControlTerms {
  const isForCreation = objectInstanceId === everyInstance;
  return {
    path: formatPath(isForCreation ? pathOf(objectId) : pathOf(objectId, objectInstanceId)),
    owner: owner === bootstrapOwner ? 'bootstrap-server' : owner,
    acl: Object.fromEntries(
      [...acl].map(([shortServerId, mask]) => [
        shortServerId === 0 ? 'others' : String(shortServerId),
        rightsIn(mask),
      ]),
    ),
  };
}

const rights: readonly (readonly [AccessRightName, number])[] = [
  ['read', AccessRight.read],
  ['write', AccessRight.write],
  ['execute', AccessRight.execute],
  ['delete', AccessRight.delete],
  ['create', AccessRight.create],
];

function rightsIn(mask: number): readonly AccessRightName[] {
  return rights.filter(([, right]) => (mask & right) !== 0).map(([name]) => name);
}

function writeDocument({ path, content, isOptional }: BootstrapWrite): BootstrapWriteTerms {
  const base = { path: formatPath(path), ...(isOptional !== undefined && { optional: isOptional }) };
  switch (content.kind) {
    case 'resource':
      return { ...base, ...resourceDocument(content.resource) };
    case 'object-instance':
      return { ...base, resources: resourcesDocument(content.resources) };
    case 'object':
      return {
        ...base,
        instances: Object.fromEntries(
          [...content.instances].map(([id, resources]) => [
            String(id),
            { resources: resourcesDocument(resources) },
          ]),
        ),
      };
    case 'resource-instance':
      throw new Error('a Resource Instance cannot be written in a bootstrap');
  }
}

function resourcesDocument(resources: ResourceContents): Readonly<Record<string, ResourceInput>> {
  return Object.fromEntries([...resources].map(([id, resource]) => [String(id), resourceDocument(resource)]));
}

function resourceDocument(resource: ResourceContent): ResourceInput {
  const { type } = resource;
  if (resource.kind === 'single') return { value: valueToDocument(type, resource.value), type };
  const values = [...resource.values].map(
    ([id, value]) => [String(id), valueToDocument(type, value)] as const,
  );
  return { values: Object.fromEntries(values), type };
}
