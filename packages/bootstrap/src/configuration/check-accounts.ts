import type { KeyObject } from 'node:crypto';

import { type Secret, utf8Encode } from '@dunlin/base';
import {
  certificateCredential,
  isMalformed,
  type Malformed,
  namesServer,
  parsePrivateKey,
  rawPublicKeyCredential,
  readCertificates,
  readPublicKey,
} from '@dunlin/dtls';

import type { AccountSecurity, BootstrapServerAccount, ServerAccount } from './accounts.ts';
import type { BootstrapConfiguration } from './bootstrap-configuration.ts';
import { configurationLimits as limits } from './configuration-limits.ts';
import type { Problems } from './configuration-problem.ts';

/** The last id that an instance may have. */
const lastInstanceId = 65_534;

/** What is wrong with the accounts, each and together. */
export function checkAccounts(
  { servers, bootstrapServer }: Pick<BootstrapConfiguration, 'servers' | 'bootstrapServer'>,
  problems: Problems,
): void {
  problems.count('servers', servers.length, limits.servers);
  for (const [index, account] of servers.entries()) checkServer(`servers.${index}`, account, problems);
  if (bootstrapServer !== undefined) checkBootstrapServer(bootstrapServer, problems);
  checkUniqueness(servers, bootstrapServer, problems);
}

function checkServer(field: string, account: ServerAccount, problems: Problems): void {
  problems.number(`${field}.shortServerId`, account.shortServerId, 1, 65_534);
  problems.add(`${field}.uri`, problemOfUri(account));
  checkSecurity(`${field}.security`, account, problems);
  problems.number(`${field}.lifetime`, account.lifetime, 1, limits.period);
  problems.number(`${field}.defaultMinimumPeriod`, account.defaultMinimumPeriod, 0, limits.period);
  problems.number(`${field}.defaultMaximumPeriod`, account.defaultMaximumPeriod, 1, limits.period);
  problems.number(`${field}.disableTimeout`, account.disableTimeout, 0, limits.period);
  problems.number(`${field}.securityInstanceId`, account.securityInstanceId, 0, lastInstanceId);
  problems.number(`${field}.serverInstanceId`, account.serverInstanceId, 0, lastInstanceId);
  const { bindingMode, defaultMinimumPeriod: minimum, defaultMaximumPeriod: maximum } = account;
  if (minimum !== undefined && maximum !== undefined && minimum > maximum) {
    problems.add(`${field}.defaultMaximumPeriod`, 'must not be less than defaultMinimumPeriod');
  }
  if (bindingMode !== undefined && bindingMode !== 'U' && bindingMode !== 'UQ') {
    problems.add(`${field}.bindingMode`, `must be U or UQ: ${bindingMode} needs an SMS account`);
  }
}

function checkBootstrapServer(account: BootstrapServerAccount, problems: Problems): void {
  problems.add('bootstrapServer.uri', problemOfUri(account));
  checkSecurity('bootstrapServer.security', account, problems);
  problems.number('bootstrapServer.clientHoldOffTime', account.clientHoldOffTime, 0, limits.period);
  problems.number('bootstrapServer.accountTimeout', account.accountTimeout, 0, limits.period);
  problems.number('bootstrapServer.securityInstanceId', account.securityInstanceId, 0, lastInstanceId);
}

function checkUniqueness(
  servers: readonly ServerAccount[],
  bootstrapServer: BootstrapServerAccount | undefined,
  problems: Problems,
): void {
  const securityIds = servers.map((account) => account.securityInstanceId);
  const lists: readonly (readonly [string, readonly (number | undefined)[]])[] = [
    ['shortServerId', servers.map((account) => account.shortServerId)],
    ['securityInstanceId', securityIds],
    ['serverInstanceId', servers.map((account) => account.serverInstanceId)],
  ];
  for (const [name, values] of lists) {
    for (const [index, value] of values.entries()) {
      if (value === undefined || !values.slice(0, index).includes(value)) continue;
      problems.add(`servers.${index}.${name}`, `must not be ${value}, which another account has`);
    }
  }
  const own = bootstrapServer?.securityInstanceId;
  if (own !== undefined && securityIds.includes(own)) {
    problems.add('bootstrapServer.securityInstanceId', `must not be ${own}, which another account has`);
  }
}

