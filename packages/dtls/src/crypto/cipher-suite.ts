import type { KeyExchange } from '../wire/key-exchange.ts';

/** How records are protected: RFC 6655 §3, RFC 5288 §3, and RFC 5246 §6.2.3.2 with RFC 7366. */
export type RecordCipherName = 'aes-128-ccm-8' | 'aes-128-gcm' | 'aes-128-cbc-sha256';

/** A cipher suite of DTLS 1.2; all of ours use SHA-256 for the PRF and the transcript. */
export interface CipherSuite {
  /** The code point on the wire. */
  readonly code: number;
  /** The name in the registry. */
  readonly name: CipherSuiteName;
  readonly keyExchange: KeyExchange;
  readonly recordCipher: RecordCipherName;
}

/** The registered names of the suites of this stack. */
export type CipherSuiteName =
  | 'TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8'
  | 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256'
  | 'TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256'
  | 'TLS_ECDHE_PSK_WITH_AES_128_CCM_8_SHA256'
  | 'TLS_ECDHE_PSK_WITH_AES_128_GCM_SHA256'
  | 'TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA256'
  | 'TLS_PSK_WITH_AES_128_CCM_8'
  | 'TLS_PSK_WITH_AES_128_GCM_SHA256'
  | 'TLS_PSK_WITH_AES_128_CBC_SHA256';

/** TLS_EMPTY_RENEGOTIATION_INFO_SCSV: no suite, but stands for an empty renegotiation_info (RFC 5746 §3.3). */
export const emptyRenegotiationInfoScsv = 0x00ff;

/**
 * All suites, most preferred first: forward secrecy before none, and among equals what constrained devices
 * have. CCM_8 with PSK and with ECDHE_ECDSA is mandatory, CBC_SHA256 is there for devices without (1.0 §7.1.7,
 * §7.1.8).
 */
export const cipherSuites: readonly CipherSuite[] = [
  suite(0xc0ae, 'TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8', 'ecdhe-ecdsa', 'aes-128-ccm-8'),
  suite(0xc02b, 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256', 'ecdhe-ecdsa', 'aes-128-gcm'),
  suite(0xc023, 'TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256', 'ecdhe-ecdsa', 'aes-128-cbc-sha256'),
  suite(0xd003, 'TLS_ECDHE_PSK_WITH_AES_128_CCM_8_SHA256', 'ecdhe-psk', 'aes-128-ccm-8'),
  suite(0xd001, 'TLS_ECDHE_PSK_WITH_AES_128_GCM_SHA256', 'ecdhe-psk', 'aes-128-gcm'),
  suite(0xc037, 'TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA256', 'ecdhe-psk', 'aes-128-cbc-sha256'),
  suite(0xc0a8, 'TLS_PSK_WITH_AES_128_CCM_8', 'psk', 'aes-128-ccm-8'),
  suite(0x00a8, 'TLS_PSK_WITH_AES_128_GCM_SHA256', 'psk', 'aes-128-gcm'),
  suite(0x00ae, 'TLS_PSK_WITH_AES_128_CBC_SHA256', 'psk', 'aes-128-cbc-sha256'),
];

/** The suite of a code point, or `undefined` when it is none of ours. */
export function findCipherSuite(code: number): CipherSuite | undefined {
  return cipherSuites.find((candidate) => candidate.code === code);
}

/** True when the suite may only be used together with encrypt_then_mac (RFC 7366 §3.1). */
export function needsEncryptThenMac(cipherSuite: CipherSuite): boolean {
  return cipherSuite.recordCipher === 'aes-128-cbc-sha256';
}

function suite(
  code: number,
  name: CipherSuiteName,
  keyExchange: KeyExchange,
  recordCipher: RecordCipherName,
): CipherSuite {
  return { code, name, keyExchange, recordCipher };
}
