import type { HandshakeResult } from './handshake/handshake-action.ts';
import { packBytes, unpackBytes } from './packed-bytes.ts';
import type { Session } from './session.ts';
import { helloRandomLength } from './wire/hello-fields.ts';

/** What an established association remembers of the handshake that made it, in a fraction of the memory. */
export class RememberedHandshake {
  readonly session: Omit<Session, 'id'>;
  /** The connection id in records this side receives, and in those it sends; empty for none (RFC 9146 §3). */
  readonly ownConnectionId: Uint8Array;
  readonly peerConnectionId: Uint8Array;
  /** The randoms of client and server, then the session id. */
  readonly #packed: string;

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
    this.ownConnectionId = ownConnectionId;
    this.peerConnectionId = peerConnectionId;
    this.#packed = packBytes(clientRandom, serverRandom, session.id);
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
