import { instantFrom, StorageError, utf8Decode, utf8Encode } from '@dunlin/base';
import type { CredentialProof, CredentialSummary } from '@dunlin/server';

/** A row as the database gives it. */
export type CredentialRow = Record<string, unknown>;

/** The columns by which a proof is found. */
export interface ProofColumns {
  readonly kind: string;
  readonly proof: Uint8Array;
  readonly scope: string;
}

/** The columns of a proof. */
export function proofColumns({
  proof,
  endpointName,
}: Pick<CredentialSummary, 'proof' | 'endpointName'>): ProofColumns {
  const { kind } = proof;
  switch (kind) {
    case 'psk':
      return { kind, proof: utf8Encode(proof.identity), scope: '' };
    case 'raw-public-key':
      return { kind, proof: proof.publicKey, scope: '' };
    case 'certificate':
      return { kind, proof: proof.certificate, scope: '' };
    case 'trust-anchor':
      return { kind, proof: proof.certificate, scope: endpointName ?? '' };
  }
}

/** The credential in a row. Throws a `StorageError`. */
export function credentialFromRow(row: CredentialRow): CredentialSummary {
  const { id, endpoint, created_at: createdAt } = row;
  if (typeof id !== 'string' || typeof endpoint !== 'string' || typeof createdAt !== 'number')
    throw damaged();
  return {
    id,
    endpointName: endpoint === '' ? undefined : endpoint,
    proof: proofFromRow(row),
    createdAt: instantFrom(createdAt),
  };
}

/** The bytes in a column, as a copy. Throws a `StorageError`. */
export function bytesIn(row: CredentialRow, column: string): Uint8Array {
  const value = row[column];
  if (!(value instanceof Uint8Array)) throw damaged();
  return Uint8Array.from(value);
}

/** What is thrown for rows that this program cannot have written. */
export function damaged(): StorageError {
  return new StorageError('the credential database is damaged: a row makes no sense');
}

function proofFromRow(row: CredentialRow): CredentialProof {
  const proof = bytesIn(row, 'proof');
  switch (row['kind']) {
    case 'psk': {
      const identity = utf8Decode(proof);
      if (identity === undefined) throw damaged();
      return { kind: 'psk', identity };
    }
    case 'raw-public-key':
      return { kind: 'raw-public-key', publicKey: proof };
    case 'certificate':
      return { kind: 'certificate', certificate: proof };
    case 'trust-anchor':
      return { kind: 'trust-anchor', certificate: proof };
  }
  throw damaged();
}
