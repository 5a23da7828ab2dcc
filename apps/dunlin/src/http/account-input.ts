import type { KeyObject } from 'node:crypto';

import { base64Decode, hexDecode, type Seconds, seconds, Secret, utf8Encode } from '@dunlin/base';
import type {
  AccountSecurity,
  BootstrapConfiguration,
  BootstrapServerAccount,
  GivenSecurity,
  ServerAccount,
} from '@dunlin/bootstrap';
import { isMalformed, type Malformed, parsePrivateKey, readCertificates, readPublicKey } from '@dunlin/dtls';
import { parseBindingMode } from '@dunlin/lwm2m';

import { BodyReader } from './body-reader.ts';
import { badRequest } from './request-problem.ts';

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
export function readServer(item: unknown, field: string, facts: AccountFacts): ServerAccount {
  const reader = new BodyReader(item, field);
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
  if (security.kind === 'issued') throw new Error('a key was issued that cannot be');
  const account = {
    uri,
    security,
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
  return security;
}

function securityFrom(
  reader: BodyReader,
  before: AccountSecurity | undefined,
  { own, canIssue }: AccountFacts,
): AccountSecurity {
  const kind = reader.word('kind', kinds);
  switch (kind) {
    case 'none':
      return { kind };
    case 'issued': {
      const proof = reader.optionalWord('proof', ['psk', 'raw-public-key']) ?? 'psk';
      if (canIssue) return { kind, proof };
      throw badRequest(
        reader.fieldOf('kind'),
        'can be issued only for accounts of a server that runs together with this Bootstrap-Server',
      );
    }
    case 'psk':
      return readPreSharedKey(reader, before);
    case 'raw-public-key': {
      const publicKey = der(reader, 'publicKey', readPublicKey);
      const serverPublicKey =
        reader.value('serverPublicKey') === undefined
          ? own.publicKey
          : der(reader, 'serverPublicKey', readPublicKey);
      const same = before?.kind === kind && sameBytes(before.publicKey, publicKey) ? before : undefined;
      const privateKey = readPrivateKey(reader, same?.privateKey, 'public key');
      if (serverPublicKey === undefined) throw badRequest(reader.fieldOf('serverPublicKey'), 'is missing');
      return { kind, publicKey, privateKey, serverPublicKey };
    }
    case 'certificate': {
      const certificate = der(reader, 'certificate', onlyCertificate);
      const serverCertificate =
        reader.value('serverCertificate') === undefined
          ? own.certificate
          : der(reader, 'serverCertificate', onlyCertificate);
      const same = before?.kind === kind && sameBytes(before.certificate, certificate) ? before : undefined;
      const privateKey = readPrivateKey(reader, same?.privateKey, 'certificate');
      if (serverCertificate === undefined) {
        throw badRequest(reader.fieldOf('serverCertificate'), 'is missing, and this server has none');
      }
      return { kind, certificate, privateKey, serverCertificate };
    }
  }
}

function readPreSharedKey(reader: BodyReader, before: AccountSecurity | undefined): GivenSecurity {
  const identity = reader.text('identity');
  const digits = reader.optionalText('key');
  if (digits === undefined) {
    if (before?.kind === 'psk' && before.identity === identity) return before;
    throw badRequest(reader.fieldOf('key'), 'is missing; there is none with this identity that could stay');
  }
  const bytes = hexDecode(digits);
  if (bytes === undefined) {
    throw badRequest(reader.fieldOf('key'), 'must be an even number of hexadecimal digits and nothing else');
  }
  return { kind: 'psk', identity, key: new Secret(bytes) };
}

/** A private key as the PKCS#8 that devices take (RFC 5958), or the one that there was. */
function readPrivateKey(reader: BodyReader, before: Secret | undefined, of: string): Secret {
  const text = reader.optionalText('privateKey');
  const field = reader.fieldOf('privateKey');
  if (text === undefined) {
    if (before !== undefined) return before;
    throw badRequest(field, `is missing; there is none of this ${of} that could stay`);
  }
  const key: KeyObject | Malformed = parsePrivateKey(bytesOf(text, field));
  if (isMalformed(key)) throw badRequest(field, key.reason);
  return new Secret(new Uint8Array(key.export({ format: 'der', type: 'pkcs8' })));
}

function der(
  reader: BodyReader,
  name: string,
  read: (bytes: Uint8Array) => Uint8Array | Malformed,
): Uint8Array {
  const field = reader.fieldOf(name);
  const text = reader.text(name);
  if (text.includes('PRIVATE KEY')) throw badRequest(field, 'is a private key');
  const result = read(bytesOf(text, field));
  if (isMalformed(result)) throw badRequest(field, result.reason);
  return result;
}

function onlyCertificate(bytes: Uint8Array): Uint8Array | Malformed {
  const certificates = readCertificates(bytes);
  if (isMalformed(certificates)) return certificates;
  const [certificate, ...others] = certificates;
  if (certificate !== undefined && others.length === 0) return certificate;
  return { kind: 'malformed', reason: 'There must be one certificate.', alert: 80 };
}

/** PEM as it is, or the bytes of a base64 text, which may have line breaks. */
function bytesOf(text: string, field: string): Uint8Array {
  if (text.includes('-----BEGIN')) return utf8Encode(text);
  const bytes = base64Decode(text.replaceAll(/\s/g, ''));
  if (bytes === undefined) throw badRequest(field, 'is neither PEM nor DER in base64');
  return bytes;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

function duration(reader: BodyReader, name: string): Seconds | undefined {
  const value = reader.optionalWholeNumber(name);
  return value === undefined ? undefined : seconds(value);
}

function bindingMode(reader: BodyReader): ServerAccount['bindingMode'] {
  const text = reader.optionalText('bindingMode');
  const mode = text === undefined ? undefined : parseBindingMode(text);
  if (text !== undefined && mode === undefined) {
    throw badRequest(reader.fieldOf('bindingMode'), 'must be U or UQ');
  }
  return mode;
}
