import { equalBytes } from '@dunlin/base';

/** Who the other side of an association has proved to be. Plain data that layers above may keep and compare. */
export type PeerIdentity =
  | {
      readonly kind: 'psk';
      /** The PSK identity the client named; for a client, the one under which it shares the key with the server. */
      readonly identity: string;
    }
  | {
      readonly kind: 'raw-public-key';
      /** The DER SubjectPublicKeyInfo (RFC 7250 §3). */
      readonly publicKey: Uint8Array;
    }
  | {
      readonly kind: 'certificate';
      /** The DER certificate of the peer itself, without its chain (RFC 5280 §4.1). */
      readonly certificate: Uint8Array;
    };

/** True when both are the same peer by the same kind of credential. */
export function isSamePeer(a: PeerIdentity, b: PeerIdentity): boolean {
  switch (a.kind) {
    case 'psk':
      return b.kind === 'psk' && a.identity === b.identity;
    case 'raw-public-key':
      return b.kind === 'raw-public-key' && equalBytes(a.publicKey, b.publicKey);
    case 'certificate':
      return b.kind === 'certificate' && equalBytes(a.certificate, b.certificate);
  }
}
