import { earliestOf, type Instant, type Random, UsageError, utf8Encode } from '@dunlin/base';
import { CoapEndpoint, type CoapOutput, type Peer, type RequestId } from '@dunlin/coap';
import { Device, Server } from '@dunlin/lwm2m';

import type { ClientDiagnostic } from './client-diagnostic.ts';
import type { ClientLimits } from './client-limits.ts';
import type { CoapTuning } from './client-options.ts';
import { type AccessPolicy, grantAll } from './device-management/access-rights.ts';
import type { OperationContext } from './device-management/operation-context.ts';
import { DeviceService, uriPathText } from './device-service.ts';
import type { ObjectSetup } from './object-tree/object-setup.ts';
import { ObjectTree } from './object-tree/object-tree.ts';
import { storedText } from './object-tree/stored-value.ts';
import type { TreeChange } from './object-tree/tree-change.ts';
import { securityObject } from './objects/security.ts';
import { problemOfBinding, serverObject } from './objects/server.ts';
import type { CompleteServerAccount } from './objects/server-account.ts';
import { objectLinks } from './registration/object-links.ts';
import type { RegistrationEvent } from './registration/registration-event.ts';
import type { RegistrationFailure } from './registration/registration-failure.ts';
import type { RegistrationOutput } from './registration/registration-output.ts';
import type { RetryPolicy } from './registration/retry-policy.ts';
import type { ServerUri } from './registration/server-uri.ts';
import { Reporting } from './reporting/reporting.ts';
import { type SecureCredential, secureCredential } from './security/secure-credential.ts';
import { disableTimeout, openServerSession, type ServerSession } from './server-session.ts';

/** What comes out of a client core. */
export type ClientOutput =
  | { readonly kind: 'transmit'; readonly peer: Peer; readonly datagram: Uint8Array }
  /** Find the peer at a host, and reach it where it is secure; answer with `resolved` or `unresolved`. */
  | { readonly kind: 'resolve'; readonly shortServerId: number; readonly uri: ServerUri }
  /** End the secure association with a peer. */
  | { readonly kind: 'disconnect'; readonly peer: Peer }
  /** Something of the device's own to be done, now that all answers have left. */
  | { readonly kind: 'action'; readonly run: (now: Instant) => void }
  | { readonly kind: 'registration'; readonly event: RegistrationEvent }
  | { readonly kind: 'diagnostic'; readonly diagnostic: ClientDiagnostic };

/** How much a client remembers at the moment. */
export interface ClientSizes {
  readonly coap: CoapEndpoint['sizes'];
  /** Of all Servers. */
  readonly observations: number;
  /** Paths with attributes, of all Servers. */
  readonly attributePaths: number;
  /** What waits to be taken by the shell. */
  readonly pendingOutputs: number;
}

/** What a client core is made of. */
export interface ClientCoreOptions {
  readonly endpointName: string;
  readonly accounts: readonly CompleteServerAccount[];
  readonly objects: readonly ObjectSetup[];
  readonly limits: ClientLimits;
  readonly retry: RetryPolicy;
  /** Whether notifications are confirmable; those that are not are so every 24 hours all the same. */
  readonly areNotificationsConfirmable: boolean;
  /** Default: every Server may do everything. */
  readonly accessPolicy?: AccessPolicy | undefined;
  /** How the CoAP endpoint is tuned. */
  readonly coap?: CoapTuning | undefined;
  readonly random: Random;
}

/**
 * A whole LwM2M Client as one state machine over datagrams: the object tree, and for each Server its
 * registration, attributes and observations, on one CoAP endpoint.
 */
export class ClientCore {
  readonly tree: ObjectTree;
  readonly #options: ClientCoreOptions;
  readonly #coap: CoapEndpoint;
  readonly #sessions: readonly ServerSession[];
  readonly #reporting: Reporting;
  readonly #service: DeviceService;
  readonly #outputs: ClientOutput[] = [];
  readonly #actions: ((now: Instant) => void)[] = [];
  #links: string | undefined;
  #areFactsStale = false;
  #isSettling = false;

