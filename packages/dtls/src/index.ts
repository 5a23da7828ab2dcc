export {
  type CipherSuite,
  type CipherSuiteName,
  cipherSuites,
  findCipherSuite,
  type RecordCipherName,
} from './crypto/cipher-suite.ts';
export type { KeyLogSink } from './crypto/key-log.ts';
export { type FlightOptions, flightOptionsDefaults } from './handshake/flight.ts';
export { type ReassemblyLimits, reassemblyLimitsDefaults } from './handshake/reassembly.ts';
export { type RecordLayerLimits, recordLayerLimitsDefaults } from './record-layer/record-layer-options.ts';
export { AlertDescription } from './wire/alert-description.ts';
export { SignatureScheme } from './wire/extension/signature-algorithms.ts';
export { NamedGroup } from './wire/extension/supported-groups.ts';
export type { KeyExchange } from './wire/key-exchange.ts';
export {
  type CertificatePathLimits,
  certificatePathDefaults,
  type CertifiedRole,
  parseTrustAnchor,
  type TrustAnchor,
} from './credentials/certificate-path.ts';
export {
  certificateCredential,
  type CertificateCredential,
  type Credential,
  pskCredential,
  type PskCredential,
  pskLimits,
  rawPublicKeyCredential,
  type RawPublicKeyCredential,
} from './credentials/credential.ts';
export { readCertificates, readPublicKey } from './credentials/key-file.ts';
export { endpointNamesOf, namesEndpoint, namesServer } from './credentials/name-check.ts';
export type { PeerIdentity } from './credentials/peer-identity.ts';
export { type JudgementContext, judgePeer, type PeerTrust } from './credentials/peer-trust.ts';
export { parsePrivateKey } from './credentials/private-key.ts';
export { isSamePublicKey } from './credentials/raw-public-key.ts';
export { isRefusal, type Refusal } from './credentials/refusal.ts';
export type { PeerAddress, SavedAssociation } from './saved-association.ts';
export {
  type GenerationLedger,
  restoreAssociations,
  type RestoredState,
  saveAssociations,
  savedStateDefaults,
  type SavedStateFailure,
  type SavedStateLimits,
  type SavedStateOptions,
} from './saved-state.ts';
export { type SessionCacheLimits, sessionCacheDefaults } from './session-cache.ts';
export type { Session } from './session.ts';
export type { Certificate } from './wire/certificate.ts';
export { isMalformed, type Malformed } from './wire/malformed.ts';
export { type AssociationId, associationIdFrom, type LookupId } from './association-id.ts';
export { type AssociationOptions, associationOptionsDefaults } from './association-options.ts';
export { associationTableDefaults, type AssociationTableLimits } from './association-table.ts';
export { DtlsEndpoint } from './dtls-endpoint.ts';
export {
  type ConnectOptions,
  type DtlsEndpointOptions,
  handshakeOptionsDefaults,
} from './dtls-endpoint-options.ts';
export type {
  ClosedReason,
  DatagramAddress,
  DiagnosticKind,
  DtlsOutput,
  FailureReason,
} from './dtls-output.ts';
export type { SendOutcome } from './established-connection.ts';
export { type FailureLimits, failureLimitsDefaults } from './failure-limiter.ts';
export type { PeerEvidence, PreSharedKeyAnswer, TrustAnswer } from './handshake/handshake-action.ts';
export type { HandshakeDriverOptions } from './handshake/handshake-driver.ts';
export {
  type NegotiationOptions,
  negotiationOptionsDefaults,
  type ServerCredentials,
} from './negotiation/handshake-options.ts';
export { CertificateType } from './wire/extension/certificate-types.ts';
