import type { Instant } from '@dunlin/base';
import type { Binding, Driven, OutgoingDatagram, Peer, PeerSecurity, Shell } from '@dunlin/coap';

/** An association that a test claims there is with whoever sends from an address. */
export interface ClaimedAssociation {
  /** The last part of `dtls:…`; default the address. */
  readonly id?: string;
  readonly security: PeerSecurity;
  readonly credentialId?: string;
}

/** A binding whose peers have proved who they are because the test says so: DTLS without the cryptography. */
export class SecuredBinding implements Binding {
  /** By address; who has none is passed over, as with DTLS. */
  readonly associations: Map<string, ClaimedAssociation> = new Map();
  readonly #binding: Binding;
  #driven: SecuredDriven | undefined;
  #shell: Shell | undefined;

  constructor(binding: Binding) {
    this.#binding = binding;
  }

  async open(driven: Driven): Promise<Shell> {
    this.#driven = new SecuredDriven(driven, this.associations);
    this.#shell = await this.#binding.open(this.#driven);
    return this.#shell;
  }

  /** Ends an association. */
  lose(address: string): void {
    this.#driven?.lose(address, this.#shell?.now());
    this.#shell?.flush();
  }
}

class SecuredDriven implements Driven {
  readonly #driven: Driven;
  readonly #associations: Map<string, ClaimedAssociation>;
  /** Where the datagrams of an association go, by key of the peer. */
  readonly #addresses = new Map<string, Peer>();

  constructor(driven: Driven, associations: Map<string, ClaimedAssociation>) {
    this.#driven = driven;
    this.#associations = associations;
  }

  get deadline(): Instant | undefined {
    return this.#driven.deadline;
  }

  handle(datagram: Uint8Array, from: Peer, now: Instant): void {
    const peer = this.#secured(from);
    if (peer === undefined) return;
    this.#addresses.set(peer.key, from);
    this.#driven.handle(datagram, peer, now);
  }

  wake(now: Instant): void {
    this.#driven.wake(now);
  }

  poll(): OutgoingDatagram | undefined {
    for (;;) {
      const outgoing = this.#driven.poll();
      if (outgoing === undefined) return undefined;
      const peer = this.#addresses.get(outgoing.peer.key);
      if (peer !== undefined) return { peer, datagram: outgoing.datagram };
    }
  }

  lose(address: string, now: Instant | undefined): void {
    for (const [key, from] of this.#addresses) {
      const peer = from.address === address ? this.#secured(from) : undefined;
      if (peer?.key !== key || now === undefined) continue;
      this.#addresses.delete(key);
      this.#associations.delete(address);
      this.#driven.peerLost?.(peer, now);
    }
  }

  #secured(from: Peer): Peer | undefined {
    const association = this.#associations.get(from.address);
    if (association === undefined) return undefined;
    const { id = from.address, security, credentialId } = association;
    const facts = { isResumed: false, hasConnectionId: false, credentialId };
    return { ...from, key: `dtls:${id}`, security, association: facts };
  }
}
