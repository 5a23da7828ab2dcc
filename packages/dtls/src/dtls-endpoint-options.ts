import { milliseconds, type Random, UsageError } from '@dunlin/base';

import { type AssociationOptions, associationOptionsDefaults } from './association-options.ts';
import { associationTableDefaults, type AssociationTableLimits } from './association-table.ts';
import { checkCredentials, checkFlight, checkLimits, checkNegotiation } from './check-options.ts';
import type { Credential } from './credentials/credential.ts';
import type { PeerTrust } from './credentials/peer-trust.ts';
import { type FailureLimits, failureLimitsDefaults } from './failure-limiter.ts';
import { type FlightOptions, flightOptionsDefaults } from './handshake/flight.ts';
import type { HandshakeDriverOptions } from './handshake/handshake-driver.ts';
import { type ReassemblyLimits, reassemblyLimitsDefaults } from './handshake/reassembly.ts';
import {
  type NegotiationOptions,
  negotiationOptionsDefaults,
  type ServerCredentials,
} from './negotiation/handshake-options.ts';
import type { SessionCacheLimits } from './session-cache.ts';
import type { Session } from './session.ts';
import type { CertificateType } from './wire/extension/certificate-types.ts';

/** What a `DtlsEndpoint` is made with. */
export interface DtlsEndpointOptions extends Partial<Omit<NegotiationOptions, 'connectionIdLength'>> {
  /** Has to be unpredictable: keys, cookies and connection ids come from it. */
  readonly random: Random;
  /** Which handshakes it takes part in. */
  readonly role: 'server' | 'client' | 'both';
  /** What a server authenticates itself with; needed for every role but `client`. */
  readonly credentials?: ServerCredentials;
  /** What a server judges the keys and certificates of clients by; without it, each is asked for with `verify-peer`. */
  readonly trust?: PeerTrust;
  /**
   * How long the connection ids are that peers have to put into records to this endpoint, 0 to 64 bytes, all of one
   * length; 0 if only the other direction is to have them. Left out: RFC 9146 is not used.
   */
  readonly connectionId?: { readonly length: number } | undefined;
  readonly flight?: Partial<FlightOptions>;
  readonly reassembly?: Partial<ReassemblyLimits>;
  readonly handshake?: Partial<Omit<HandshakeDriverOptions, 'flight' | 'reassembly'>>;
  readonly association?: Partial<AssociationOptions>;
  readonly limits?: Partial<AssociationTableLimits>;
  readonly failures?: Partial<FailureLimits>;
  /** How many sessions a server remembers, and how long a session is resumed by either role. */
  readonly sessions?: Partial<SessionCacheLimits>;
  /** Emits `key-log` outputs. Whoever has them can read everything: for debugging only, and with a warning. */
  readonly logsKeys?: boolean;
}

/** How a client connects. */
export interface ConnectOptions {
  readonly credential: Credential;
  /** How the credential is called in sessions: 1 to 255 bytes of UTF-8, `default` when left out. */
  readonly credentialId?: string;
  /** The host of the server's URI: sent as server_name unless it is an address, and what certificates must name. */
  readonly serverName?: string | undefined;
  /** What the server's key or certificate is judged by; without it, it is asked for with `verify-peer`. */
  readonly trust?: PeerTrust;
  /** A session of an earlier association with this server; it is offered if it fits. */
  readonly resume?: Session | undefined;
  /** What the server may show, when it is not the kind of the own credential. */
  readonly serverCertificateTypes?: readonly CertificateType[];
}

/** All options, with what was left out. */
export interface ResolvedOptions {
  readonly random: Random;
  readonly role: 'server' | 'client' | 'both';
  /** Of the handshakes that begin from now on. */
  credentials: ServerCredentials;
  readonly trust: PeerTrust | undefined;
  readonly negotiation: NegotiationOptions;
  readonly driver: HandshakeDriverOptions;
  readonly association: AssociationOptions;
  readonly limits: AssociationTableLimits;
  readonly failures: FailureLimits;
  readonly sessions: Partial<SessionCacheLimits>;
  readonly logsKeys: boolean;
}

/**
 * A handshake: 70 s, somewhat longer than one flight is repeated. An answer: 10 s, for a data base that is slow. A peer
 * with a wrong key is told, so that its owner finds out; whether the key or the identity was wrong it is not told.
 */
export const handshakeOptionsDefaults: Omit<HandshakeDriverOptions, 'flight' | 'reassembly'> = {
  handshakeTimeout: milliseconds(70_000),
  answerTimeout: milliseconds(10_000),
  wrongKeyResponse: 'alert',
};

/** Fills in what was left out; throws a `UsageError` for what cannot be. */
export function resolveOptions(options: Readonly<DtlsEndpointOptions>): ResolvedOptions {
  const { random, role, credentials, trust, connectionId, reassembly } = options;
  if (role !== 'client' && credentials === undefined) throw new UsageError('A server needs credentials.');
  const defaults = negotiationOptionsDefaults;
  const negotiation: NegotiationOptions = {
    suites: options.suites ?? defaults.suites,
    groups: options.groups ?? defaults.groups,
    requiresExtendedMasterSecret:
      options.requiresExtendedMasterSecret ?? defaults.requiresExtendedMasterSecret,
    connectionIdLength: connectionId?.length,
    recordSizeLimit: options.recordSizeLimit ?? defaults.recordSizeLimit,
    maxFragmentLength: options.maxFragmentLength ?? defaults.maxFragmentLength,
    maxIdentityLength: options.maxIdentityLength ?? defaults.maxIdentityLength,
  };
  const flight = { ...flightOptionsDefaults, ...options.flight };
  const limits = { ...associationTableDefaults, ...options.limits };
  checkCredentials(credentials ?? {});
  checkNegotiation(negotiation);
  checkFlight(flight);
  checkLimits(limits);
  return {
    random,
    role,
    credentials: credentials ?? {},
    trust,
    negotiation,
    driver: {
      ...handshakeOptionsDefaults,
      ...options.handshake,
      flight,
      reassembly: { ...reassemblyLimitsDefaults, ...reassembly },
    },
    association: { ...associationOptionsDefaults, ...options.association },
    limits,
    failures: { ...failureLimitsDefaults, ...options.failures },
    sessions: options.sessions ?? {},
    logsKeys: options.logsKeys ?? false,
  };
}
