import type { CredentialDocument } from '@dunlin/api';

import { relativeText } from './duration-text.ts';
import { renderTable } from './table.ts';

/** What a device proves itself with, in a few words. */
export function credentialName(credential: CredentialDocument): string {
  switch (credential.kind) {
    case 'psk':
      return `PSK identity ${credential.identity}`;
    case 'raw-public-key':
      return `public key ${credential.fingerprint}`;
    case 'certificate':
      return `certificate ${credential.subject} ${credential.fingerprint}`;
    case 'trust-anchor':
      return `trust in ${credential.subject} ${credential.fingerprint}`;
  }
}

/** Credentials as a table. */
export function credentialsTable(credentials: readonly CredentialDocument[], now: number): string {
  if (credentials.length === 0) return 'There are no credentials.\n';
  return renderTable(
    ['ENDPOINT', 'KIND', 'IDENTITY', 'ADDED', 'ID'],
    credentials.map((credential) => [
      credential.endpoint ?? '(every endpoint)',
      credential.kind,
      identityText(credential),
      relativeText(credential.createdAt, now),
      credential.id,
    ]),
  );
}

/** One credential in full. */
export function credentialTable(credential: CredentialDocument, now: number): string {
  const { id, endpoint, kind, createdAt } = credential;
  return renderTable(
    ['CREDENTIAL', id],
    [
      ['endpoint', endpoint ?? '(every endpoint that a certificate names)'],
      ['kind', kind],
      ...facts(credential),
      ['added', `${createdAt} (${relativeText(createdAt, now)})`],
    ],
  );
}

function identityText(credential: CredentialDocument): string {
  switch (credential.kind) {
    case 'psk':
      return credential.identity;
    case 'raw-public-key':
      return shortFingerprint(credential.fingerprint);
    case 'certificate':
    case 'trust-anchor':
      return `${credential.subject} (${shortFingerprint(credential.fingerprint)})`;
  }
}

/** Enough to tell keys apart by eye; `show` has all of it. */
function shortFingerprint(fingerprint: string): string {
  return `${fingerprint.slice(0, 'sha256:'.length + 16)}…`;
}

function facts(credential: CredentialDocument): readonly (readonly string[])[] {
  switch (credential.kind) {
    case 'psk':
      return [
        ['identity', credential.identity],
        ['key', '(sealed, never shown)'],
      ];
    case 'raw-public-key':
      return [
        ['fingerprint', credential.fingerprint],
        ['public key', credential.publicKey],
      ];
    case 'certificate':
    case 'trust-anchor':
      return [
        ['subject', credential.subject],
        ['valid', `${credential.validFrom} to ${credential.validUntil}`],
        ['fingerprint', credential.fingerprint],
        ['certificate', credential.certificate],
      ];
  }
}
