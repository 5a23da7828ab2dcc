import { type Instant, SecurityError } from '@dunlin/base';
import type { Binding, Driven, OutgoingDatagram, Peer, Shell } from '@dunlin/coap';

import type { CredentialFor, SecureBinding, SecureCredential } from '@dunlin/client';

/** What a handshake comes to: a new session, the last one again, or an error. */
export type Handshake = 'full' | 'resumed' | 'refused';

/**
 * A secure binding reduced to what a client sees of it: peers that are authenticated by associations, whose handshakes
 * go as the test says. Below it everything is in plaintext.
 */
export class ScriptedAssociations {
  /** Of the handshakes to come, the next one first; when it is empty they are full ones. */
  readonly script: Handshake[] = [];
  /** Those that were made. */
  readonly handshakes: Handshake[] = [];
  /** The hosts that were reached for, and with what. */
  readonly credentials: SecureCredential[] = [];
  /** How often the client ended an association. */
  disconnects = 0;
  /** Whether the server finds the client by a connection id. */
  hasConnectionId = true;
  readonly #below: () => Binding;
  #current: Peer | undefined;
  #driven: Driven | undefined;
  #shell: Shell | undefined;

  /** `below` carries the datagrams. */
  constructor(below: () => Binding) {
    this.#below = below;
  }

  readonly binding: SecureBinding = (credentialFor) => ({
    open: (driven) => this.#open(driven, credentialFor),
  });

  /** The server, or something on the way, ends the association. */
  lose(): void {
    const lost = this.#current;
    this.#current = undefined;
    if (lost !== undefined && this.#shell !== undefined) {
      this.#driven?.peerLost?.(lost, this.#shell.now());
      this.#shell.flush();
    }
  }

  async #open(driven: Driven, credentialFor: CredentialFor): Promise<Shell> {
    this.#driven = driven;
    const shell = await this.#below().open(this.#layer(driven));
    this.#shell = shell;
    return {
      local: shell.local,
      random: shell.random,
      now: () => shell.now(),
      flush: () => shell.flush(),
      peer: (address, port) => shell.peer(address, port),
      resolve: async (host, port) => {
        this.credentials.push(credentialFor(host, port));
        return this.#reach(await shell.resolve(host, port));
      },
      rebind: async () => await shell.rebind?.(),
      disconnect: () => {
        this.disconnects += 1;
        this.#current = undefined;
      },
      [Symbol.asyncDispose]: () => shell[Symbol.asyncDispose](),
    };
  }

  #reach(address: Peer): Peer {
    if (this.#current !== undefined) return this.#current;
    const handshake = this.script.shift() ?? 'full';
    this.handshakes.push(handshake);
    if (handshake === 'refused') throw new SecurityError('The server closed the handshake: wrong key.');
    this.#current = {
      ...address,
      key: `association:${this.handshakes.length}`,
      security: { kind: 'psk', identity: 'id' },
      association: { isResumed: handshake === 'resumed', hasConnectionId: this.hasConnectionId },
    };
    return this.#current;
  }

  /** Plaintexts pass when there is an association for them. */
  #layer(driven: Driven): Driven {
    const isCurrent = (peer: Peer): boolean => peer.key === this.#current?.key;
    return {
      get deadline(): Instant | undefined {
        return driven.deadline;
      },
      handle: (datagram, _from, now) => {
        if (this.#current !== undefined) driven.handle(datagram, this.#current, now);
      },
      wake: (now) => driven.wake(now),
      poll: (): OutgoingDatagram | undefined => {
        for (let out = driven.poll(); out !== undefined; out = driven.poll()) {
          const { address, port } = out.peer;
          if (isCurrent(out.peer) && this.#shell !== undefined)
            return { peer: this.#shell.peer(address, port), datagram: out.datagram };
        }
        return undefined;
      },
    };
  }
}
