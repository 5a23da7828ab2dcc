/** Who a peer has proved to be. */
export type PeerSecurity =
  | { readonly kind: 'none' }
  | { readonly kind: 'psk'; readonly identity: string }
  | { readonly kind: 'raw-public-key'; readonly publicKey: Uint8Array }
  | { readonly kind: 'certificate'; readonly certificate: Uint8Array };

/** What a role may want to know of the secure association behind a peer. */
export interface PeerAssociation {
  /**
   * True when it was made out of an earlier one, by session resumption or out of a saved state: the peer proved who it
   * is then, and what was agreed on with it above still holds.
   */
  readonly isResumed: boolean;
  /** True when records find the association from any address (RFC 9146), so that it outlives a change of address. */
  readonly hasConnectionId: boolean;
  /** Which credential of those who look them up vouched for the peer, where that is known. */
  readonly credentialId?: string | undefined;
}

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
  /** Only with security. */
  readonly association?: PeerAssociation;
}

const noSecurity: PeerSecurity = { kind: 'none' };

/** The peer behind a UDP address without security: its identity is the address and port (RFC 7252 §5.3.2). */
export function udpPeer(address: string, port: number): Peer {
  return { key: `udp:${address}:${port}`, transport: 'udp', address, port, security: noSecurity };
}

/** The peer behind a telephone number without security: digits of an international number, without "+". */
export function smsPeer(number: string): Peer {
  return { key: `sms:${number}`, transport: 'sms', address: number, port: 0, security: noSecurity };
}
