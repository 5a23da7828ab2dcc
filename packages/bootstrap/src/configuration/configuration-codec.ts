import { base64Encode, Secret, seconds, type Seconds, utf8Decode, utf8Encode } from '@dunlin/base';
import {
  contentFromJson,
  contentToJson,
  formatPath,
  isFormatFailure,
  type JsonObject,
  type JsonValue,
  parseBindingMode,
  parseJsonExactly,
  parsePath,
  stringifyJsonExactly,
} from '@dunlin/lwm2m';

import type { AccessControlEntry } from './access-control.ts';
import type { AccountSecurity, BootstrapServerAccount, GivenSecurity, ServerAccount } from './accounts.ts';
import type {
  BootstrapConfiguration,
  BootstrapWrite,
  DeletePath,
  WriteLevel,
} from './bootstrap-configuration.ts';
import type { BootstrapTarget } from './bootstrap-target.ts';
import { JsonReader, mapFrom, numberFrom, textFrom, UnreadableError } from './json-reader.ts';

/** The form that is written; a later one gets another number, and this one stays readable. */
const version = 1;

/**
 * A configuration as bytes, for stores that keep it somewhere else than in memory: complete, its keys included, so that
 * the bytes are to be sealed. Types of values are in it, so that no definition is needed to read it.
 */
export function encodeConfiguration(configuration: BootstrapConfiguration): Uint8Array {
  const { target, servers, bootstrapServer, accessControl, writes, deletes } = configuration;
  const { writeLevel, contentFormat, isVerified, allowsKeysWithoutSecurity } = configuration;
  const document: JsonObject = {
    version,
    target: { ...target },
    servers: servers.map(accountDocument),
    bootstrapServer: bootstrapServer && accountDocument(bootstrapServer),
    accessControl: typeof accessControl === 'string' ? accessControl : accessControl?.map(entryDocument),
    writes: writes?.map(({ path, content, isOptional }) => ({
      path: formatPath(path),
      content: contentToJson(content),
      isOptional,
    })),
    deletes: deletes?.map(formatPath),
    writeLevel,
    contentFormat,
    isVerified,
    allowsKeysWithoutSecurity,
  };
  return utf8Encode(stringifyJsonExactly(document));
}

/** The configuration that was encoded, or `undefined` for bytes that are none. */
export function decodeConfiguration(bytes: Uint8Array): BootstrapConfiguration | undefined {
  const text = utf8Decode(bytes);
  const document = text === undefined ? undefined : parseJsonExactly(text);
  if (document === undefined || isFormatFailure(document)) return undefined;
  try {
    return configurationFrom(new JsonReader(document));
  } catch (error) {
    if (error instanceof UnreadableError) return undefined;
    throw error;
  }
}

function accountDocument({ security, ...account }: ServerAccount | BootstrapServerAccount): JsonObject {
  return { ...account, security: securityDocument(security) };
}

function securityDocument(security: AccountSecurity): JsonObject {
  switch (security.kind) {
    case 'none':
    case 'issued':
      return { ...security };
    case 'psk': {
      const { kind, identity, key } = security;
      return { kind, identity, key: base64Encode(key.reveal()) };
    }
    case 'raw-public-key': {
      const { kind, publicKey, privateKey, serverPublicKey } = security;
      return {
        kind,
        publicKey: base64Encode(publicKey),
        privateKey: base64Encode(privateKey.reveal()),
        serverPublicKey: base64Encode(serverPublicKey),
      };
    }
    case 'certificate': {
      const { kind, certificate, privateKey, serverCertificate } = security;
      return {
        kind,
        certificate: base64Encode(certificate),
        privateKey: base64Encode(privateKey.reveal()),
        serverCertificate: base64Encode(serverCertificate),
      };
    }
  }
}

function entryDocument({ acl, ...entry }: AccessControlEntry): JsonObject {
  return { ...entry, acl: [...acl] };
}

function configurationFrom(reader: JsonReader): BootstrapConfiguration {
  if (reader.number('version') !== version) throw new UnreadableError('the version is not known');
  return {
    target: targetFrom(reader.object('target')),
    servers: reader.list('servers', (item) => serverFrom(new JsonReader(item))),
    bootstrapServer: reader.optional('bootstrapServer', (name) => bootstrapServerFrom(reader.object(name))),
    accessControl: reader.optional('accessControl', (name) =>
      reader.value(name) === 'shared' ? 'shared' : reader.list(name, entryFrom),
    ),
    writes: reader.optional('writes', (name) => reader.list(name, writeFrom)),
    deletes: reader.optional('deletes', (name) => reader.list(name, deletePathFrom)),
    writeLevel: reader.optional('writeLevel', (name) => writeLevelFrom(reader.text(name))),
    contentFormat: reader.optional('contentFormat', (name) => reader.number(name)),
    isVerified: reader.optional('isVerified', (name) => reader.boolean(name)),
    allowsKeysWithoutSecurity: reader.optional('allowsKeysWithoutSecurity', (name) => reader.boolean(name)),
  };
}

