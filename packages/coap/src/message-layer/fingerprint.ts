/**
 * A 32-bit hash of a datagram (FNV-1a). It tells a repeated message from another one with the same message
 * id, which a peer sends that restarted (RFC 7252 §4.5 leaves that case to the implementation); it protects
 * nothing, so it needs no key.
 */
export function fingerprint(datagram: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < datagram.length; index += 1) {
    hash = Math.imul(hash ^ (datagram[index] ?? 0), 0x01000193);
  }
  return hash;
}
