import { UsageError, utf8Encode } from '@dunlin/base';

import type { AssociationTableLimits } from './association-table.ts';
import { pskLimits } from './credentials/credential.ts';
import { isSigningKey } from './crypto/signature.ts';
import type { FlightOptions } from './handshake/flight.ts';
import { minDatagramLength } from './handshake/fragmentation.ts';
import type { NegotiationOptions, ServerCredentials } from './negotiation/handshake-options.ts';

/** The longest connection ids an endpoint gives out, in bytes: more than anybody needs. */
const maxConnectionIdLength = 64;

/** Throws a `UsageError` for a number that is not a whole one within its bounds. */
function checkWhole(what: string, value: number, min: number, max = Infinity): void {
  if (Number.isInteger(value) && value >= min && value <= max) return;
  const bounds = max === Infinity ? `${min} or more` : `${min} to ${max}`;
  throw new UsageError(`${what} is a whole number of ${bounds}, not ${value}.`);
}

/** Checks what a server authenticates itself with; what is wrong there would only come out when a client comes. */
export function checkCredentials({ preSharedKeys, rawPublicKey, certificate }: ServerCredentials): void {
  const hintLength = utf8Encode(preSharedKeys?.identityHint ?? '').length;
  checkWhole('The length of a PSK identity hint in bytes', hintLength, 0, pskLimits.maxIdentityLength);
  for (const key of [rawPublicKey?.privateKey, certificate?.privateKey]) {
    if (key !== undefined && (key.type !== 'private' || !isSigningKey(key))) {
      throw new UsageError('A server signs with a private key for ECDSA on P-256 or P-384.');
    }
  }
}

/** Checks what is negotiated with, so that peers are never told what cannot be. */
export function checkNegotiation(options: NegotiationOptions): void {
  const { connectionIdLength = 0, recordSizeLimit, suites, groups } = options;
  checkWhole('The length of connection ids in bytes', connectionIdLength, 0, maxConnectionIdLength);
  checkWhole('The record size limit in bytes', recordSizeLimit, 64, 16_384);
  if (suites.length === 0) throw new UsageError('At least one cipher suite is needed.');
  if (groups.length === 0 && suites.some(({ keyExchange }) => keyExchange !== 'psk')) {
    throw new UsageError('At least one group is needed for the suites with ECDHE.');
  }
}

/** Checks how flights are sent. */
export function checkFlight({ jitter, maxRetransmissions, maxDatagramLength }: FlightOptions): void {
  checkWhole('The number of retransmissions', maxRetransmissions, 0);
  checkWhole('The length of datagrams in bytes', maxDatagramLength, minDatagramLength, 65_507);
  if (!(jitter >= 0 && jitter <= 1)) throw new UsageError(`The jitter is from 0 to 1, not ${jitter}.`);
}

/** Checks that the limits of the table let something in. */
export function checkLimits(limits: AssociationTableLimits): void {
  for (const name of [
    'maxAssociations',
    'maxAssociationsPerHost',
    'maxHandshakes',
    'maxHandshakesPerHost',
  ] as const) {
    checkWhole(`The limit ${name}`, limits[name], 1);
  }
}

/** Checks the name of a client's credential (see `ConnectOptions.credentialId`). */
export function checkCredentialId(id: string): void {
  checkWhole('The length of a credential id in bytes', utf8Encode(id).length, 1, 255);
}
