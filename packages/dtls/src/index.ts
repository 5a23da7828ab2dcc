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
export { endpointNamesOf } from './credentials/name-check.ts';
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
