import type { KeyObject } from 'node:crypto';

import { base64Decode, hexDecode, type Seconds, seconds, Secret, utf8Encode } from '@dunlin/base';
import {
  type AccountSecurity,
  type BootstrapConfiguration,
  type BootstrapServerAccount,
  configurationLimits,
  type GivenSecurity,
  type ServerAccount,
} from '@dunlin/bootstrap';
import { isMalformed, type Malformed, parsePrivateKey, readCertificates, readPublicKey } from '@dunlin/dtls';
import { parseBindingMode } from '@dunlin/lwm2m';

import type { BodyReader } from './body-reader.ts';

/** What reading accounts needs to know beside the request. */
export interface AccountFacts {
  /** What there was for the same target: keys that are not given stay. */
  readonly present: BootstrapConfiguration | undefined;
  /** What devices know this server by, when nothing else is said. */
  readonly own: {
    readonly publicKey: Uint8Array | undefined;
    readonly certificate: Uint8Array | undefined;
  };
  /** Whether keys can be made anew for each bootstrap: the server that the accounts are of must be this one. */
  readonly canIssue: boolean;
}

/** The account of a server in a request. */
export function readServer(reader: BodyReader, facts: AccountFacts): ServerAccount {
  const uri = reader.text('uri');
  const shortServerId = reader.wholeNumber('shortServerId');
  const before = facts.present?.servers.find((account) => account.shortServerId === shortServerId);
  const account = {
    uri,
    shortServerId,
    security: readSecurity(reader, before?.security, facts),
    lifetime: duration(reader, 'lifetime'),
    bindingMode: bindingMode(reader),
    notificationStoring: reader.optionalBoolean('notificationStoring'),
    defaultMinimumPeriod: duration(reader, 'defaultMinimumPeriod'),
    defaultMaximumPeriod: duration(reader, 'defaultMaximumPeriod'),
    disableTimeout: duration(reader, 'disableTimeout'),
    securityInstanceId: reader.optionalWholeNumber('securityInstanceId'),
    serverInstanceId: reader.optionalWholeNumber('serverInstanceId'),
  };
  reader.end();
  return account;
}

/** The account of the Bootstrap-Server in a request. */
export function readBootstrapServer(reader: BodyReader, facts: AccountFacts): BootstrapServerAccount {
  const uri = reader.text('uri');
  const security = readSecurity(reader, facts.present?.bootstrapServer?.security, {
    ...facts,
    canIssue: false,
  });
  const account = {
    uri,
    // What stands in for something that was refused.
    security: security.kind === 'issued' ? standInKey('unread') : security,
    clientHoldOffTime: duration(reader, 'clientHoldOffTime'),
    accountTimeout: duration(reader, 'accountTimeout'),
    securityInstanceId: reader.optionalWholeNumber('securityInstanceId'),
  };
  reader.end();
  return account;
}

const kinds = ['none', 'psk', 'raw-public-key', 'certificate', 'issued'] as const;

function readSecurity(
  account: BodyReader,
  before: AccountSecurity | undefined,
  facts: AccountFacts,
): AccountSecurity {
  const reader = account.optionalObject('security');
  if (reader === undefined) return { kind: 'none' };
  const security = securityFrom(reader, before, facts);
  reader.end();
  return security ?? standIn;
}

/** What an account has in place of security that was refused: it goes with every URI that security goes with. */
const standIn: AccountSecurity = { kind: 'issued', proof: 'psk' };

/** Gives nothing when something is wrong with it. */
function securityFrom(
  reader: BodyReader,
  before: AccountSecurity | undefined,
  { own, canIssue }: AccountFacts,
): AccountSecurity | undefined {
  const kind = reader.word('kind', kinds);
  switch (kind) {
    case undefined:
      return undefined;
    case 'none':
      return { kind };
    case 'issued': {
      const proof = reader.optionalWord('proof', ['psk', 'raw-public-key']) ?? 'psk';
      if (canIssue) return { kind, proof };
      reader.refuse(
        'kind',
        'can be issued only for accounts of a server that runs together with this Bootstrap-Server',
      );
      return undefined;
    }
    case 'psk':
      return readPreSharedKey(reader, before);
    case 'raw-public-key': {
      const publicKey = der(reader, 'publicKey', readPublicKey);
      const serverPublicKey =
        reader.value('serverPublicKey') === undefined
          ? own.publicKey
          : der(reader, 'serverPublicKey', readPublicKey);
      const same = before?.kind === kind && isSame(before.publicKey, publicKey) ? before : undefined;
      const privateKey = readPrivateKey(reader, same?.privateKey, 'public key');
      if (serverPublicKey === undefined) reader.refuse('serverPublicKey', 'is missing');
      return publicKey && privateKey && serverPublicKey && { kind, publicKey, privateKey, serverPublicKey };
    }
    case 'certificate': {
      const certificate = der(reader, 'certificate', onlyCertificate);
      const serverCertificate =
        reader.value('serverCertificate') === undefined
          ? own.certificate
          : der(reader, 'serverCertificate', onlyCertificate);
      const same = before?.kind === kind && isSame(before.certificate, certificate) ? before : undefined;
      const privateKey = readPrivateKey(reader, same?.privateKey, 'certificate');
      if (serverCertificate === undefined) {
        reader.refuse('serverCertificate', 'is missing, and this server has none');
      }
      return (
        certificate && privateKey && serverCertificate && { kind, certificate, privateKey, serverCertificate }
      );
    }
  }
}

