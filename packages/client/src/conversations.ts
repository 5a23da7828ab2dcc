import { addDuration, type Instant, milliseconds } from '@dunlin/base';
import type { CoapEndpoint, Peer, RequestId } from '@dunlin/coap';

import type { BootstrapClient } from './bootstrap/bootstrap-client.ts';
import type { BootstrapOutput } from './bootstrap/bootstrap-engine.ts';
import type { ClientOutput } from './client-output.ts';
import type { DeviceService } from './device-service.ts';
import { type Asker, engineOf, OwnRequests } from './own-requests.ts';
import type { RegistrationFailure } from './registration/registration-failure.ts';
import type { RegistrationOutput } from './registration/registration-output.ts';
import type { ServerUri } from './registration/server-uri.ts';
import type { OutgoingNotification } from './reporting/reporting.ts';
import { needsReassociation, type ServerSession } from './server-session.ts';
import type { ServerSessions } from './server-sessions.ts';
import { smsUri } from './sms/sms-channel.ts';
import type { ServerLink } from './transport/server-link.ts';
import { type ReachId, ServerWays } from './transport/server-ways.ts';

/** Between attempts to make an association over short messages: a handshake takes six of them. */
const smsReachInterval = milliseconds(3_600_000);

/** What conversations are made of. */
export interface ConversationParts {
  readonly coap: CoapEndpoint;
  readonly sessions: ServerSessions;
  readonly bootstrap: BootstrapClient;
  readonly service: DeviceService;
  readonly put: (output: ClientOutput) => void;
  readonly notify: (notification: OutgoingNotification, now: Instant) => void;
}

/** The client's own part in its talks with Servers: it does what the engines of registrations and bootstrap ask for. */
export class Conversations {
  readonly #parts: ConversationParts;
  readonly #ways: ServerWays<Asker>;
  readonly #requests: OwnRequests;

  constructor(parts: ConversationParts) {
    const askers = (): readonly Asker[] => [...parts.sessions.all, parts.bootstrap];
    this.#parts = parts;
    this.#ways = new ServerWays(askers);
    this.#requests = new OwnRequests(parts.coap, askers);
  }

  /** Whose peer it is, as a binding knows it. */
  from(peer: Peer): Asker | undefined {
    return this.#ways.from(peer);
  }

  /** Whose peer it is, as CoAP knows it. */
  to(peer: Peer): Asker | undefined {
    return this.#ways.to(peer);
  }

  /** Who waits for the outcome of a request, which is under way no longer. */
  take(request: RequestId): ReturnType<typeof engineOf> | undefined {
    return this.#requests.take(request);
  }

  /** The peer behind a Server URI was found. */
  resolved(reach: ReachId, peer: Peer, now: Instant): void {
    const target = this.#ways.reached(reach);
    if (target === undefined) return;
    const { link } = target;
    const before = link.peer;
    const isSameAssociation = link.isFrom(peer);
    const isSameSession = peer.association?.isResumed === true || isSameAssociation;
    const isContinued = isSameSession && engineOf(target).mayContinue(now);
    link.connect(peer, isContinued);
    const { coap } = this.#parts;
    if (before !== undefined && before.key !== link.peer?.key) coap.forgetPeer(before, now);
    // The Server has just answered a handshake, whatever it left unanswered before.
    else if (before !== undefined && !isSameAssociation) coap.peerResponds(before, now);
    // Whoever made a handshake is awake, and the Server finds it there.
    if (peer.association !== undefined && !isSameAssociation && 'awake' in target) this.wakes(target, now);
    engineOf(target).resolved(now, isContinued);
  }

  /** The Bootstrap-Server has reached the client, over an association of its own. */
  bootstrapServerArrived(peer: Peer, now: Instant): void {
    const { bootstrap, coap } = this.#parts;
    const { link } = bootstrap;
    if (link.isFrom(peer)) return;
    const before = link.peer;
    link.connect(peer, false);
    if (before !== undefined && before.key !== peer.key) coap.forgetPeer(before, now);
  }

