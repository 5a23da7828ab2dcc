/** ProtocolVersion on the wire: ones' complement of the version, so that 1.2 is {254, 253} (RFC 6347 §4.1). */
export const ProtocolVersion = { dtls10: 0xfeff, dtls12: 0xfefd } as const;

/** True for any version whose major byte says DTLS 1.x (RFC 6347 §4.1). */
export function isDtlsVersion(version: number): boolean {
  return version >>> 8 === 0xfe;
}