function readPreSharedKey(reader: BodyReader, before: AccountSecurity | undefined): GivenSecurity {
  const identity = reader.text('identity');
  const digits = reader.optionalText('key');
  if (digits === undefined) {
    if (before?.kind === 'psk' && before.identity === identity) return before;
    reader.refuse('key', 'is missing; there is none with this identity that could stay');
    return standInKey(identity);
  }
  const bytes = hexDecode(digits);
  if (bytes === undefined) {
    reader.refuse('key', 'must be an even number of hexadecimal digits and nothing else');
    return standInKey(identity);
  }
  return { kind: 'psk', identity, key: new Secret(bytes) };
}

/** For a key that was refused: one that no rule has anything against. */
function standInKey(identity: string): GivenSecurity {
  return { kind: 'psk', identity, key: new Secret(new Uint8Array(configurationLimits.minimumKeyLength)) };
}

/** A private key as the PKCS#8 that devices take (RFC 5958), or the one that there was. */
function readPrivateKey(reader: BodyReader, before: Secret | undefined, of: string): Secret | undefined {
  const text = reader.optionalText('privateKey');
  if (text === undefined) {
    if (before === undefined)
      reader.refuse('privateKey', `is missing; there is none of this ${of} that could stay`);
    return before;
  }
  const bytes = bytesOf(reader, 'privateKey', text);
  if (bytes === undefined) return undefined;
  const key: KeyObject | Malformed = parsePrivateKey(bytes);
  if (isMalformed(key)) {
    reader.refuse('privateKey', key.reason);
    return undefined;
  }
  return new Secret(new Uint8Array(key.export({ format: 'der', type: 'pkcs8' })));
}

function der(
  reader: BodyReader,
  name: string,
  read: (bytes: Uint8Array) => Uint8Array | Malformed,
): Uint8Array | undefined {
  const text = reader.text(name);
  if (text.includes('PRIVATE KEY')) reader.refuse(name, 'is a private key');
  const bytes = bytesOf(reader, name, text);
  const result = bytes && read(bytes);
  if (result === undefined || !isMalformed(result)) return result;
  reader.refuse(name, result.reason);
  return undefined;
}

function onlyCertificate(bytes: Uint8Array): Uint8Array | Malformed {
  const certificates = readCertificates(bytes);
  if (isMalformed(certificates)) return certificates;
  const [certificate, ...others] = certificates;
  if (certificate !== undefined && others.length === 0) return certificate;
  return { kind: 'malformed', reason: 'There must be one certificate.', alert: 80 };
}

/** PEM as it is, or the bytes of a base64 text, which may have line breaks. */
function bytesOf(reader: BodyReader, name: string, text: string): Uint8Array | undefined {
  if (text.includes('-----BEGIN')) return utf8Encode(text);
  const bytes = base64Decode(text.replaceAll(/\s/g, ''));
  if (bytes === undefined) reader.refuse(name, 'is neither PEM nor DER in base64');
  return bytes;
}

function isSame(before: Uint8Array, given: Uint8Array | undefined): boolean {
  return given !== undefined && Buffer.compare(before, given) === 0;
}

function duration(reader: BodyReader, name: string): Seconds | undefined {
  const value = reader.optionalWholeNumber(name);
  return value === undefined ? undefined : seconds(value);
}

function bindingMode(reader: BodyReader): ServerAccount['bindingMode'] {
  const text = reader.optionalText('bindingMode');
  const mode = text === undefined ? undefined : parseBindingMode(text);
  if (text !== undefined && mode === undefined) reader.refuse('bindingMode', 'must be U or UQ');
  return mode;
}
