import { isIP } from 'node:net';

import { type Instant, Secret, SecurityError, TransmissionError } from '@dunlin/base';
import type { Peer } from '@dunlin/coap';
import {
  type AssociationId,
  type DtlsEndpoint,
  isRefusal,
  judgePeer,
  type PeerAddress,
  type SavedAssociation,
  type Session,
} from '@dunlin/dtls';

import { formatHostAndPort } from '../udp/ip-address.ts';
import { credentialFingerprint } from './credential-fingerprint.ts';
import type { ClientCredential } from './dtls-credentials.ts';
import type {
  ClosedOutput,
  EstablishedOutput,
  FailedOutput,
  LayerOwner,
  LayerQuestion,
  LiveAssociation,
} from './dtls-layer.ts';

/** How a client uses and keeps what it has of its servers; see `serverReachDefaults`. */
export interface ServerReachLimits {
  /** An association on which so many datagrams were sent since one came is not used any more. */
  readonly maxUnanswered: number;
  /** The most sessions that are kept to be resumed. */
  readonly maxSessions: number;
}

/**
 * Unanswered: a confirmable message is sent five times at most (RFC 7252 §4.8): then the server, which may have
 * forgotten the association, is asked for a new one. Sessions: a device has a handful of servers.
 */
export const serverReachDefaults: ServerReachLimits = { maxUnanswered: 5, maxSessions: 32 };

interface ReachParameters {
  readonly endpoint: DtlsEndpoint;
  readonly clock: () => Instant;
  readonly limits: ServerReachLimits;
}

/** A handshake under way. */
interface Attempt {
  readonly key: string;
  readonly target: string;
  readonly address: Peer;
  readonly host: string;
  readonly credential: ClientCredential;
  readonly credentialId: string;
  readonly done: PromiseWithResolvers<Peer>;
}

/** The client's side of associations: which server is reached by which, and which sessions could be resumed. */
export class ServerReach implements LayerOwner {
  readonly #given: ReachParameters;
  readonly #attempts = new Map<AssociationId, Attempt>();
  readonly #underWay = new Map<string, Attempt>();
  readonly #reached = new Map<string, LiveAssociation>();
  /** The least recently made first. */
  readonly #sessions = new Map<string, Session>();
  #isClosed = false;

  constructor(parameters: ReachParameters) {
    this.#given = parameters;
  }

  /** Takes up associations that were restored. */
  adopt(associations: Iterable<LiveAssociation>): void {
    for (const association of associations) {
      const { peer, serverName, credentialId } = association;
      this.#reached.set(keyOf(peer, serverName, credentialId), association);
    }
  }

