import { earliestOf, type Instant, UsageError } from '@dunlin/base';
import { CoapEndpoint, type CoapOutput, type Peer } from '@dunlin/coap';
import { Security, Server } from '@dunlin/lwm2m';

import { BootstrapClient } from './bootstrap/bootstrap-client.ts';
import { SmartcardProvisioning } from './bootstrap/smartcard.ts';
import type { ClientCoreOptions } from './client-core-options.ts';
import type { ClientDiagnostic } from './client-diagnostic.ts';
import type { ClientOutput } from './client-output.ts';
import type { ClientSizes } from './client-sizes.ts';
import { clientTree } from './client-tree.ts';
import { Conversations } from './conversations.ts';
import { accessControlPolicy } from './access-control/access-control-policy.ts';
import type { AccessPolicy } from './device-management/access-rights.ts';
import type { OperationContext } from './device-management/operation-context.ts';
import { isTakenInParts } from './device-management/value-parts.ts';
import { DeviceService, uriPathText } from './device-service.ts';
import type { ObjectTree } from './object-tree/object-tree.ts';
import type { TreeChange } from './object-tree/tree-change.ts';
import { type PeerRole, roleOf } from './peer-role.ts';
import { checkEndpointName } from './registration/endpoint-name.ts';
import { objectLinks } from './registration/object-links.ts';
import type { RegistrationFailure } from './registration/registration-failure.ts';
import { type OutgoingNotification, Reporting } from './reporting/reporting.ts';
import { disableTimeout, isAway, type ServerSession, storesNotifications } from './server-session.ts';
import { ServerSessions } from './server-sessions.ts';
import { smsPolicyDefaults } from './sms/client-sms.ts';
import type { SmsChannel } from './sms/sms-channel.ts';
import { SmsGate } from './sms/sms-gate.ts';
import type { ClientState } from './state/client-state.ts';
import { DeviceMemory } from './state/device-memory.ts';
import type { ReachId } from './transport/server-ways.ts';

/**
 * A whole LwM2M Client as one state machine over datagrams: the object tree, for each Server its registration,
 * attributes and observations, and the Bootstrap interface, on one CoAP endpoint.
 */
export class ClientCore {
  readonly tree: ObjectTree;
  readonly #memory: DeviceMemory;
  readonly #rightsFor: AccessPolicy;
  readonly #coap: CoapEndpoint;
  readonly #sessions: ServerSessions;
  readonly #bootstrap: BootstrapClient;
  readonly #smartcard: SmartcardProvisioning;
  readonly #reporting: Reporting;
  readonly #service: DeviceService;
  readonly #smsGate: SmsGate;
  readonly #outputs: ClientOutput[] = [];
  readonly #actions: ((now: Instant) => void)[] = [];
  readonly #conversations: Conversations;
  #links: string | undefined;
  #areFactsStale = false;
  #areAccountsStale = false;
  #isSettling = false;
  #isClosing = false;

