import { earliestOf, type Instant } from '@dunlin/base';
import {
  type DeliveryFailure,
  type Driven,
  type OutgoingDatagram,
  type Peer,
  smsPeer,
  udpPeer,
} from '@dunlin/coap';
import {
  type AssociationId,
  associationIdFrom,
  type DatagramAddress,
  type DtlsEndpoint,
  type DtlsOutput,
  type KeyLogSink,
  type PeerIdentity,
  type SavedAssociation,
} from '@dunlin/dtls';

import type { DtlsDiagnostic } from './dtls-diagnostic.ts';

/** An association that is established. */
export interface LiveAssociation {
  readonly id: AssociationId;
  /** As the role sees it; another object when the address has changed, of the same key. */
  peer: Peer;
  /** How many datagrams were sent since one came. */
  unanswered: number;
  readonly credentialId: string;
  /** The host name that a client asked for, if it was one. */
  readonly serverName: string | undefined;
}

/** The outputs by which the core asks something outside. */
export type LayerQuestion = Extract<DtlsOutput, { kind: 'psk-lookup' | 'verify-peer' }>;

/** What a binding does about what happens in its layer. */
export interface LayerOwner {
  ask(question: LayerQuestion): void;
  established?(association: LiveAssociation, output: EstablishedOutput): void;
  ended?(association: LiveAssociation, reason: ClosedOutput['reason']): void;
  failed?(output: FailedOutput): void;
}

export type EstablishedOutput = Extract<DtlsOutput, { kind: 'established' }>;
export type ClosedOutput = Extract<DtlsOutput, { kind: 'closed' }>;
export type FailedOutput = Extract<DtlsOutput, { kind: 'failed' }>;

export interface LayerParameters {
  readonly endpoint: DtlsEndpoint;
  readonly driven: Driven;
  readonly owner: LayerOwner;
  readonly clock: () => Instant;
  readonly onDiagnostic: (diagnostic: DtlsDiagnostic) => void;
  readonly keyLog: KeyLogSink | undefined;
  /** What carries the records. */
  readonly transport: Peer['transport'];
}

/**
 * DTLS between a socket and a role: to the socket's shell it is what is driven, and it drives the role, which sees
 * plaintexts of authenticated peers. All that happens to the role happens in `poll` and `wake`, one call at a time.
 */
export class DtlsLayer implements Driven {
  readonly #given: LayerParameters;
  readonly #live = new Map<AssociationId, LiveAssociation>();
  /** Who the peers of handshakes under way say they are. */
  readonly #claimed = new Map<AssociationId, PeerIdentity>();
  #isOpen = false;
  #isBusy = false;
  /** The role's datagram in the record that the core puts out next. */
  #sealing: Uint8Array | undefined;

  constructor(parameters: LayerParameters) {
    this.#given = parameters;
  }

  get endpoint(): DtlsEndpoint {
    return this.#given.endpoint;
  }

  /** True while the role is being called: what it wants to send is sent right after. */
  get isBusy(): boolean {
    return this.#isBusy;
  }

