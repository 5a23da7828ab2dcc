import { earliestOf, type Instant, instantFrom } from '@dunlin/base';

import { Block2Sender } from './blockwise/block2-sender.ts';
import { decodeMessage, type Malformed } from './decode-message.ts';
import { emptyWithoutToken } from './empty-with-token.ts';
import type { EndpointContext } from './endpoint-context.ts';
import type { CoapEndpointOptions } from './endpoint-options.ts';
import type { CoapOutput, ExchangeId, ObservationId, RelationId, RequestId } from './endpoint-output.ts';
import { IncomingRequests } from './exchange/incoming-requests.ts';
import { Operation, type OperationOutcome } from './exchange/operation.ts';
import { OutgoingRequests } from './exchange/outgoing-requests.ts';
import { ResponseMatching } from './exchange/response-matching.ts';
import { TokenTable } from './exchange/token-table.ts';
import { observationIdFrom, requestIdFrom } from './identifiers.ts';
import { makeEndpointContext } from './make-endpoint-context.ts';
import { emptyCode, isRequestCode, type Message, MessageType } from './message.ts';
import { InteractionQueue } from './message-layer/interaction-queue.ts';
import { MessageLayer } from './message-layer/message-layer.ts';
import type { Ping } from './message-layer/ping.ts';
import type { ObservationRecord } from './observe/observation-record.ts';
import { Observations } from './observe/observations.ts';
import { Relations } from './observe/relations.ts';
import type { PeerState } from './peer-state.ts';
import type { Peer } from './peer.ts';
import type { Request, RequestOptions, Response, ResponseDelivery } from './request.ts';
import type { DeliveryFailure } from './shell.ts';
import { type EndpointSizes, type EndpointStatistics } from './statistics.ts';
import type { Interaction, OutstandingMessage, Timed } from './timed.ts';

/** Both CoAP roles on one local binding, as one state machine: feed it, drain `poll`, wake it at `deadline`. */
export class CoapEndpoint {
  readonly #context: EndpointContext;
  readonly #layer: MessageLayer;
  readonly #queue: InteractionQueue;
  readonly #tokens: TokenTable;
  readonly #requests: OutgoingRequests;
  readonly #observations: Observations;
  readonly #relations: Relations;
  readonly #incoming: IncomingRequests;
  readonly #matching: ResponseMatching;
  #lastId = 0;
  /** When something was cancelled last. */
  #releasedAt: Instant = instantFrom(0);

