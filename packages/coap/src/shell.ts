import type { Instant, Random } from '@dunlin/base';

import type { Peer } from './peer.ts';

/** A datagram on its way out. */
export interface OutgoingDatagram {
  readonly peer: Peer;
  readonly datagram: Uint8Array;
  /** The datagram of the role in it, where it is sealed: what the binding is to name in `undelivered`. */
  readonly plaintext?: Uint8Array;
}

/** Why a datagram does not reach its peer. */
export interface DeliveryFailure {
  /** False when it certainly never left, so that it may be sent again later. */
  readonly isSent: boolean;
  /** For people, without the name of the peer: `the message centre says: failed`. */
  readonly reason: string;
}

/**
 * What a shell drives: it feeds datagrams in, calls `wake` when `deadline` has come, and after
 * either drains `poll` until it gives `undefined`.
 */
export interface Driven {
  /** The bytes are the callee's to read during the call only; what it keeps it copies. */
  handle(datagram: Uint8Array, peer: Peer, now: Instant): void;
  /** Does what is due at `now`. */
  wake(now: Instant): void;
  /** The next datagram to send. */
  poll(): OutgoingDatagram | undefined;
  /** When `wake` wants to be called next; `undefined` for never. */
  readonly deadline: Instant | undefined;
  /**
   * The secure association with the peer has ended (closed, failed, replaced by a newer one, idle for too long), or
   * there is none any more that a datagram could be sent on: no answer will come. Compare `peer.key`. May be told
   * more than once, and is never called while another member is running.
   */
  peerLost?(peer: Peer, now: Instant): void;
  /**
   * A datagram that this role gave out does not reach its peer, as far as the binding knows: nobody need wait for the
   * answer. Told by bindings that know, and never while another member is running.
   */
  undelivered?(peer: Peer, datagram: Uint8Array, failure: DeliveryFailure, now: Instant): void;
  /**
   * An IP packet of so many bytes, its headers included, was sent or received on behalf of this role, be it a message,
   * a part of a handshake or noise: for roles that count their traffic. Told by shells that know.
   */
  packetPassed?(direction: 'sent' | 'received', bytes: number): void;
}

/** An open binding (a socket and one timer) as the role above it sees it. */
export interface Shell extends AsyncDisposable {
  /** Where it listens; `uri` is like `coap://127.0.0.1:5683`. */
  readonly local: { readonly address: string; readonly port: number; readonly uri: string };
  readonly random: Random;
  /** The time of this shell's clock. */
  now(): Instant;
  /** Drains `poll` and re-arms the timer: call it after giving a core a command outside `handle` and `wake`. */
  flush(): void;
  /** The peer behind an IP address and port, without security. */
  peer(address: string, port: number): Peer;
  /**
   * The peer behind a host name or address; rejects with a `TransmissionError` when the name does not resolve. A
   * binding with security reaches it: the association that is there is used, unless what was sent on it lately was
   * never answered; else a handshake is made, which resumes a session if one is kept. It then rejects with a
   * `SecurityError` when either side refused the other, and with a `TransmissionError` when nothing came back.
   */
  resolve(host: string, port: number): Promise<Peer>;
  /**
   * Closes the socket and opens a new one where the platform gives another address or port: what a
   * device does when its network changed. Secure associations with a connection id go on; the others are lost.
   */
  rebind?(): Promise<void>;
  /** The peer of the secure association with an address, where there is one, for bindings that do not make any. */
  securedPeer?(address: string, port: number): Peer | undefined;
  /**
   * Ends the secure association with a peer and tells it so; its session may be resumed later. Harmless when there is
   * none. `peerLost` need not follow.
   */
  disconnect?(peer: Peer): void;
}

/** Something that can be opened to carry datagrams: `udp({ port: 5683 })`, or a simulated network. */
export interface Binding {
  /** Rejects with a `TransmissionError` (`not-sent`) that names the address when it cannot listen. */
  open(driven: Driven): Promise<Shell>;
}
