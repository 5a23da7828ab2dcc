import { type Peer, udpPeer } from '@dunlin/coap';

import { normaliseAddress } from './ip-address.ts';

/**
 * Peers seen lately are kept, so that a datagram costs no string building where its source is known; the table is
 * emptied when it is full, which costs one object a peer.
 */
const knownPeersLimit = 65_536;

/**
 * The peers behind the addresses that datagrams come from. By port first: a number is found faster than a text. Most
 * ports are those of one device, for which a table of its own would take more than all else that is kept of it.
 */
export class KnownPeers {
  readonly #byPort = new Map<number, Peer | Map<string, Peer>>();
  readonly #limit: number;
  #size = 0;

  constructor(limit: number = knownPeersLimit) {
    this.#limit = limit;
  }

  /** The peer behind an address as the socket writes it. */
  at(address: string, port: number): Peer {
    const found = this.#byPort.get(port);
    if (found instanceof Map) return found.get(address) ?? this.#add(address, port);
    return found?.address === address ? found : this.#add(address, port);
  }

  #add(address: string, port: number): Peer {
    if (this.#size >= this.#limit) {
      this.#byPort.clear();
      this.#size = 0;
    }
    const peer = udpPeer(normaliseAddress(address), port);
    const others = this.#byPort.get(port);
    if (others === undefined && peer.address === address) this.#byPort.set(port, peer);
    else if (others instanceof Map) others.set(address, peer);
    else {
      const ofPort = new Map([[address, peer]]);
      if (others !== undefined) ofPort.set(others.address, others);
      this.#byPort.set(port, ofPort);
    }
    this.#size += 1;
    return peer;
  }
}