  constructor(options: Readonly<ClientCoreOptions>) {
    this.#options = options;
    const { accounts, limits, endpointName, retry, random } = options;
    checkEndpointName(endpointName);
    const server = serverObject(accounts, {
      disable: (shortServerId, now) => this.#disable(shortServerId, now),
      update: (shortServerId, now) => this.update(now, shortServerId),
      supportedBinding: () => this.#supportedBinding(),
    });
    this.tree = new ObjectTree([securityObject(accounts), server, ...options.objects], limits);
    if (this.tree.definition(Device.definition.id) === undefined) {
      throw new UsageError('A client needs the Device Object: add device({ … }) to its objects (1.0 §E.4).');
    }
    for (const { binding } of accounts) {
      const problem = problemOfBinding(binding, this.#supportedBinding());
      if (problem !== undefined) throw new UsageError(`The binding of a Server cannot be: ${problem}.`);
    }
    this.#coap = new CoapEndpoint({ ...options.coap, random });
    this.#reporting = new Reporting((shortServerId, now) => this.#contextFor(shortServerId, now));
    this.#service = new DeviceService({
      coap: this.#coap,
      reporting: this.#reporting,
      observationLimit: limits.observationsPerServer,
      areNotificationsConfirmable: options.areNotificationsConfirmable,
      diagnose: (diagnostic) => this.#diagnose(diagnostic),
    });
    this.#sessions = accounts.map((account, objectInstanceId) =>
      openServerSession(account, objectInstanceId, {
        endpointName,
        tree: this.tree,
        links: () => this.#currentLinks(),
        retry,
        random,
        attributePathLimit: limits.attributePathsPerServer,
      }),
    );
    this.tree.changed.subscribe((change) => this.#treeChanged(change));
  }

  /** The sessions, in the order of the accounts. */
  get sessions(): readonly ServerSession[] {
    return this.#sessions;
  }

  /** True when every Server was told goodbye, or could not be. */
  get isClosed(): boolean {
    return this.#sessions.every((session) => session.registration.state === 'closed');
  }

  /** How much is remembered. */
  get sizes(): ClientSizes {
    return {
      coap: this.#coap.sizes,
      observations: this.#reporting.size,
      attributePaths: this.#sessions.reduce((sum, { attributes }) => sum + attributes.size, 0),
      pendingOutputs: this.#outputs.length + this.#actions.length,
    };
  }

  /** When `wake` has something to do. */
  get deadline(): Instant | undefined {
    const registrations = this.#sessions.map((session) => session.registration.deadline);
    return [...registrations, this.#reporting.deadline].reduce(earliestOf, this.#coap.deadline);
  }

  /** Takes a datagram in. */
  handle(datagram: Uint8Array, peer: Peer, now: Instant): void {
    const session = this.#sessions.find(({ link }) => link.isFrom(peer));
    this.#coap.handle(datagram, session?.link.arrived(peer) ?? peer, now);
    this.settle(now);
  }

  /** The secure association with a peer has ended. */
  peerLost(peer: Peer, now: Instant): void {
    const session = this.#sessions.find(({ link }) => link.isFrom(peer));
    if (session === undefined) return;
    session.link.disconnect();
    session.registration.disconnected(now);
    this.settle(now);
  }

  /** Does what is due. */
  wake(now: Instant): void {
    this.#coap.wake(now);
    for (const { registration } of this.#sessions) registration.wake(now);
    this.settle(now);
  }

  /** The next output. Actions come when nothing is left to transmit. */
  poll(): ClientOutput | undefined {
    const output = this.#outputs.shift();
    if (output !== undefined) return output;
    const run = this.#actions.shift();
    return run === undefined ? undefined : { kind: 'action', run };
  }

  /** Registers with every Server, at the next wake-up. */
  begin(now: Instant): void {
    for (const { registration } of this.#sessions) registration.begin(now);
  }

  /** Registers with every Server, whatever was before: after a reboot. */
  restart(now: Instant): void {
    for (const { registration } of this.#sessions) registration.start();
    this.settle(now);
  }

  /** The device has another address: where no association outlives that, it takes a new Register. */
  networkChanged(now: Instant): void {
    for (const { registration } of this.#sessions) registration.reconnect();
    this.settle(now);
  }

  /** Sends an Update to one Server, or to all. */
  update(now: Instant, shortServerId?: number): void {
    for (const session of this.#sessions) {
      if (shortServerId === undefined || session.shortServerId === shortServerId)
        session.registration.update(now);
    }
    this.settle(now);
  }

  /** Says goodbye to every Server; `isClosed` tells when that is done. */
  close(now: Instant): void {
    for (const { registration } of this.#sessions) registration.close();
    this.settle(now);
  }

  /** The peer behind a Server URI was found. */
  resolved(shortServerId: number, peer: Peer, now: Instant): void {
    const { link, registration } = this.#session(shortServerId);
    const before = link.peer;
    const isSameSession = peer.association?.isResumed === true || link.isFrom(peer);
    const isContinued = isSameSession && registration.mayContinue(now);
    link.connect(peer, isContinued);
    if (before !== undefined && before.key !== link.peer?.key) this.#coap.forgetPeer(before, now);
    registration.resolved(now, isContinued);
    this.settle(now);
  }

  /** The peer behind a Server URI was not found, or not reached. */
  unresolved(shortServerId: number, failure: RegistrationFailure, now: Instant): void {
    this.#session(shortServerId).registration.unresolved(failure, now);
    this.settle(now);
  }

  /** What the device proves who it is with to the Server at a host and port; see `CredentialFor`. */
  credentialFor(host: string, port: number): SecureCredential {
    const objectInstanceId = this.#sessions.findIndex(
      ({ uri }) => uri.isSecure && uri.host === host && uri.port === port,
    );
    if (objectInstanceId === -1) throw new UsageError(`There is no Server at ${host}:${port}.`);
    return secureCredential(this.tree, objectInstanceId);
  }

  /** True while `settle` is at work: what changes meanwhile is taken along. */
  get isSettling(): boolean {
    return this.#isSettling;
  }

  /** Brings everything in line with what happened: to be called after the tree was changed from outside. */
  settle(now: Instant): void {
    if (this.#isSettling) return;
    this.#isSettling = true;
    try {
      this.#settleAll(now);
    } finally {
      this.#isSettling = false;
    }
  }

  #settleAll(now: Instant): void {
    let isQuiet = false;
    while (!isQuiet) {
      isQuiet = true;
      for (let output = this.#coap.poll(); output !== undefined; output = this.#coap.poll()) {
        this.#take(output, now);
        isQuiet = false;
      }
      if (this.#areFactsStale) {
        this.#areFactsStale = false;
        for (const { registration } of this.#sessions) registration.review(now);
      }
      for (const session of this.#sessions) {
        for (
          let output = session.registration.poll();
          output !== undefined;
          output = session.registration.poll()
        ) {
          this.#obey(session, output, now);
          isQuiet = false;
        }
      }
      this.#reporting.review(now);
      for (let next = this.#reporting.poll(); next !== undefined; next = this.#reporting.poll()) {
        this.#service.notify(next, now);
        isQuiet = false;
      }
    }
  }

  #take(output: CoapOutput, now: Instant): void {
    switch (output.kind) {
      case 'transmit':
        this.#transmit(output);
        break;
      case 'request':
        this.#serve(output, now);
        break;
      case 'response': {
        const session = this.#sessionOfRequest(output.request);
        session?.registration.answered(output.response, now);
        break;
      }
      case 'request-failed': {
        const session = this.#sessionOfRequest(output.request);
        session?.registration.unanswered(output.reason, now);
        break;
      }
      case 'relation-ended':
        this.#service.relationEnded(output);
        break;
      case 'notification-acknowledged':
      // What follows is of the observing side and of pings, which a client does not use.
      case 'notification':
      case 'observation-ended':
      case 'pong':
        break;
    }
  }

  /** What is for a Server that is out of reach is lost, as in any network; CoAP repeats it. */
  #transmit({ peer, datagram }: CoapOutput & { kind: 'transmit' }): void {
    const session = this.#sessions.find(({ link }) => link.peer?.key === peer.key);
    const carrier = session === undefined ? peer : session.link.carrier;
    if (carrier !== undefined) this.#outputs.push({ kind: 'transmit', peer: carrier, datagram });
  }

  /** Requests of a Server that we are registered with are served; all others are dropped. */
  #serve(incoming: CoapOutput & { kind: 'request' }, now: Instant): void {
    const { exchange, peer, request } = incoming;
    const session = this.#sessions.find((candidate) => candidate.link.peer?.key === peer.key);
    if (session?.registration.isServing === true) {
      const afterAnswer = this.#service.serve(incoming, this.#contextFor(session.shortServerId, now));
      if (afterAnswer !== undefined) this.#actions.push(afterAnswer);
      return;
    }
    this.#coap.ignore(exchange, now);
    const reason = session === undefined ? 'unknown-peer' : 'not-registered';
    this.#diagnose({ kind: 'request-dropped', peer, reason, uriPath: uriPathText(request) });
  }

  #obey(session: ServerSession, output: RegistrationOutput, now: Instant): void {
    const { shortServerId } = session;
    switch (output.kind) {
      case 'resolve':
        this.#outputs.push({ kind: 'resolve', shortServerId, uri: output.uri });
        break;
      case 'disconnect':
        this.#disconnect(session);
        break;
      case 'request': {
        if (session.link.peer === undefined) break;
        const { request, timeout } = output;
        session.request = this.#coap.request(
          session.link.peer,
          request,
          now,
          timeout === undefined ? {} : { timeout },
        );
        break;
      }
      case 'cancel-request': {
        const { request } = session;
        session.request = undefined;
        if (request !== undefined) this.#coap.cancelRequest(request, now);
        break;
      }
      case 'end-observations':
        this.#service.endObservations(shortServerId);
        break;
      case 'event':
        this.#outputs.push({ kind: 'registration', event: output.event });
        break;
    }
  }

  /** Without security there is nothing to end, and what comes late is still from the Server. */
  #disconnect({ link }: ServerSession): void {
    const { carrier } = link;
    if (carrier === undefined || carrier.security.kind === 'none') return;
    link.disconnect();
    this.#outputs.push({ kind: 'disconnect', peer: carrier });
  }

  #treeChanged(change: TreeChange): void {
    this.#reporting.touch(change);
    if (change.created.length > 0 || change.deleted.length > 0) {
      this.#links = undefined;
      this.#areFactsStale = true;
      for (const path of change.deleted) {
        for (const session of this.#sessions) session.attributes.removeInstance(path);
      }
    }
    if (change.written.some((path) => path.objectId === Server.definition.id)) this.#areFactsStale = true;
  }

  #disable(shortServerId: number, now: Instant): void {
    const objectInstanceId = this.#sessions.findIndex((session) => session.shortServerId === shortServerId);
    const duration = disableTimeout(this.tree, objectInstanceId);
    this.#session(shortServerId).registration.disable(duration, now);
    this.settle(now);
  }

  #supportedBinding(): string {
    return storedText(this.tree, Device.supportedBindingAndModes.path) ?? 'U';
  }

  #contextFor(shortServerId: number, now: Instant): OperationContext {
    const { attributes } = this.#session(shortServerId);
    const { accessPolicy: rightsFor = grantAll } = this.#options;
    return { tree: this.tree, shortServerId, attributes, rightsFor, now };
  }

  #session(shortServerId: number): ServerSession {
    const session = this.#sessions.find((candidate) => candidate.shortServerId === shortServerId);
    if (session === undefined)
      throw new UsageError(`There is no Server with the short server id ${shortServerId}.`);
    return session;
  }

  #sessionOfRequest(request: RequestId): ServerSession | undefined {
    const session = this.#sessions.find((candidate) => candidate.request === request);
    if (session !== undefined) session.request = undefined;
    return session;
  }

  #diagnose(diagnostic: ClientDiagnostic): void {
    this.#outputs.push({ kind: 'diagnostic', diagnostic });
  }

  #currentLinks(): string {
    this.#links ??= objectLinks(this.tree);
    return this.#links;
  }
}

/** `ep=` and the name have to fit one Uri-Query option (RFC 7252 §5.10). */
function checkEndpointName(endpointName: string): void {
  if (endpointName === '') throw new UsageError('An endpoint name is not empty.');
  if (utf8Encode(`ep=${endpointName}`).length > 255) {
    throw new UsageError('An endpoint name has 252 bytes at most: it travels in one Uri-Query option.');
  }
}
