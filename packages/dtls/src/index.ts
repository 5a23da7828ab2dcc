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
