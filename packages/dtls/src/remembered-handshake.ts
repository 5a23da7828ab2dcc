import type { HandshakeResult } from './handshake/handshake-action.ts';
import { packBytes, unpackBytes } from './packed-bytes.ts';
import type { Session } from './session.ts';
import { helloRandomLength } from './wire/hello-fields.ts';

/** What an established association remembers of the handshake that made it, in a fraction of the memory. */
export class RememberedHandshake {
  readonly session: Omit<Session, 'id'>;
  /** The randoms of client and server, then the session id. */
  readonly #packed: string;
  readonly #ownConnectionId: string;
  readonly #peerConnectionId: string;

  constructor({ session, clientRandom, serverRandom, ownConnectionId, peerConnectionId }: HandshakeResult) {
    // Property by property: what a rest parameter makes takes twice the memory.
    this.session = {
      suite: session.suite,
      masterSecret: session.masterSecret,
      hasExtendedMasterSecret: session.hasExtendedMasterSecret,
      serverName: session.serverName,
      maxFragmentLength: session.maxFragmentLength,
      peer: session.peer,
      credentialId: session.credentialId,
      establishedAt: session.establishedAt,
    };
    this.#ownConnectionId = packBytes(ownConnectionId);
    this.#peerConnectionId = packBytes(peerConnectionId);
    this.#packed = packBytes(clientRandom, serverRandom, session.id);
  }

  /** True when the peer puts a connection id into its records. */
  get hasOwnConnectionId(): boolean {
    return this.#ownConnectionId !== '';
  }

  /** The connection id in records this side receives, and in those it sends; empty for none (RFC 9146 §3). */
  get ownConnectionId(): Uint8Array {
    return unpackBytes(this.#ownConnectionId);
  }

  get peerConnectionId(): Uint8Array {
    return unpackBytes(this.#peerConnectionId);
  }

  get clientRandom(): Uint8Array {
    return unpackBytes(this.#packed, 0, helloRandomLength);
  }

  get serverRandom(): Uint8Array {
    return unpackBytes(this.#packed, helloRandomLength, 2 * helloRandomLength);
  }

  /** Empty when the session cannot be resumed. */
  get sessionId(): Uint8Array {
    return unpackBytes(this.#packed, 2 * helloRandomLength);
  }
}