  constructor(options: Readonly<ClientCoreOptions>) {
    const { reachable, limits, endpointName, retry, random } = options;
    checkEndpointName(endpointName);
    const tree = clientTree(options, {
      disable: (objectInstanceId, now) => this.#disable(objectInstanceId, now),
      update: (objectInstanceId, now) => {
        this.#sessions.ofServerInstance(objectInstanceId)?.registration.update(now);
        this.settle(now);
      },
    });
    this.tree = tree;
    this.#memory = new DeviceMemory(tree, options.savedState, options.startedAt);
    this.#rightsFor = options.accessPolicy ?? accessControlPolicy(tree);
    this.#coap = new CoapEndpoint({
      ...options.coap,
      random,
      takesBodyInParts: (peer, request) =>
        this.#roleOf(peer).kind !== 'bootstrap-server' && isTakenInParts(tree, request),
    });
    this.#reporting = new Reporting((shortServerId, now) => this.#contextFor(shortServerId, now));
    this.#service = new DeviceService({
      coap: this.#coap,
      reporting: this.#reporting,
      observationLimit: limits.observationsPerServer,
      areNotificationsConfirmable: options.areNotificationsConfirmable,
      diagnose: (diagnostic) => this.#diagnose(diagnostic),
      resume: options.resume,
    });
    this.#sessions = new ServerSessions({
      endpointName,
      tree,
      links: () => this.#currentLinks(),
      retry,
      random,
      attributePathLimit: limits.attributePathsPerServer,
      storedNotificationLimit: limits.storedNotificationsPerServer,
      awakeWindow: options.awakeWindow,
      smsNumber: options.sms?.number,
      smsAwakeWindow: (options.sms?.policy ?? smsPolicyDefaults).awakeWindow,
      savedAttributes: this.#memory.savedAttributes,
    });
    this.#smsGate = new SmsGate(options.sms?.policy);
    this.#smartcard = new SmartcardProvisioning(tree, reachable);
    if (options.smartcard !== undefined) this.checkSmartcard(options.smartcard, options.startedAt);
    this.#bootstrap = new BootstrapClient({ endpointName, tree, reachable, retry, random });
    this.#conversations = new Conversations({
      coap: this.#coap,
      sessions: this.#sessions,
      bootstrap: this.#bootstrap,
      service: this.#service,
      put: (output) => this.#outputs.push(output),
      notify: (notification, now) => this.#notify(notification, now),
    });
    this.#sessions.reconcile();
    tree.changed.subscribe((change) => this.#treeChanged(change));
  }

  /** The sessions, in the order of the accounts. */
  get sessions(): readonly ServerSession[] {
    return this.#sessions.current;
  }

  /** What the device has to remember while it is off. */
  get state(): ClientState {
    return this.#memory.state(this.#sessions.current);
  }

  /** True when every Server was told goodbye, or could not be. */
  get isClosed(): boolean {
    return this.#isClosing && this.#sessions.all.every((session) => session.registration.state === 'closed');
  }

  /** How much is remembered. */
  get sizes(): ClientSizes {
    return {
      coap: this.#coap.sizes,
      observations: this.#reporting.size,
      attributePaths: this.#sessions.current.reduce((sum, { attributes }) => sum + attributes.size, 0),
      pendingOutputs: this.#outputs.length + this.#actions.length,
    };
  }

  /** When `wake` has something to do. */
  get deadline(): Instant | undefined {
    const own = earliestOf(this.#coap.deadline, this.tree.deadline);
    const bootstrap = earliestOf(own, this.#bootstrap.engine.deadline);
    if (this.#bootstrap.engine.isActive) return bootstrap;
    return [...this.#sessions.deadlines(), this.#reporting.deadline].reduce(earliestOf, bootstrap);
  }

  /** Takes a datagram in. */
  handle(datagram: Uint8Array, peer: Peer, now: Instant): void {
    const target = this.#conversations.from(peer);
    // Whoever sleeps hears nothing, but for short messages where they are not all there is.
    if (target !== undefined && 'awake' in target && target.awake.isAsleep) return;
    this.#coap.handle(datagram, target?.link.arrived(peer) ?? peer, now);
    this.settle(now);
  }

  /** The Bootstrap-Server has made an association of its own accord: it is where `peer` is from now on. */
  bootstrapServerArrived(peer: Peer, now: Instant): void {
    this.#conversations.bootstrapServerArrived(peer, now);
  }

  /** The secure association with a peer has ended. */
  peerLost(peer: Peer, now: Instant): void {
    this.#conversations.peerLost(peer, now);
    this.settle(now);
  }

  /** A datagram does not arrive, so that nobody needs to wait for an answer. */
  undelivered(...[peer, datagram, failure, now]: Parameters<CoapEndpoint['undelivered']>): void {
    this.#coap.undelivered(this.#conversations.from(peer)?.link.peer ?? peer, datagram, failure, now);
    this.settle(now);
  }

  /** Does what is due. Registrations wait for the end of a bootstrap. */
  wake(now: Instant): void {
    this.#coap.wake(now);
    this.tree.wake(now);
    this.#bootstrap.engine.wake(now);
    if (!this.#bootstrap.engine.isActive) {
      for (const { registration } of this.#sessions.all) registration.wake(now);
    }
    this.settle(now);
  }

  /** The next output. Actions come when nothing is left to transmit. */
  poll(): ClientOutput | undefined {
    const output = this.#outputs.shift();
    if (output !== undefined) return output;
    const run = this.#actions.shift();
    return run === undefined ? undefined : { kind: 'action', run };
  }

  /** Registers with every Server, at the next wake-up; without any, a bootstrap is needed. */
  begin(now: Instant): void {
    for (const { registration } of this.#sessions.current) registration.begin(now);
    this.#reviewBootstrap(now);
    const { uri } = this.#bootstrap.facts ?? {};
    // A Bootstrap-Server that begins by itself is known by its address.
    if (uri !== undefined && !uri.isSecure) this.#conversations.reach(this.#bootstrap, uri);
  }

  /** Registers with every Server, whatever was before: after a reboot. */
  restart(now: Instant): void {
    for (const { registration } of this.#sessions.current) registration.start();
    this.settle(now);
  }

  /** Makes the device what it was when it left the factory, and lets it begin again (R-1031). */
  factoryReset(now: Instant): void {
    this.#bootstrap.engine.close();
    for (const { attributes } of this.#sessions.current) attributes.clear();
    this.#memory.factoryReset(now);
    this.restart(now);
  }

  /** Applies what a smartcard says, if that is not what it said before; `undefined` when there is no card. */
  checkSmartcard(file: Uint8Array | undefined, now: Instant): void {
    const problem = this.#smartcard.apply(file, now);
    if (problem !== undefined) this.#diagnose({ kind: 'smartcard-refused', reason: problem.reason });
  }

  /** Asks the Bootstrap-Server for a configuration. */
  requestBootstrap(now: Instant): void {
    this.#bootstrap.engine.request(now);
    this.#bootstrap.engine.wake(now);
    this.settle(now);
  }

  /** The device has another address: where no association outlives that, it takes a new Register. */
  networkChanged(now: Instant): void {
    for (const { registration } of this.#sessions.current) registration.reconnect();
    this.settle(now);
  }

  /** Sends an Update to one Server, or to all. */
  update(now: Instant, shortServerId?: number): void {
    for (const session of this.#sessions.current) {
      if (shortServerId === undefined || session.shortServerId === shortServerId)
        session.registration.update(now);
    }
    this.settle(now);
  }

  /** Says goodbye to every Server; `isClosed` tells when that is done. */
  close(now: Instant): void {
    this.#isClosing = true;
    this.#bootstrap.engine.close();
    for (const { registration } of this.#sessions.all) registration.close();
    this.settle(now);
  }

  /** Stops without a word to anybody; `isClosed` holds at once. */
  suspend(now: Instant): void {
    this.#isClosing = true;
    this.#bootstrap.engine.close();
    for (const { registration } of this.#sessions.all) registration.abandon();
    this.settle(now);
  }

  /** The peer behind a Server URI was found. */
  resolved(reach: ReachId, peer: Peer, now: Instant): void {
    this.#conversations.resolved(reach, peer, now);
    this.settle(now);
  }

  /** The peer behind a Server URI was not found, or not reached. */
  unresolved(reach: ReachId, failure: RegistrationFailure, now: Instant): void {
    this.#conversations.unresolved(reach, failure, now);
    this.settle(now);
  }

  /** The Server with a number, if it is reached by short messages now. */
  smsChannel(number: string): SmsChannel | undefined {
    return this.#sessions.all.find(({ sms }) => sms?.number === number)?.sms;
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
      this.#reviewAccounts(now);
      for (const session of this.#sessions.all) {
        const { registration } = session;
        for (let output = registration.poll(); output !== undefined; output = registration.poll()) {
          this.#conversations.obey(session, output, now);
          isQuiet = false;
        }
      }
      this.#reviewBootstrap(now);
      const { engine } = this.#bootstrap;
      for (let output = engine.poll(); output !== undefined; output = engine.poll()) {
        this.#conversations.obeyBootstrap(output, now);
        isQuiet = false;
      }
      if (engine.isActive) continue;
      this.#reporting.review(now);
      for (let next = this.#reporting.poll(); next !== undefined; next = this.#reporting.poll()) {
        this.#notify(next, now);
        isQuiet = false;
      }
    }
    this.#reviewSleep(now);
    if (this.#memory.takeStale()) this.#outputs.push({ kind: 'state-changed' });
    for (const { link } of this.#sessions.takeOver())
      if (link.peer !== undefined) this.#coap.forgetPeer(link.peer, now);
  }

  /** What changed in Objects 0 and 1 makes sessions begin and end, and is told to Servers. */
  #reviewAccounts(now: Instant): void {
    if (this.#areAccountsStale && !this.#isClosing) {
      this.#areAccountsStale = false;
      for (const { registration } of this.#sessions.reconcile()) registration.begin(now);
      for (const { registration } of this.#sessions.current) registration.wake(now);
    }
    if (!this.#areFactsStale) return;
    this.#areFactsStale = false;
    for (const { registration } of this.#sessions.current) registration.review(now);
  }

  /** What cannot be told now is stored or discarded; to tell what is stored, a sleeping client wakes. */
  #notify(notification: OutgoingNotification, now: Instant): void {
    const session = this.#sessions.find(notification.shortServerId);
    if (session === undefined) return;
    if (!isAway(session) && session.stored.size === 0) {
      this.#service.notify(notification, now);
      return;
    }
    const { shortServerId, path } = notification;
    const lost = storesNotifications(this.tree, session) ? session.stored.add(notification) : notification;
    if (lost !== undefined) this.#diagnose({ kind: 'notification-discarded', shortServerId, path });
    if (session.awake.isAsleep && session.stored.size > 0) session.registration.update(now);
  }

  #reviewSleep(now: Instant): void {
    for (const { awake, shortServerId } of this.#sessions.current) {
      const kind = awake.review(now);
      if (kind !== undefined) this.#outputs.push({ kind: 'queue-mode', event: { kind, shortServerId } });
    }
  }

  /** A bootstrap is needed when there is no Server, or all of them turn the client away. */
  #reviewBootstrap(now: Instant): void {
    const sessions = this.#sessions.current;
    if (sessions.some(({ registration }) => registration.isServing)) this.#bootstrap.engine.registered();
    const isNeeded = !this.#isClosing && sessions.every(({ registration }) => registration.hasFailed);
    this.#bootstrap.engine.review(isNeeded, now);
  }

  #take(output: CoapOutput, now: Instant): void {
    switch (output.kind) {
      case 'transmit':
        this.#transmit(output, now);
        break;
      case 'request':
        this.#serve(output, now);
        break;
      case 'response':
        this.#conversations.take(output.request)?.answered(output.response, now);
        break;
      case 'request-failed':
        this.#conversations.take(output.request)?.unanswered(output.reason, now);
        break;
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
  #transmit({ peer, datagram }: CoapOutput & { kind: 'transmit' }, now: Instant): void {
    const target = this.#conversations.to(peer);
    const carrier = target === undefined ? peer : target.link.carrier;
    if (carrier === undefined) return;
    if (target !== undefined && 'awake' in target) this.#conversations.wakes(target, now);
    this.#outputs.push({ kind: 'transmit', peer: carrier, datagram });
  }

  #serve(incoming: CoapOutput & { kind: 'request' }, now: Instant): void {
    const { exchange, peer, request } = incoming;
    const role = this.#roleOf(peer);
    switch (role.kind) {
      case 'bootstrap-server':
        this.#service.answerBootstrap(exchange, request, this.#bootstrap.carryOut(request, now), now);
        break;
      case 'server': {
        const { attributes, shortServerId } = role.session;
        if (this.#smsGate.holdsBack(incoming, role.session.account.serverInstanceId, now)) {
          this.#coap.ignore(exchange, now);
          const uriPath = uriPathText(request);
          this.#diagnose({ kind: 'request-dropped', peer, reason: 'unprotected', uriPath });
          break;
        }
        const { revision } = attributes;
        const afterAnswer = this.#service.serve(incoming, this.#contextFor(shortServerId, now));
        if (attributes.revision !== revision) this.#memory.attributesChanged();
        if (afterAnswer !== undefined) this.#actions.push(afterAnswer);
        break;
      }
      case 'nobody':
        this.#coap.ignore(exchange, now);
        this.#diagnose({ kind: 'request-dropped', peer, reason: role.reason, uriPath: uriPathText(request) });
        break;
    }
  }

  #roleOf(peer: Peer): PeerRole {
    return roleOf(peer, this.#sessions.all, this.#isClosing ? undefined : this.#bootstrap);
  }

  #treeChanged(change: TreeChange): void {
    this.#reporting.touch(change);
    if (change.created.length > 0 || change.deleted.length > 0) {
      this.#links = undefined;
      this.#areFactsStale = true;
      for (const path of change.deleted) {
        for (const session of this.#sessions.current) session.attributes.removeInstance(path);
      }
    }
    this.#memory.changed(change);
    // A binding mode that a Server writes may be one of another way.
    for (const { objectId } of [...change.created, ...change.deleted, ...change.written]) {
      this.#areFactsStale ||= objectId === Server.definition.id;
      this.#areAccountsStale ||= objectId === Security.definition.id || objectId === Server.definition.id;
    }
  }

  #disable(serverInstanceId: number, now: Instant): void {
    const duration = disableTimeout(this.tree, serverInstanceId);
    this.#sessions.ofServerInstance(serverInstanceId)?.registration.disable(duration, now);
    this.settle(now);
  }

  #contextFor(shortServerId: number, now: Instant): OperationContext {
    const session = this.#sessions.find(shortServerId);
    if (session === undefined) throw new UsageError(`There is no Server ${shortServerId}.`);
    return {
      tree: this.tree,
      shortServerId,
      attributes: session.attributes,
      rightsFor: this.#rightsFor,
      now,
    };
  }

  #diagnose(diagnostic: ClientDiagnostic): void {
    this.#outputs.push({ kind: 'diagnostic', diagnostic });
  }

  #currentLinks(): string {
    this.#links ??= objectLinks(this.tree);
    return this.#links;
  }
}
