import type { CredentialInput } from '@dunlin/api';
import { maxEndpointNameLength } from '@dunlin/api';
import { base64Decode, hexDecode, type Instant, Secret, utf8Encode } from '@dunlin/base';
import {
  isMalformed,
  isRefusal,
  parseTrustAnchor,
  pskCredential,
  readCertificates,
  readPublicKey,
} from '@dunlin/dtls';
import type { CredentialProof, NewCredential } from '@dunlin/server';

import { certificateFacts } from './certificate-facts.ts';
import { badRequest } from './request-problem.ts';

/** A credential that was asked for, and what is unwise about it. */
export interface ReadCredential {
  readonly credential: NewCredential;
  readonly warnings: readonly string[];
}

/** Under which id and when a credential is made. */
export interface CredentialMaking {
  readonly id: string;
  readonly time: Instant;
}

/**
 * Bytes of a pre-shared key: shorter ones than the first can be searched for by whoever recorded one handshake, and
 * 16 bytes are what 1.0 recommends.
 */
const keyLengths = { least: 8, recommended: 16 };

/** Reads the body of a request; throws the answer 400, which never repeats anything of a key. */
export function readCredential(body: unknown, { id, time }: CredentialMaking): ReadCredential {
  const input = inputFrom(body);
  const base = { id, endpointName: endpointFrom(input), createdAt: time };
  switch (input.kind) {
    case 'psk': {
      const { identity, key } = readKey(input.identity, input.key);
      const warnings = key.reveal().length < keyLengths.recommended ? [shortKey] : [];
      return { credential: { ...base, proof: { kind: 'psk', identity }, key }, warnings };
    }
    case 'raw-public-key': {
      const publicKey = readPublicKey(derOrPem('publicKey', input.publicKey));
      if (isMalformed(publicKey)) throw badRequest('body.publicKey', publicKey.reason);
      return { credential: { ...base, proof: { kind: 'raw-public-key', publicKey } }, warnings: [] };
    }
    case 'certificate':
    case 'trust-anchor': {
      const proof = { kind: input.kind, certificate: readCertificate(input) } as const;
      return { credential: { ...base, proof }, warnings: validityWarnings(proof, time) };
    }
  }
}

const shortKey =
  'the key is shorter than 16 bytes, which LwM2M recommends: short keys can be found out by who records a handshake';

/** The members of each kind beside `kind` and `endpoint`. */
const members: Readonly<Record<CredentialInput['kind'], readonly string[]>> = {
  psk: ['identity', 'key'],
  'raw-public-key': ['publicKey'],
  certificate: ['certificate'],
  'trust-anchor': ['certificate'],
};

function inputFrom(body: unknown): CredentialInput {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw badRequest('body', 'must be an object such as {"kind": "psk", "endpoint": …}');
  }
  const given = new Map<string, unknown>(Object.entries(body));
  const kind = given.get('kind');
  if (!isKind(kind)) throw badRequest('body.kind', `must be one of ${Object.keys(members).join(', ')}`);
  const known = ['kind', 'endpoint', ...members[kind]];
  const unknown = [...given.keys()].find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw badRequest(`body.${unknown}`, `is not known for ${kind}; known are ${known.join(', ')}`);
  }
  const text = (name: string): string => {
    const value = given.get(name);
    if (typeof value !== 'string' || value === '') throw badRequest(`body.${name}`, 'must be a text');
    return value;
  };
  switch (kind) {
    case 'psk':
      return { kind, endpoint: text('endpoint'), identity: text('identity'), key: text('key') };
    case 'raw-public-key':
      return { kind, endpoint: text('endpoint'), publicKey: text('publicKey') };
    case 'certificate':
      return { kind, endpoint: text('endpoint'), certificate: text('certificate') };
    case 'trust-anchor': {
      const endpoint = given.get('endpoint') === null ? null : text('endpoint');
      return { kind, endpoint, certificate: text('certificate') };
    }
  }
}

function isKind(kind: unknown): kind is CredentialInput['kind'] {
  return typeof kind === 'string' && Object.hasOwn(members, kind);
}

function endpointFrom({ endpoint }: CredentialInput): string | undefined {
  if (endpoint === null) return undefined;
  if (endpoint.length > maxEndpointNameLength) {
    throw badRequest('body.endpoint', `is longer than ${maxEndpointNameLength} characters`);
  }
  return endpoint;
}

function readKey(identity: string, digits: string): { readonly identity: string; readonly key: Secret } {
  if (!identity.isWellFormed()) throw badRequest('body.identity', 'is no well-formed text');
  const bytes = hexDecode(digits);
  if (bytes === undefined) {
    throw badRequest('body.key', 'must be an even number of hexadecimal digits and nothing else');
  }
  if (bytes.length < keyLengths.least) {
    throw badRequest(
      'body.key',
      `has ${bytes.length} bytes; ${keyLengths.least} are the least and ${keyLengths.recommended} recommended`,
    );
  }
  const credential = pskCredential(identity, bytes);
  if (!isMalformed(credential)) return { identity, key: new Secret(bytes) };
  const { reason } = credential;
  throw badRequest(reason.includes('identity') ? 'body.identity' : 'body.key', reason);
}

function readCertificate({
  kind,
  certificate: text,
}: Extract<CredentialInput, { readonly kind: 'certificate' | 'trust-anchor' }>): Uint8Array {
  const field = 'body.certificate';
  const certificates = readCertificates(derOrPem('certificate', text));
  if (isMalformed(certificates)) throw badRequest(field, certificates.reason);
  const [certificate, ...others] = certificates;
  if (certificate === undefined || others.length > 0) {
    throw badRequest(
      field,
      `there are ${certificates.length} certificates; give one, the ${kind === 'certificate' ? 'device’s own' : 'authority’s'}`,
    );
  }
  if (certificateFacts(certificate) === undefined) throw badRequest(field, 'cannot be read as a certificate');
  if (kind === 'trust-anchor') {
    const anchor = parseTrustAnchor(certificate);
    if (isRefusal(anchor)) throw badRequest(field, anchor.reason);
  }
  return certificate;
}

/** PEM as it is, or the bytes of a base64 text, which may have line breaks. */
function derOrPem(member: string, text: string): Uint8Array {
  if (text.includes('-----BEGIN')) {
    if (text.includes('PRIVATE KEY')) {
      throw badRequest(
        `body.${member}`,
        'has a private key in it, which no server needs: keep it on the device',
      );
    }
    return utf8Encode(text);
  }
  const bytes = base64Decode(text.replaceAll(/\s/g, ''));
  if (bytes === undefined) throw badRequest(`body.${member}`, 'is neither PEM nor DER in base64');
  return bytes;
}

function validityWarnings(
  { certificate }: Extract<CredentialProof, { readonly kind: 'certificate' | 'trust-anchor' }>,
  time: Instant,
): readonly string[] {
  const facts = certificateFacts(certificate);
  if (facts === undefined) return [];
  if (Date.parse(facts.validUntil) < time)
    return [`the certificate has expired: it was valid until ${facts.validUntil}`];
  if (Date.parse(facts.validFrom) > time)
    return [`the certificate is not valid yet: it will be from ${facts.validFrom}`];
  return [];
}