function targetFrom(reader: JsonReader): BootstrapTarget {
  const kind = reader.text('kind');
  if (kind === 'endpoint') return { kind, endpointName: reader.text('endpointName') };
  if (kind === 'pattern') return { kind, pattern: reader.text('pattern') };
  throw new UnreadableError('the target is not known');
}

function serverFrom(reader: JsonReader): ServerAccount {
  const duration = (name: string): Seconds | undefined => durationIn(reader, name);
  return {
    uri: reader.text('uri'),
    shortServerId: reader.number('shortServerId'),
    security: accountSecurityFrom(reader.object('security')),
    lifetime: duration('lifetime'),
    bindingMode: reader.optional('bindingMode', (name) => parseBindingMode(reader.text(name))),
    notificationStoring: reader.optional('notificationStoring', (name) => reader.boolean(name)),
    defaultMinimumPeriod: duration('defaultMinimumPeriod'),
    defaultMaximumPeriod: duration('defaultMaximumPeriod'),
    disableTimeout: duration('disableTimeout'),
    securityInstanceId: reader.optional('securityInstanceId', (name) => reader.number(name)),
    serverInstanceId: reader.optional('serverInstanceId', (name) => reader.number(name)),
  };
}

function bootstrapServerFrom(reader: JsonReader): BootstrapServerAccount {
  return {
    uri: reader.text('uri'),
    security: securityFrom(reader.object('security')),
    clientHoldOffTime: durationIn(reader, 'clientHoldOffTime'),
    accountTimeout: durationIn(reader, 'accountTimeout'),
    securityInstanceId: reader.optional('securityInstanceId', (name) => reader.number(name)),
  };
}

function durationIn(reader: JsonReader, name: string): Seconds | undefined {
  return reader.optional(name, () => seconds(reader.number(name)));
}

function accountSecurityFrom(reader: JsonReader): AccountSecurity {
  if (reader.text('kind') !== 'issued') return securityFrom(reader);
  const proof = reader.text('proof');
  if (proof === 'psk' || proof === 'raw-public-key') return { kind: 'issued', proof };
  throw new UnreadableError('the proof that is issued is not known');
}

function securityFrom(reader: JsonReader): GivenSecurity {
  const kind = reader.text('kind');
  const privateKey = (): Secret => new Secret(reader.bytes('privateKey'));
  switch (kind) {
    case 'none':
      return { kind };
    case 'psk':
      return { kind, identity: reader.text('identity'), key: new Secret(reader.bytes('key')) };
    case 'raw-public-key':
      return {
        kind,
        publicKey: reader.bytes('publicKey'),
        privateKey: privateKey(),
        serverPublicKey: reader.bytes('serverPublicKey'),
      };
    case 'certificate':
      return {
        kind,
        certificate: reader.bytes('certificate'),
        privateKey: privateKey(),
        serverCertificate: reader.bytes('serverCertificate'),
      };
  }
  throw new UnreadableError('the security is not known');
}

function entryFrom(item: JsonValue): AccessControlEntry {
  const reader = new JsonReader(item);
  return {
    objectId: reader.number('objectId'),
    objectInstanceId: reader.number('objectInstanceId'),
    owner: reader.number('owner'),
    acl: mapFrom(reader.value('acl'), numberFrom),
  };
}

function writeFrom(item: JsonValue): BootstrapWrite {
  const reader = new JsonReader(item);
  const path = parsePath(reader.text('path'));
  if (path === undefined || path.kind === 'root' || path.kind === 'resource-instance') {
    throw new UnreadableError('the path of a Write is none');
  }
  const content = contentFromJson(reader.value('content'));
  if (isFormatFailure(content)) throw new UnreadableError(content.reason);
  return {
    path,
    content,
    ...(reader.has('isOptional') && { isOptional: reader.boolean('isOptional') }),
  };
}

function deletePathFrom(item: JsonValue): DeletePath {
  const path = parsePath(textFrom(item, 'a path'));
  if (path === undefined || path.kind === 'resource' || path.kind === 'resource-instance') {
    throw new UnreadableError('the path of a Delete is none');
  }
  return path;
}

function writeLevelFrom(text: string): WriteLevel {
  if (text === 'object' || text === 'object-instance' || text === 'resource') return text;
  throw new UnreadableError('the level of Writes is not known');
}