  get deadline(): Instant | undefined {
    return earliestOf(this.#given.endpoint.deadline, this.#dueOfRole);
  }

  /** Datagrams that come earlier are passed over: they would take the places of associations to be restored. */
  open(): void {
    this.#isOpen = true;
  }

  handle(datagram: Uint8Array, peer: Peer, now: Instant): void {
    if (this.#isOpen) this.#given.endpoint.handle(datagram, peer, now);
  }

  wake(now: Instant): void {
    const { endpoint, driven } = this.#given;
    endpoint.wake(now);
    const due = this.#dueOfRole;
    if (due !== undefined && due <= now) this.#callRole(() => driven.wake(now));
  }

  poll(): OutgoingDatagram | undefined {
    const { endpoint, driven } = this.#given;
    for (;;) {
      const output = endpoint.poll();
      if (output?.kind === 'transmit') return this.#outgoing(output.to, output.datagram);
      if (output !== undefined) {
        this.#act(output);
        continue;
      }
      this.#sealing = undefined;
      const outgoing = this.#isOpen ? driven.poll() : undefined;
      if (outgoing === undefined) return undefined;
      this.#send(outgoing);
    }
  }

  /** Only what the role sent is its concern: a handshake has timers of its own. */
  undelivered(at: Peer, datagram: Uint8Array, failure: DeliveryFailure, now: Instant): void {
    const association = this.associationAt(at.address, at.port);
    if (association === undefined || !this.#isOpen) return;
    this.#callRole(() => this.#given.driven.undelivered?.(association.peer, datagram, failure, now));
  }

  /** Records and handshakes are the role's traffic. */
  packetPassed(direction: 'sent' | 'received', bytes: number): void {
    this.#given.driven.packetPassed?.(direction, bytes);
  }

  /** Ends the association with a peer, which is told; harmless when there is none. */
  disconnect({ key }: Peer): void {
    const association = this.#live.get(idOf(key));
    if (association !== undefined) this.#given.endpoint.close(association.id, this.#given.clock());
  }

  /** All that are established, as they are now. */
  associations(): readonly LiveAssociation[] {
    return [...this.#live.values()];
  }

  /** The newest that is established with an address. */
  associationAt(address: string, port: number): LiveAssociation | undefined {
    return this.associations().findLast(({ peer }) => peer.address === address && peer.port === port);
  }

  /** Goes on with a saved association; gives the reason why it cannot. */
  restore(saved: SavedAssociation): string | undefined {
    const { peerAddress, session, peerConnectionId, ownConnectionId, role } = saved;
    const address = this.#plainPeer(peerAddress);
    const id = this.#given.endpoint.restore(saved, address);
    if (typeof id !== 'string') return id.refusal;
    const towards = role === 'server' ? ownConnectionId : peerConnectionId;
    const { credentialId, serverName } = session;
    const peer = this.#securedPeer(id, address, session.peer, {
      isResumed: true,
      hasConnectionId: towards.length > 0,
      credentialId: role === 'server' ? credentialId : undefined,
    });
    this.#add({ id, peer, unanswered: 0, credentialId, serverName });
    return undefined;
  }

  /** Stops for good, keeping the associations; those that cannot be kept are gone without a word. */
  save(): readonly SavedAssociation[] {
    this.#isOpen = false;
    return this.#given.endpoint.save();
  }

  /** Stops for good; the peers of all associations are told. */
  close(): void {
    this.#isOpen = false;
    const now = this.#given.clock();
    for (const id of this.#live.keys()) this.#given.endpoint.close(id, now);
  }

  #act(output: Exclude<DtlsOutput, { kind: 'transmit' }>): void {
    const { driven, owner, clock, onDiagnostic } = this.#given;
    switch (output.kind) {
      case 'received': {
        const association = this.#live.get(output.association);
        if (association === undefined || !this.#isOpen) break;
        association.unanswered = 0;
        this.#callRole(() => driven.handle(output.plaintext, association.peer, clock()));
        break;
      }
      case 'established':
        this.#establish(output);
        break;
      case 'address-changed':
        this.#move(output.association, output.address);
        onDiagnostic(output);
        break;
      case 'closed':
        this.#end(output);
        break;
      case 'failed':
        owner.failed?.(output);
        onDiagnostic({ ...output, claimed: this.#claimed.get(output.association) });
        this.#claimed.delete(output.association);
        break;
      case 'psk-lookup':
      case 'verify-peer':
        this.#noteClaim(output);
        owner.ask(output);
        break;
      case 'key-log':
        this.#logKeys(output.line);
        break;
      case 'diagnostic':
        onDiagnostic({ ...output, kind: 'passed-over' });
        break;
    }
  }

  #noteClaim(question: LayerQuestion): void {
    const claimed = claimOf(question);
    if (claimed === undefined) return;
    this.#claimed.set(question.association, claimed);
    this.#given.onDiagnostic({ kind: 'claimed', address: question.address, claimed });
  }

  /** A debugging aid that fails is no reason to stop serving. */
  #logKeys(line: string): void {
    try {
      this.#given.keyLog?.(line);
    } catch (error) {
      this.#given.onDiagnostic({ kind: 'key-log-failed', cause: error });
    }
  }

  #establish(output: EstablishedOutput): void {
    const { association: id, role, address, peer: identity, isResumed, suite, credentialId } = output;
    const towards = role === 'server' ? output.ownConnectionId : output.peerConnectionId;
    const voucher = role === 'server' ? credentialId : undefined;
    const peer = this.#securedPeer(id, address, identity, {
      isResumed,
      hasConnectionId: towards.length > 0,
      credentialId: voucher,
    });
    const association = { id, peer, unanswered: 0, credentialId, serverName: output.session?.serverName };
    this.#add(association);
    this.#claimed.delete(id);
    this.#given.owner.established?.(association, output);
    const told = { kind: 'established', association: id, role, address, peer: identity } as const;
    this.#given.onDiagnostic({ ...told, credentialId: voucher, isResumed, suite });
  }

