import { createHash } from 'node:crypto';

import type { PeerSecurity } from '@dunlin/coap';

/** Who a peer proved to be, as text: its PSK identity, or the fingerprint of its key or certificate. */
export function identityText(security: PeerSecurity): string | undefined {
  switch (security.kind) {
    case 'none':
      return undefined;
    case 'psk':
      return security.identity;
    case 'raw-public-key':
      return fingerprint(security.publicKey);
    case 'certificate':
      return fingerprint(security.certificate);
  }
}

/** The SHA-256 fingerprint of a DER public key or certificate, as `openssl` writes it but in small letters and without colons. */
export function fingerprint(der: Uint8Array): string {
  return `sha256:${createHash('sha256').update(der).digest('hex')}`;
}