  /** The client sends something to a Server, which wakes it. */
  wakes({ awake, shortServerId }: ServerSession, now: Instant): void {
    if (awake.sent(now)) this.#parts.put({ kind: 'queue-mode', event: { kind: 'awake', shortServerId } });
  }

  /** The peer behind a Server URI was not found, or not reached. */
  unresolved(reach: ReachId, failure: RegistrationFailure, now: Instant): void {
    const target = this.#ways.reached(reach);
    if (target === undefined) return;
    engineOf(target).unresolved(failure, now);
  }

  /** The secure association with a peer has ended. */
  peerLost(peer: Peer, now: Instant): void {
    const target = this.#ways.from(peer);
    if (target === undefined) return;
    target.link.disconnect();
    engineOf(target).disconnected(now);
  }

  /** Does what a registration asks for. */
  obey(session: ServerSession, output: RegistrationOutput, now: Instant): void {
    switch (output.kind) {
      case 'resolve':
        this.reach(session, output.uri);
        break;
      case 'disconnect':
        this.#disconnect(session.link);
        break;
      case 'request': {
        const { request, timeout } = output;
        // Nobody finds the client where it was before it slept.
        const isLost = session.awake.isAsleep && needsReassociation(session);
        if (isLost && session.registration.state === 'updating') {
          this.#disconnect(session.link);
          session.registration.reconnect();
          break;
        }
        this.#requests.send(session, request, now, timeout === undefined ? {} : { timeout });
        break;
      }
      case 'cancel-request':
        this.#requests.cancel(session, now);
        break;
      case 'end-observations':
        session.stored.takeAll();
        this.#parts.service.endObservations(session.shortServerId);
        break;
      case 'event':
        this.#parts.put({ kind: 'registration', event: output.event });
        // Stored notifications come after the Update.
        if (output.event.kind === 'registered' || output.event.kind === 'updated')
          this.#reachBySms(session, now);
        if (output.event.kind === 'updated') {
          for (const notification of session.stored.takeAll()) this.#parts.notify(notification, now);
        }
        break;
    }
  }

  /** Does what the bootstrap asks for. */
  obeyBootstrap(output: BootstrapOutput, now: Instant): void {
    const bootstrap = this.#parts.bootstrap;
    switch (output.kind) {
      case 'resolve':
        this.reach(bootstrap, output.uri);
        break;
      case 'disconnect':
        this.#disconnect(bootstrap.link);
        break;
      case 'request':
        this.#requests.send(bootstrap, output.request, now);
        break;
      case 'cancel-request':
        this.#requests.cancel(bootstrap, now);
        break;
      case 'event':
        this.#parts.put({ kind: 'bootstrap', event: output.event });
        break;
    }
  }

  /** Asks for a way to a Server; `resolved` or `unresolved` answers. */
  reach(target: Asker, uri: ServerUri): void {
    this.#parts.put({ kind: 'resolve', reach: this.#ways.reach(target), uri });
  }

  /**
   * A Server that may send short messages with DTLS needs an association, and only the device can make one. Each attempt
   * costs short messages, so that they are few; where there is an association, nothing is sent.
   */
  #reachBySms(session: ServerSession, now: Instant): void {
    const { sms, uri, smsAskedAt, shortServerId } = session;
    if (sms === undefined || !sms.isSecure || uri.transport === 'sms') return;
    if (smsAskedAt !== undefined && now < addDuration(smsAskedAt, smsReachInterval)) return;
    session.smsAskedAt = now;
    this.#parts.put({ kind: 'reach-sms', shortServerId, uri: smsUri(sms) });
  }

  /** Without security there is nothing to end, and what comes late is still from the Server. */
  #disconnect(link: ServerLink): void {
    const { carrier } = link;
    if (carrier === undefined || carrier.security.kind === 'none') return;
    link.disconnect();
    this.#parts.put({ kind: 'disconnect', peer: carrier });
  }
}
