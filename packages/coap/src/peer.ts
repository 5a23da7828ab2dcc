/** Who a peer has proved to be. */
export type PeerSecurity =
  | { readonly kind: 'none' }
  | { readonly kind: 'psk'; readonly identity: string }
  | { readonly kind: 'raw-public-key'; readonly publicKey: Uint8Array }
  | { readonly kind: 'certificate'; readonly certificate: Uint8Array };

/** Where datagrams come from and go to, and who that is. Made by shells; the same peer may come as another object. */
export interface Peer {
  /**
   * Identity: equal keys mean the same peer. Without security it is made of the address
   * (RFC 7252 §5.3.2), with security of the association, never of the address (RFC 7252 §9.1).
   */
  readonly key: string;
  readonly transport: 'udp' | 'tcp' | 'sms';
  /** IP address without brackets, or the telephone number. */
  readonly address: string;
  /** 0 where the transport has none. */
  readonly port: number;
  readonly security: PeerSecurity;
}

const noSecurity: PeerSecurity = { kind: 'none' };

/** The peer behind a UDP address without security: its identity is the address and port (RFC 7252 §5.3.2). */
export function udpPeer(address: string, port: number): Peer {
  return { key: `udp:${address}:${port}`, transport: 'udp', address, port, security: noSecurity };
}