  /** Remembers the session of a saved association: what was agreed on may be resumed even if that cannot go on. */
  keep({ peerAddress, session }: SavedAssociation): void {
    const masterSecret = new Secret(session.masterSecret.reveal().slice());
    this.#remember(keyOf(peerAddress, session.serverName, session.credentialId), {
      ...session,
      masterSecret,
    });
  }

  /** The association with the server at an address: the one that is there, or a new one. */
  async reach(address: Peer, host: string, credential: ClientCredential | undefined): Promise<Peer> {
    const target = formatHostAndPort(host, address.port);
    if (this.#isClosed) throw closed(target);
    if (credential === undefined) throw new SecurityError(`There is no credential for ${target}.`);
    const credentialId = credentialFingerprint(credential);
    const key = keyOf(address, isIP(host) === 0 ? serverNameOf(address, host) : undefined, credentialId);
    const existing = this.#reached.get(key);
    if (existing !== undefined && existing.unanswered < this.#given.limits.maxUnanswered)
      return existing.peer;
    const underWay = this.#underWay.get(key);
    if (underWay !== undefined) return await underWay.done.promise;
    const done = Promise.withResolvers<Peer>();
    const attempt = { key, target, address, host, credential, credentialId, done };
    this.#begin(attempt);
    this.#underWay.set(key, attempt);
    return await done.promise;
  }

  /** Begins every handshake that is under way once more, because it cannot go on from another address. */
  beginAnew(): void {
    const attempts = [...this.#attempts.values()];
    // The old ones end as replaced, which is nobody's concern.
    this.#attempts.clear();
    for (const attempt of attempts) this.#begin(attempt);
  }

  /** Gives up whatever is under way, and forgets all sessions. */
  close(): void {
    this.#isClosed = true;
    for (const [id, { target, done }] of this.#attempts) {
      this.#given.endpoint.close(id, this.#given.clock());
      done.reject(closed(target));
    }
    this.#attempts.clear();
    this.#underWay.clear();
    for (const key of this.#sessions.keys()) this.#forget(key);
  }

  /** The server's key or certificate, which nobody but the owner of the credential can judge. */
  ask(question: LayerQuestion): void {
    const { endpoint, clock } = this.#given;
    const now = clock();
    if (question.kind === 'psk-lookup') {
      endpoint.answerPskLookup(question.lookup, undefined, now);
      return;
    }
    const { evidence, serverName, association, lookup } = question;
    const attempt = this.#attempts.get(association);
    const trust = attempt?.credential.trust;
    if (attempt === undefined || trust === undefined || evidence.kind !== 'certificate') {
      const reason = 'There is nothing to judge the server by.';
      endpoint.answerVerification(lookup, { kind: 'refused', reason }, now);
      return;
    }
    const context = { now, role: 'server', host: serverName } as const;
    const judged = judgePeer(evidence.certificate, trust, context);
    const { credentialId } = attempt;
    const answer = isRefusal(judged) ? judged : ({ kind: 'trusted', credentialId } as const);
    endpoint.answerVerification(lookup, answer, now);
  }

  established(association: LiveAssociation, { session }: EstablishedOutput): void {
    const attempt = this.#takeAttempt(association.id);
    if (attempt === undefined) {
      session?.masterSecret.destroy();
      return;
    }
    this.#reached.set(attempt.key, association);
    if (session !== undefined) this.#remember(attempt.key, session);
    attempt.done.resolve(association.peer);
  }

  ended(association: LiveAssociation, reason: ClosedOutput['reason']): void {
    for (const [key, candidate] of this.#reached) {
      if (candidate !== association) continue;
      this.#reached.delete(key);
      if (reason === 'failed') this.#forget(key);
    }
  }

  failed(output: FailedOutput): void {
    const attempt = this.#takeAttempt(output.association);
    if (attempt === undefined) return;
    // A session that was refused is not offered again; one that nobody answered may still be good.
    if (output.reason !== 'timeout') this.#forget(attempt.key);
    attempt.done.reject(errorOf(output, attempt.target));
  }

  #begin(attempt: Attempt): void {
    const { address, host, credential, credentialId, key } = attempt;
    const resume = this.#sessions.get(key);
    const serverName = serverNameOf(address, host);
    const options = { credential: credential.credential, credentialId, serverName, resume };
    this.#attempts.set(this.#given.endpoint.connect(address, options, this.#given.clock()), attempt);
  }

  #takeAttempt(id: AssociationId): Attempt | undefined {
    const attempt = this.#attempts.get(id);
    this.#attempts.delete(id);
    if (attempt !== undefined) this.#underWay.delete(attempt.key);
    return attempt;
  }

  #remember(key: string, session: Session): void {
    this.#forget(key);
    if (session.id.length === 0 || this.#isClosed) {
      session.masterSecret.destroy();
      return;
    }
    this.#sessions.set(key, session);
    const [oldest] = this.#sessions.keys();
    if (oldest !== undefined && this.#sessions.size > this.#given.limits.maxSessions) this.#forget(oldest);
  }

  #forget(key: string): void {
    this.#sessions.get(key)?.masterSecret.destroy();
    this.#sessions.delete(key);
  }
}

/** A telephone number is no host name, and to send it would cost more than it says (RFC 6066 §3). */
function serverNameOf({ transport }: Peer, host: string): string | undefined {
  return transport === 'sms' ? undefined : host;
}

/** By name too, and by credential: what was proved to one server or under one key is not good for another. */
function keyOf({ address, port }: PeerAddress, serverName: string | undefined, credentialId: string): string {
  return `${formatHostAndPort(address, port)} ${serverName ?? address} ${credentialId}`;
}

function closed(target: string): TransmissionError {
  return new TransmissionError('closed', `the binding was closed before ${target} was reached`);
}

function errorOf({ reason, detail }: FailedOutput, target: string): SecurityError | TransmissionError {
  const what = `no DTLS association with ${target}`;
  switch (reason) {
    case 'timeout':
      return new TransmissionError('no-answer', `${what}: ${detail}`);
    case 'closed-here':
      return new TransmissionError('closed', `${what}: ${detail}`);
    case 'replaced':
      return new TransmissionError('superseded', `${what}: ${detail}`);
    case 'refused':
    case 'wrong-key':
    case 'alert':
      return new SecurityError(`${what}: ${detail}`);
  }
}