  #move(id: AssociationId, { address, port }: DatagramAddress): void {
    const association = this.#live.get(id);
    if (association !== undefined) association.peer = { ...association.peer, address, port };
  }

  #end({ association: id, reason }: ClosedOutput): void {
    const association = this.#live.get(id);
    if (association === undefined) return;
    this.#live.delete(id);
    this.#given.owner.ended?.(association, reason);
    this.#given.onDiagnostic({ kind: 'closed', address: this.#plainPeer(association.peer), reason });
    this.#lose(association.peer);
  }

  #outgoing(to: DatagramAddress, datagram: Uint8Array): OutgoingDatagram {
    const plaintext = this.#sealing;
    const peer = this.#peerAt(to);
    return plaintext === undefined ? { peer, datagram } : { peer, datagram, plaintext };
  }

  #send({ peer, datagram }: OutgoingDatagram): void {
    const association = this.#live.get(idOf(peer.key));
    const outcome =
      association === undefined
        ? 'unknown-association'
        : this.#given.endpoint.send(association.id, datagram, this.#given.clock());
    this.#sealing = outcome === 'sent' ? datagram : undefined;
    if (outcome === 'sent' || outcome === 'queued') {
      if (association !== undefined) association.unanswered += 1;
      return;
    }
    this.#given.onDiagnostic({ kind: 'not-sent', peerKey: peer.key, outcome });
    if (outcome === 'unknown-association' || outcome === 'closed') this.#lose(peer);
  }

  /** Before it is open and after it is closed a role has no shell that it could send through. */
  get #dueOfRole(): Instant | undefined {
    return this.#isOpen ? this.#given.driven.deadline : undefined;
  }

  #lose(peer: Peer): void {
    const { driven, clock } = this.#given;
    if (this.#isOpen) this.#callRole(() => driven.peerLost?.(peer, clock()));
  }

  /** The key is that of the association, never of its address (RFC 7252 §9.1). */
  #securedPeer(
    id: AssociationId,
    { address, port }: DatagramAddress,
    security: EstablishedOutput['peer'],
    association: NonNullable<Peer['association']>,
  ): Peer {
    const { transport } = this.#given;
    return { key: keyPrefix + id, transport, address, port, security, association };
  }

  /** Addresses come from the shell as peers, and most come back as such. */
  #peerAt(address: DatagramAddress): Peer {
    return isPeer(address) ? address : this.#plainPeer(address);
  }

  #plainPeer({ address, port }: Pick<DatagramAddress, 'address' | 'port'>): Peer {
    return this.#given.transport === 'sms' ? smsPeer(address) : udpPeer(address, port);
  }

  #add(association: LiveAssociation): void {
    this.#live.set(association.id, association);
  }

  #callRole(call: () => void): void {
    this.#isBusy = true;
    try {
      call();
    } finally {
      this.#isBusy = false;
    }
  }
}

/** What is asked about, before anybody has judged it. */
function claimOf(question: LayerQuestion): PeerIdentity | undefined {
  if (question.kind === 'psk-lookup') {
    return question.identity === undefined ? undefined : { kind: 'psk', identity: question.identity };
  }
  const { evidence } = question;
  if (evidence.kind === 'session') return evidence.peer;
  if (evidence.certificate.kind === 'raw-public-key') {
    return { kind: 'raw-public-key', publicKey: evidence.certificate.subjectPublicKeyInfo };
  }
  const [certificate] = evidence.certificate.chain;
  return certificate && { kind: 'certificate', certificate };
}

const keyPrefix = 'dtls:';

/** The association that a peer's key is of; of another kind of key, none that there is. */
function idOf(peerKey: string): AssociationId {
  return associationIdFrom(peerKey.startsWith(keyPrefix) ? peerKey.slice(keyPrefix.length) : '');
}

function isPeer(address: DatagramAddress): address is Peer {
  return 'security' in address;
}