/** The URI of an account, against its security (1.0 §7.1, R-901). */
function problemOfUri({ uri, security }: Pick<ServerAccount, 'uri' | 'security'>): string | undefined {
  if (utf8Encode(uri).length > limits.uriLength)
    return `must not be longer than ${limits.uriLength} bytes (1.0 E.1)`;
  const url = URL.parse(uri);
  if (url === null || !/^coaps?:\/\//i.test(uri) || url.hostname === '') {
    return 'must be of the form coap://host[:port] or coaps://host[:port]';
  }
  if (url.hash !== '' || url.username !== '' || url.password !== '') {
    return 'must have neither a fragment nor a user (RFC 7252 §6.1)';
  }
  if (security.kind === 'none' && url.protocol === 'coaps:') return 'must be a coap URI without security';
  return security.kind !== 'none' && url.protocol === 'coap:'
    ? `must be a coaps URI with security (${security.kind})`
    : undefined;
}

function checkSecurity(
  field: string,
  { uri, security }: Pick<ServerAccount, 'uri' | 'security'>,
  problems: Problems,
): void {
  switch (security.kind) {
    case 'none':
    case 'issued':
      return;
    case 'psk':
      checkPreSharedKey(field, security, problems);
      return;
    case 'raw-public-key':
      checkRawPublicKey(field, security, problems);
      return;
    case 'certificate':
      checkCertificate(field, security, uri, problems);
  }
}

function checkPreSharedKey(
  field: string,
  { identity, key }: Extract<AccountSecurity, { kind: 'psk' }>,
  problems: Problems,
): void {
  const { identityLength, minimumKeyLength, maximumKeyLength } = limits;
  const length = utf8Encode(identity).length;
  if (length === 0 || length > identityLength || !identity.isWellFormed()) {
    problems.add(`${field}.identity`, `must have 1 to ${identityLength} bytes of UTF-8 (1.0 E.1.1.1)`);
  }
  const keyLength = key.reveal().length;
  if (keyLength >= minimumKeyLength && keyLength <= maximumKeyLength) return;
  problems.add(
    `${field}.key`,
    `must have ${minimumKeyLength} to ${maximumKeyLength} bytes (1.0 E.1.1.1), not ${keyLength}`,
  );
}

function checkRawPublicKey(
  field: string,
  { publicKey, privateKey, serverPublicKey }: Extract<AccountSecurity, { kind: 'raw-public-key' }>,
  problems: Problems,
): void {
  const own = problemOf(publicKey, readPublicKey);
  problems.add(`${field}.publicKey`, own);
  problems.add(`${field}.serverPublicKey`, problemOf(serverPublicKey, readPublicKey));
  const pairing = (key: KeyObject): unknown =>
    own === undefined ? rawPublicKeyCredential(key, publicKey) : undefined;
  problems.add(`${field}.privateKey`, problemOfPrivateKey(privateKey, pairing));
}

function checkCertificate(
  field: string,
  { certificate, privateKey, serverCertificate }: Extract<AccountSecurity, { kind: 'certificate' }>,
  uri: string,
  problems: Problems,
): void {
  const own = problemOf(certificate, readCertificates);
  problems.add(`${field}.certificate`, own);
  const pairing = (key: KeyObject): unknown =>
    own === undefined ? certificateCredential(key, [certificate]) : undefined;
  problems.add(`${field}.privateKey`, problemOfPrivateKey(privateKey, pairing));
  const server = problemOf(serverCertificate, readCertificates);
  problems.add(`${field}.serverCertificate`, server);
  const host = URL.parse(uri)?.hostname.replace(/^\[(.*)\]$/, '$1');
  if (server === undefined && host !== undefined && namesServer(serverCertificate, host) !== true) {
    problems.add(
      `${field}.serverCertificate`,
      `must be that of ${host}: devices compare its name with their URI (1.0 §7.1.9)`,
    );
  }
}

/** What is wrong with a key or certificate. Devices take DER, whatever else can be read here. */
function problemOf(bytes: Uint8Array, read: (bytes: Uint8Array) => unknown): string | undefined {
  if (!isDer(bytes)) return notDer;
  const result = read(bytes);
  return isMalformed(result) ? problemText(result) : undefined;
}

/** What is wrong with a private key, or with it and the public key or certificate it is paired with. */
function problemOfPrivateKey(secret: Secret, pairing: (key: KeyObject) => unknown): string | undefined {
  const bytes = secret.reveal();
  if (!isDer(bytes)) return notDer;
  const key = parsePrivateKey(bytes);
  if (isMalformed(key)) return problemText(key);
  const pair = pairing(key);
  return isMalformed(pair) ? problemText(pair) : undefined;
}

/** All of these are a SEQUENCE, which no PEM text begins with. */
function isDer(bytes: Uint8Array): boolean {
  return bytes[0] === 0x30;
}

const notDer = 'must be DER';

function problemText({ reason }: Malformed): string {
  return `cannot be used: ${reason.replace(/\.$/, '')}`;
}