  constructor(options: Readonly<CoapEndpointOptions>) {
    this.#context = makeEndpointContext(options);
    const context = this.#context;
    this.#layer = new MessageLayer(context);
    const layer = this.#layer;
    this.#tokens = new TokenTable(options.random);
    const tokens = this.#tokens;
    this.#queue = new InteractionQueue(context, {
      begin: (interaction, now) => this.#begin(interaction, now),
    });
    const queue = this.#queue;
    const nextId = (): number => (this.#lastId += 1);
    this.#requests = new OutgoingRequests({
      context,
      layer,
      queue,
      tokens,
      owner: { operationDone: (operation, outcome, now) => this.#operationDone(operation, outcome, now) },
    });
    const requests = this.#requests;
    this.#observations = new Observations({ context, requests, tokens, nextId });
    const observations = this.#observations;
    const downloads = new Block2Sender(context.blockwise);
    this.#relations = new Relations({ context, layer, queue, downloads, nextId });
    const relations = this.#relations;
    this.#incoming = new IncomingRequests({ context, layer, relations, downloads, nextId });
    this.#matching = new ResponseMatching({ context, layer, tokens, requests, observations });
  }

  /** When `wake` has something to do. */
  get deadline(): Instant | undefined {
    this.#incoming.armTimers();
    return earliestOf(this.#context.timers.deadline, this.#incoming.transferDeadline);
  }

  /** What was counted since the start, for metrics. */
  get statistics(): EndpointStatistics {
    return { ...this.#context.counters };
  }

  /** How much is remembered right now. */
  get sizes(): EndpointSizes {
    const { peers, received, timers } = this.#context;
    return {
      peers: peers.size,
      receivedMessages: received.size,
      exchanges: this.#incoming.size,
      requests: this.#requests.size,
      tokens: this.#tokens.size,
      observations: this.#observations.size,
      relations: this.#relations.size,
      transfers: this.#incoming.transfers,
      timers: timers.size,
    };
  }

  /** Takes a datagram in. */
  handle(datagram: Uint8Array, peer: Peer, now: Instant): void {
    this.#context.counters.received += 1;
    const message = this.#decode(datagram, peer);
    if (message.kind === 'malformed') {
      this.#refuseMalformed(message, peer, now);
      return;
    }
    const isRequest = isRequestCode(message.code);
    const state = isRequest ? this.#context.peers.meet(peer, now) : this.#context.peers.find(peer);
    if (state === undefined) {
      if (isRequest) this.#context.counters.overloads += 1;
      else this.#refuseStranger(message, peer, now);
      return;
    }
    state.lastActiveAt = now;
    // An authenticated peer may have moved: the newest address counts (CR-5.5).
    if (peer.security.kind !== 'none') state.peer = peer;
    this.#layer.heard(state, datagram.length, isRequest);
    this.#dispatch(message, datagram, state, now);
    this.#queue.pump(state, now);
  }

  /** Does what is due. */
  wake(now: Instant): void {
    this.#incoming.armTimers();
    this.#incoming.expireTransfers(now);
    const { timers } = this.#context;
    for (let item = timers.takeDue(now); item !== undefined; item = timers.takeDue(now)) {
      this.#due(item, now);
      if (item.kind !== 'peer') this.#queue.pump(item.peer, now);
    }
  }

  /** The next output, until `undefined`. */
  poll(): CoapOutput | undefined {
    const { outputs } = this.#context;
    return outputs.shift() ?? (this.#queue.pumpReleased(this.#releasedAt) ? outputs.shift() : undefined);
  }

  /**
   * Sends a request. Exactly one `response` or `request-failed` output follows. Throws a `UsageError` for a
   * request that cannot be expressed in a message.
   */
  request(peer: Peer, request: Request, now: Instant, options: Readonly<RequestOptions> = {}): RequestId {
    const state = this.#context.peers.meetForUs(peer, now);
    const operation = new Operation((this.#lastId += 1), state, request, this.#travel(options), {
      kind: 'request',
    });
    this.#requests.start(operation, this.#tokens.next(), now);
    this.#queue.pump(state, now);
    return requestIdFrom(operation.id);
  }

  /** How a request travels where it does not say so itself. */
  #travel(options: Readonly<RequestOptions>): Readonly<RequestOptions> {
    if (!this.#context.behaviour.reuseToken || options.reuseToken !== undefined) return options;
    return { ...options, reuseToken: true };
  }

  /** Stops waiting for a response: `request-failed` with `cancelled` follows; a late response gets a Reset. */
  cancelRequest(request: RequestId, now: Instant): void {
    const operation = this.#requests.find(request);
    if (operation === undefined) return;
    this.#requests.fail(operation, 'cancelled', now);
    this.#pumpLater(operation.peer, now);
  }

  /** True once a message of the request was sent; false as well when it is over. */
  hasBegun(request: RequestId): boolean {
    return this.#requests.find(request)?.hasBegun === true;
  }

  /**
   * Observes a resource of the peer. A first `notification` (or `observation-ended`) follows, then one
   * per notification.
   */
  observe(peer: Peer, request: Request, now: Instant, options: Readonly<RequestOptions> = {}): ObservationId {
    const state = this.#context.peers.meetForUs(peer, now);
    const observation = this.#observations.register(state, request, this.#travel(options), now);
    this.#queue.pump(state, now);
    return observationIdFrom(observation.id);
  }

  /** What to store of an observation so that it outlives this process; `undefined` when it is over. */
  observationRecord(observation: ObservationId): ObservationRecord | undefined {
    const found = this.#observations.find(observation);
    if (found === undefined) return undefined;
    const { token, request, lastSequence: sequence, lastAt: at } = found;
    return { peer: found.peer.peer, token, request, newest: at === undefined ? undefined : { sequence, at } };
  }

  /**
   * Takes an observation up again after a restart: its notifications are delivered from now on. Throws a
   * `UsageError` for a record that is known already.
   */
  restoreObservation(record: ObservationRecord, now: Instant): ObservationId {
    const state = this.#context.peers.meetForUs(record.peer, now);
    return observationIdFrom(this.#observations.restore(state, record).id);
  }

  /**
   * Moves an observation to a peer's new address (the same device, authenticated above this layer). A registration or
   * cancellation that is under way is asked for there, with the same token.
   */
  moveObservation(observation: ObservationId, peer: Peer, now: Instant): void {
    const found = this.#observations.find(observation);
    if (found === undefined) return;
    const { peer: previous } = found;
    const state = this.#context.peers.meetForUs(peer, now);
    this.#observations.move(found, state, now);
    this.#pumpLater(previous, now);
    this.#queue.pump(state, now);
  }

  /**
   * Ends an observation: `passive` forgets it at once and answers its next notification with a Reset;
   * `active` sends GET with Observe 1 and the same token. `observation-ended` follows either way.
   */
  cancelObservation(observation: ObservationId, way: 'active' | 'passive', now: Instant): void {
    const found = this.#observations.find(observation);
    if (found === undefined) return;
    this.#observations.cancel(found, way, now);
    this.#pumpLater(found.peer, now);
  }

  /**
   * Answers a request. When the request registers an observation and the response is a success with
   * `observe: true`, the peer observes from now on, and its relation is returned.
   */
  respond(
    exchange: ExchangeId,
    response: Response,
    now: Instant,
    options: Readonly<ResponseDelivery> = {},
  ): RelationId | undefined {
    return this.#incoming.respond(exchange, response, options, now);
  }

  /**
   * Drops a request without any answer (not even an empty acknowledgement), as if it had been lost on the way:
   * when the peer repeats it, it comes as a `request` once more.
   */
  ignore(exchange: ExchangeId, now: Instant): void {
    this.#incoming.ignore(exchange, now);
  }

  /**
   * Sends a notification. While a confirmable one is unacknowledged only the newest waits (RFC 7641 §4.5).
   * A response of class 4 or 5 ends the relation. At least every 24 hours one is confirmable whatever is asked.
   */
  notify(
    relation: RelationId,
    response: Response,
    now: Instant,
    options: { readonly isConfirmable?: boolean } = {},
  ): void {
    const found = this.#relations.find(relation);
    if (found === undefined) return;
    this.#relations.notify(found, response, options.isConfirmable === true, now);
    this.#queue.pump(found.peer, now);
  }

  /** Forgets a relation without telling the peer. */
  endRelation(relation: RelationId): void {
    const found = this.#relations.find(relation);
    if (found !== undefined) this.#relations.remove(found);
  }

  /**
   * Forgets all that concerns a peer; requests to it fail with `cancelled`, observations of it end with
   * `cancelled`, its own observations of us end without a word. What it repeats is recognised still, and ids
   * of messages are not used again, until it has been silent for EXCHANGE_LIFETIME (RFC 7252 §4.4, §4.5).
   */
  forgetPeer(peer: Peer, now: Instant): void {
    const state = this.#context.peers.find(peer);
    if (state === undefined) return;
    this.#observations.forgetPeer(state);
    for (const operation of this.#requests.all()) {
      if (operation.peer === state) this.#requests.fail(operation, 'cancelled', now);
    }
    for (const relation of state.relations?.values() ?? []) this.#relations.remove(relation);
    this.#incoming.forgetPeer(state, peer);
    const outstanding = state.sending?.outstanding.slice() ?? [];
    for (const message of outstanding) this.#layer.settle(message);
  }

  /**
   * Says that a peer responds which no message of CoAP has come from: it has answered something below, such as a
   * handshake. What waits because it did not respond goes out now (PROBING_RATE, RFC 7252 §4.7).
   */
  peerResponds(peer: Peer, now: Instant): void {
    const state = this.#context.peers.find(peer);
    if (state === undefined) return;
    this.#layer.heard(state, 0, false);
    this.#queue.pump(state, now);
  }

  /**
   * Says that a datagram of ours does not reach the peer: the request in it fails with `not-sent` or `not-delivered`, a
   * ping is not answered, and what was to be acknowledged is waited for no longer. Harmless when nobody waits.
   */
  undelivered(peer: Peer, datagram: Uint8Array, { isSent, reason }: DeliveryFailure, now: Instant): void {
    const state = this.#context.peers.find(peer);
    const sent = decodeMessage(datagram, this.#context.message);
    if (state === undefined || sent.kind === 'malformed') return;
    const message = this.#layer.findOutstanding(state, sent.messageId);
    switch (message?.kind) {
      case undefined:
        return;
      case 'request':
        this.#requests.fail(message.operation, isSent ? 'not-delivered' : 'not-sent', now, reason);
        break;
      case 'ping':
        this.#pong(message, false, now);
        break;
      case 'notification':
      case 'separate-response':
        this.#layer.settle(message);
    }
    this.#queue.pump(state, now);
  }

  /** Asks whether the peer is alive with an empty confirmable message; a `pong` follows. */
  ping(peer: Peer, now: Instant): void {
    const state = this.#context.peers.meetForUs(peer, now);
    if (this.#layer.ping(state, false, now)) return;
    this.#context.outputs.push({ kind: 'pong', peer, isAlive: false });
  }

  #pumpLater(peer: PeerState, now: Instant): void {
    this.#releasedAt = now;
    this.#queue.pumpLater(peer);
  }

  #dispatch(message: Message, datagram: Uint8Array, state: PeerState, now: Instant): void {
    const { code } = message;
    switch (message.type) {
      case MessageType.confirmable:
      case MessageType.nonConfirmable:
        if (isRequestCode(code)) this.#incoming.received(message, datagram, state, now);
        else if (code === emptyCode) this.#layer.reset(state, message.messageId, now);
        else this.#matching.received(message, datagram, state, now);
        return;
      case MessageType.acknowledgement:
        if (code === emptyCode) this.#acknowledged(message.messageId, state, now);
        else this.#matching.receivedInAcknowledgement(message, state, now);
        return;
      case MessageType.reset:
        this.#rejected(message.messageId, state, now);
    }
  }

  #acknowledged(messageId: number, peer: PeerState, now: Instant): void {
    const message = this.#layer.findOutstanding(peer, messageId);
    if (message === undefined) return;
    peer.isValidated = true;
    switch (message.kind) {
      case 'request':
        this.#requests.acknowledged(message, now);
        return;
      case 'notification':
        this.#relations.acknowledged(message, now);
        return;
      case 'ping':
        this.#pong(message, true, now);
        return;
      case 'separate-response':
        this.#layer.settle(message);
    }
  }

  #rejected(messageId: number, peer: PeerState, now: Instant): void {
    const message = this.#layer.findOutstanding(peer, messageId);
    if (message !== undefined) peer.isValidated = true;
    switch (message?.kind) {
      case undefined:
      case 'notification':
        this.#relations.rejected(peer, messageId, now);
        return;
      case 'request':
        this.#requests.rejected(message, now);
        return;
      case 'ping':
        this.#pong(message, true, now);
        return;
      case 'separate-response':
        this.#layer.settle(message);
    }
  }

  #due(item: Timed, now: Instant): void {
    switch (item.kind) {
      case 'peer':
        this.#context.peers.due(item, now);
        return;
      case 'sending':
        return;
      case 'exchange':
        this.#incoming.due(item, now);
        return;
      case 'operation':
        this.#requests.fail(item, 'no-answer', now);
        return;
      case 'request':
        this.#requests.due(item, now);
        return;
      case 'notification':
        this.#relations.due(item, now);
        return;
      case 'observation':
        this.#observations.due(item, now);
        return;
      case 'ping':
      case 'separate-response':
        this.#unacknowledged(item, now);
    }
  }

  #unacknowledged(message: Exclude<OutstandingMessage, Interaction>, now: Instant): void {
    if (this.#layer.mayRetransmit(message)) this.#layer.retransmit(message, now);
    else if (message.kind === 'ping') this.#pong(message, false, now);
    else this.#layer.giveUp(message);
  }

  #pong(ping: Ping, isAlive: boolean, now: Instant): void {
    this.#layer.settle(ping);
    if (ping.isValidation) this.#relations.validated(ping.peer, isAlive, now);
    else this.#context.outputs.push({ kind: 'pong', peer: ping.peer.peer, isAlive });
  }

  #begin(interaction: Interaction, now: Instant): void {
    if (interaction.kind === 'request') this.#requests.begin(interaction, now);
    else this.#relations.begin(interaction, now);
  }

  #operationDone(operation: Operation, outcome: OperationOutcome, now: Instant): void {
    if (operation.purpose.kind !== 'request') {
      this.#observations.operationDone(operation, operation.purpose.observation, outcome, now);
      return;
    }
    const request = requestIdFrom(operation.id);
    if (outcome.kind === 'answered') {
      this.#context.outputs.push({ kind: 'response', request, response: outcome.answer.response });
    } else {
      const { reason, detail } = outcome;
      const more = detail === undefined ? {} : { detail };
      this.#context.outputs.push({ kind: 'request-failed', request, reason, ...more });
    }
  }

  #decode(datagram: Uint8Array, peer: Peer): Message | Malformed {
    const message = decodeMessage(datagram, this.#context.message);
    if (message.kind !== 'malformed' || message.reason !== 'empty-with-content') return message;
    if (this.#context.takesEmptyWithTokenFrom?.(peer) !== true) return message;
    const bare = emptyWithoutToken(datagram);
    return bare === undefined ? message : decodeMessage(bare);
  }

  /** Nothing is remembered of what was no message (CR-2.1, CR-2.2). */
  #refuseMalformed(malformed: Malformed, peer: Peer, now: Instant): void {
    this.#context.counters.malformed += 1;
    if (malformed.action === 'ignore' || malformed.messageId === undefined) return;
    this.#layer.resetStranger(peer, malformed.messageId, now);
  }

  /** A response, ping or acknowledgement of a peer with which nothing is under way. */
  #refuseStranger(message: Message, peer: Peer, now: Instant): void {
    const isPing = message.code === emptyCode;
    if (message.type === MessageType.confirmable) this.#layer.resetStranger(peer, message.messageId, now);
    else if (
      message.type === MessageType.nonConfirmable &&
      !isPing &&
      this.#context.behaviour.resetUnknownNon
    ) {
      this.#layer.resetStranger(peer, message.messageId, now);
    }
  }
}
