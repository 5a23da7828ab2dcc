/** ExtensionType: the extensions this stack understands. */
export const ExtensionType = {
  /** RFC 6066 §3. */
  serverName: 0,
  /** RFC 6066 §4. */
  maxFragmentLength: 1,
  /** RFC 8422 §5.1.1. */
  supportedGroups: 10,
  /** RFC 8422 §5.1.2. */
  ecPointFormats: 11,
  /** RFC 5246 §7.4.1.4.1. */
  signatureAlgorithms: 13,
  /** RFC 7250 §3. */
  clientCertificateType: 19,
  /** RFC 7250 §3. */
  serverCertificateType: 20,
  /** RFC 7366 §2. */
  encryptThenMac: 22,
  /** RFC 7627 §5.1. */
  extendedMasterSecret: 23,
  /** RFC 8449 §4. */
  recordSizeLimit: 28,
  /** RFC 5077 §3.2. */
  sessionTicket: 35,
  /** RFC 9146 §3. */
  connectionId: 54,
  /** RFC 5746 §3.2. */
  renegotiationInfo: 0xff01,
} as const;

/** One of the extension types of this stack. */
export type ExtensionType = (typeof ExtensionType)[keyof typeof ExtensionType];

const known: ReadonlySet<number> = new Set(Object.values(ExtensionType));

/** True for an extension this stack understands; others (GREASE among them, RFC 8701) are passed over. */
export function isExtensionType(type: number): type is ExtensionType {
  return known.has(type);
}
