import { equalBytes } from '@dunlin/base';

import { AlertDescription } from '../wire/alert-description.ts';
import { isMalformed, type Malformed } from '../wire/malformed.ts';
import { type ParsedCertificate, parseCertificate } from './certificate.ts';
import type { AlternativeName } from './certificate-extensions.ts';
import { parseIpAddress } from './ip-address.ts';
import type { PeerIdentity } from './peer-identity.ts';
import { type Refusal, refused } from './refusal.ts';

/**
 * Checks that a server's certificate is that of the host in its URI (R-712, RFC 6125 §6, RFC 7252 §9.1.3.3): a name
 * against the dNSName entries of subjectAltName, where an entry may have `*` for the whole left-most label, and the
 * hosts of its `coaps` URIs; an address literal against iPAddress entries and those hosts. Only a certificate
 * without any such entry is judged by its common name, and that exactly.
 */
export function serverNameProblem(certificate: ParsedCertificate, host: string): Refusal | undefined {
  if (namesHost(certificate, host)) return undefined;
  return refused(`The certificate is not that of ${host}.`, AlertDescription.badCertificate);
}

/** Whether a server's DER certificate is that of the host in its URI, as a device will check it. */
export function namesServer(certificate: Uint8Array, host: string): boolean | Malformed {
  const parsed = parseCertificate(certificate);
  return isMalformed(parsed) ? parsed : namesHost(parsed, host);
}

/**
 * The endpoint names that a device's DER certificate stands for: its common name and the names and URIs of its
 * subjectAltName, each to be compared exactly. A name with a wildcard stands for none.
 */
export function endpointNamesOf(certificate: Uint8Array): readonly string[] | Malformed {
  const parsed = parseCertificate(certificate);
  if (isMalformed(parsed)) return parsed;
  const names = parsed.extensions.alternativeNames.map((entry) => (entry.kind === 'ip' ? '' : entry.name));
  return [...new Set([parsed.commonName ?? '', ...names])].filter(
    (name) => name !== '' && !name.includes('*'),
  );
}

/**
 * Whether an identity is that of an endpoint by itself, without a table: its PSK identity is the endpoint name,
 * or its certificate has it. A raw public key stands for no name.
 */
export function namesEndpoint(identity: PeerIdentity, endpointName: string): boolean {
  switch (identity.kind) {
    case 'psk':
      return identity.identity === endpointName;
    case 'raw-public-key':
      return false;
    case 'certificate': {
      const names = endpointNamesOf(identity.certificate);
      return !isMalformed(names) && names.includes(endpointName);
    }
  }
}

function namesHost({ extensions, commonName }: ParsedCertificate, host: string): boolean {
  const address = parseIpAddress(host);
  const name = normalized(host);
  if (name === '') return false;
  const { alternativeNames } = extensions;
  if (alternativeNames.length > 0) {
    return alternativeNames.some((entry) =>
      address === undefined ? entryNames(entry, name) : entryHasAddress(entry, address),
    );
  }
  if (commonName === undefined) return false;
  return address === undefined ? normalized(commonName) === name : hasAddress(commonName, address);
}

function entryNames(entry: AlternativeName, name: string): boolean {
  switch (entry.kind) {
    case 'dns':
      return matchesPattern(normalized(entry.name), name);
    case 'uri':
      return normalized(hostOf(entry.name)) === name;
    case 'ip':
      return false;
  }
}

function entryHasAddress(entry: AlternativeName, address: Uint8Array): boolean {
  switch (entry.kind) {
    case 'dns':
      return false;
    case 'uri':
      return hasAddress(hostOf(entry.name), address);
    case 'ip':
      return equalBytes(entry.address, address);
  }
}

function hasAddress(text: string, address: Uint8Array): boolean {
  const parsed = parseIpAddress(text);
  return parsed !== undefined && equalBytes(parsed, address);
}

/** `*` stands for exactly one whole label, the left-most, above a domain of two labels at least (RFC 6125 §6.4.3). */
function matchesPattern(pattern: string, name: string): boolean {
  if (!pattern.startsWith('*.')) return pattern === name;
  const domain = pattern.slice(1);
  if (domain.includes('*') || !domain.includes('.', 1)) return false;
  const label = name.slice(0, name.indexOf('.'));
  return label !== '' && name === label + domain;
}

/** The host of a CoAP URI, empty for any other. */
function hostOf(uri: string): string {
  return /^coaps(?:\+tcp)?:\/\/(\[[0-9a-fA-F:.]+\]|[^/?#:@[\]]+)(?::\d*)?(?:[/?#]|$)/i.exec(uri)?.[1] ?? '';
}

/** Names are compared without regard to case and to the dot of the root (RFC 6125 §6.4.1). */
function normalized(name: string): string {
  const withoutRoot = name.endsWith('.') ? name.slice(0, -1) : name;
  return withoutRoot.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
}
