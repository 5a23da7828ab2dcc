import { type Instant, milliseconds } from '@dunlin/base';

import type { Block2Sender } from '../blockwise/block2-sender.ts';
import { codeClass, ResponseCode } from '../code.ts';
import { encodeMessage, roomBeside } from '../encode-message.ts';
import type { CoapOutput } from '../endpoint-output.ts';
import type { EndpointContext } from '../endpoint-context.ts';
import { downloadKey } from '../exchange/download-key.ts';
import type { IncomingExchange } from '../exchange/incoming-exchange.ts';
import { SeparateResponse } from '../exchange/separate-response.ts';
import { relationIdFrom } from '../identifiers.ts';
import type { InteractionQueue } from '../message-layer/interaction-queue.ts';
import { type MessageLayer, stampMessage } from '../message-layer/message-layer.ts';
import { MessageType, tokenKey } from '../message.ts';
import { isDoubtful, type PeerState } from '../peer-state.ts';
import type { Response } from '../request.ts';
import { responseOptions } from '../response-codec.ts';
import { sequenceMask } from './freshness.ts';
import { Relation } from './relation.ts';

/** Each observer gets a confirmable notification at least this often (RFC 7641 §4.5). */
const longestWithoutConfirmable = milliseconds(24 * 60 * 60 * 1000);
/** Ids of notifications that a Reset may still name; the lifetime of the oldest is over by then in practice. */
const maxRecentIds = 64;

type EndReason = Extract<CoapOutput, { kind: 'relation-ended' }>['reason'];

/** What `Relations` works with. */
export interface RelationsParts {
  readonly context: EndpointContext;
  readonly layer: MessageLayer;
  readonly queue: InteractionQueue;
  readonly downloads: Block2Sender;
  readonly nextId: () => number;
}

/** Observations of our resources by peers (RFC 7641 §4): one entry for a peer and token. */
export class Relations {
  readonly #context: EndpointContext;
  readonly #layer: MessageLayer;
  readonly #queue: InteractionQueue;
  readonly #downloads: Block2Sender;
  readonly #nextId: () => number;
  readonly #relations = new Map<number, Relation>();

  constructor(parts: RelationsParts) {
    this.#context = parts.context;
    this.#layer = parts.layer;
    this.#queue = parts.queue;
    this.#downloads = parts.downloads;
    this.#nextId = parts.nextId;
  }

  get size(): number {
    return this.#relations.size;
  }

  find(id: number): Relation | undefined {
    return this.#relations.get(id);
  }

  /**
   * Enters the sender of a request among the observers, in place of an entry with the same token;
   * `undefined` when there are too many.
   */
  add(exchange: IncomingExchange, response: Response, now: Instant): Relation | undefined {
    const { peer, token } = exchange;
    const { maxRelations, maxRelationsPerPeer } = this.#context.limits;
    const key = tokenKey(token);
    const previous = peer.relations?.get(key);
    if (previous !== undefined) this.end(previous, 'replaced');
    if (this.#relations.size >= maxRelations || (peer.relations?.size ?? 0) >= maxRelationsPerPeer) {
      this.#context.counters.overloads += 1;
      return undefined;
    }
    // A sequence goes on where the replaced one was, so that it never seems to run backwards.
    const sequence = ((previous?.sequence ?? this.#context.random.uint32() & 0xff) + 1) & sequenceMask;
    const relation = new Relation(
      this.#nextId(),
      peer,
      {
        token,
        tokenKey: key,
        contentFormat: response.contentFormat,
        blockSize: exchange.transfer.block2?.size,
        request: exchange.request,
        downloadKey: downloadKey(exchange.request, exchange.transfer),
        sequence,
      },
      now,
    );
    this.#relations.set(relation.id, relation);
    (peer.relations ??= new Map()).set(key, relation);
    peer.pins += 1;
    return relation;
  }

  /** The peer asked to be taken out (RFC 7641 §3.6), or registers anew with the same token. */
  endOf(peer: PeerState, token: Uint8Array, reason: EndReason): void {
    const relation = peer.relations?.get(tokenKey(token));
    if (relation !== undefined) this.end(relation, reason);
  }

  /** Sends the first response of a relation as a message of its own, because it comes after an empty acknowledgement. */
  sendFirst(relation: Relation, datagram: Uint8Array, now: Instant): void {
    relation.latest = datagram;
    this.begin(relation, now);
  }

  /** Sends a notification, or keeps it as the newest state until it may be sent (RFC 7641 §4.5.2). */
  notify(relation: Relation, response: Response, isConfirmable: boolean, now: Instant): void {
    if (codeClass(response.code) !== 2) {
      this.#sendLast(relation, response, now);
      return;
    }
    if (response.contentFormat !== relation.contentFormat) {
      // The observer cannot tell what to make of another format (RFC 7641 §4.2).
      this.#sendLast(relation, { code: ResponseCode.notAcceptable }, now);
      this.#report(relation, 'not-acceptable');
      return;
    }
    relation.sequence = (relation.sequence + 1) & sequenceMask;
    const mustConfirm = isConfirmable || this.#mustConfirm(relation, now);
    relation.latest = this.#encode(relation, response, relation.sequence, now);
    relation.isLatestConfirmable = mustConfirm;
    relation.lastNotifiedAt = now;
    if (!relation.isOutstanding && !relation.isQueued) this.#sendLatest(relation, now);
  }

  /** Sends the newest state, now that it is the relation's turn. */
  begin(relation: Relation, now: Instant): void {
    relation.isQueued = false;
    if (!this.#relations.has(relation.id) || relation.isOutstanding) return;
    if (relation.latest !== undefined && !this.#layer.mayAnswer(relation.peer, relation.latest.length)) {
      this.#validate(relation.peer, now);
      return;
    }
    if (!this.#stampLatest(relation, MessageType.confirmable, now)) return;
    relation.nonCount = 0;
    relation.lastConfirmableAt = now;
    this.#layer.holdSlot(relation);
    this.#layer.sendConfirmable(relation, now);
  }

  /** A peer whose address was in doubt has shown to receive there, or has not: then it observes nothing. */
  validated(peer: PeerState, isValid: boolean, now: Instant): void {
    for (const relation of peer.relations?.values() ?? []) {
      if (!isValid) this.end(relation, 'no-answer');
      else if (relation.latest !== undefined && !relation.isQueued && !relation.isOutstanding) {
        this.#sendLatest(relation, now);
      }
    }
  }

  /** A notification was not acknowledged in time. */
  due(relation: Relation, now: Instant): void {
    if (!this.#layer.mayRetransmit(relation)) {
      this.#layer.giveUp(relation);
      this.end(relation, 'no-answer');
      return;
    }
    // A newer state goes in its place, with its own id; count and wait go on (RFC 7641 §4.5.2).
    this.#stampLatest(relation, MessageType.confirmable, now);
    this.#layer.retransmit(relation, now);
  }

  /** A confirmable notification arrived. */
  acknowledged(relation: Relation, now: Instant): void {
    this.#layer.settle(relation);
    this.#context.outputs.push({ kind: 'notification-acknowledged', relation: relationIdFrom(relation.id) });
    if (relation.latest !== undefined) this.#sendLatest(relation, now);
  }

  /** A Reset with a message id of ours: it ends the relation whose notification had it (RFC 7641 §3.6). */
  rejected(peer: PeerState, messageId: number, now: Instant): void {
    if (peer.relations === undefined) return;
    for (const relation of peer.relations.values()) {
      if (relation.messageId === messageId || isRecent(relation, messageId, now)) {
        this.end(relation, 'reset');
        return;
      }
    }
  }

  /** Takes a relation out and tells the role. */
  end(relation: Relation, reason: EndReason): void {
    if (this.remove(relation)) this.#report(relation, reason);
  }

  /** Takes a relation out. False when it was out already. */
  remove(relation: Relation): boolean {
    if (!this.#relations.delete(relation.id)) return false;
    const { peer } = relation;
    peer.relations?.delete(relation.tokenKey);
    if (peer.relations?.size === 0) peer.relations = undefined;
    peer.pins -= 1;
    this.#layer.settle(relation);
    this.#queue.remove(peer, relation);
    return true;
  }

  /** A notification that is too large for an address in doubt waits for the answer to 4 bytes (CR-11.2). */
  #validate(peer: PeerState, now: Instant): void {
    const isUnderWay = peer.sending?.outstanding.some(
      (message) => message.kind === 'ping' && message.isValidation,
    );
    if (isUnderWay !== true) this.#layer.ping(peer, true, now);
  }

  #report(relation: Relation, reason: EndReason): void {
    this.#context.outputs.push({ kind: 'relation-ended', relation: relationIdFrom(relation.id), reason });
  }

  #mustConfirm(relation: Relation, now: Instant): boolean {
    const { behaviour } = this.#context;
    const { peer } = relation;
    if (!peer.isValidated) return true;
    if (isDoubtful(peer.peer) && relation.nonCount >= behaviour.maxNonNotifications) return true;
    if (now - (peer.sending?.lastNonAt ?? -Infinity) < behaviour.nonNotificationInterval) return true;
    // If the next one comes after the same pause as this one did, it would be too late for the check.
    const pause = now - relation.lastNotifiedAt;
    return now - relation.lastConfirmableAt + pause > longestWithoutConfirmable;
  }

  #sendLatest(relation: Relation, now: Instant): void {
    const sending = this.#layer.sending(relation.peer);
    if (relation.isLatestConfirmable) {
      relation.isQueued = true;
      this.#queue.add(sending, relation);
      return;
    }
    if (!this.#stampLatest(relation, MessageType.nonConfirmable, now)) return;
    relation.nonCount += 1;
    sending.lastNonAt = now;
    if (relation.datagram !== undefined) this.#layer.answer(relation.peer, relation.datagram);
  }

  /** Makes the newest state the message to send. False when there is none, or no message id for it. */
  #stampLatest(relation: Relation, type: MessageType, now: Instant): boolean {
    const { latest, peer } = relation;
    if (latest === undefined) return false;
    const messageId = this.#layer.allocateMessageId(peer, now);
    if (messageId === undefined) {
      this.#context.counters.overloads += 1;
      return false;
    }
    stampMessage(latest, type, messageId);
    relation.latest = undefined;
    relation.messageId = messageId;
    relation.datagram = latest;
    relation.recentIds.push(messageId, now + peer.timing.nonLifetime);
    if (relation.recentIds.length > maxRecentIds * 2) relation.recentIds.splice(0, 2);
    return true;
  }

  /** The last notification: it has no Observe option and ends the relation (RFC 7641 §4.2). */
  #sendLast(relation: Relation, response: Response, now: Instant): void {
    const { peer } = relation;
    if (!this.remove(relation)) return;
    const messageId = this.#layer.allocateMessageId(peer, now);
    if (messageId === undefined) return;
    const last = new SeparateResponse(peer);
    last.messageId = messageId;
    last.datagram = this.#encode(relation, response, undefined, now);
    stampMessage(last.datagram, MessageType.confirmable, messageId);
    this.#layer.sendConfirmable(last, now);
  }

  /** A large state goes as its first block; the observer asks for the rest (RFC 7959 §3.4). */
  #encode(relation: Relation, response: Response, observe: number | undefined, now: Instant): Uint8Array {
    const { peer, request } = relation;
    const size = relation.blockSize ?? sizeOfFirstBlock(peer, response);
    const answer = this.#downloads.begin(
      {
        peer: peer.peer,
        key: relation.downloadKey,
        method: request.method,
        hasPayload: request.payload.length > 0,
        block2: size === undefined ? undefined : { num: 0, hasMore: false, size },
      },
      response,
      now,
    );
    const message = {
      type: MessageType.confirmable,
      code: response.code,
      messageId: 0,
      token: relation.token,
      options: responseOptions(answer.response, { observe, ...answer.transfer }),
      payload: answer.response.payload,
    };
    return encodeMessage(message, peer.messageLimits);
  }
}

/** The size of blocks for a state that does not go whole, where that is not the endpoint's to say. */
function sizeOfFirstBlock({ timing, messageLimits }: PeerState, response: Response): number | undefined {
  if (!timing.fillsMessages) return undefined;
  const isWhole = (response.payload?.length ?? 0) <= roomBeside(responseOptions(response), messageLimits);
  return isWhole ? undefined : timing.blockSize;
}

function isRecent(relation: Relation, messageId: number, now: Instant): boolean {
  const { recentIds } = relation;
  for (let index = 0; index < recentIds.length; index += 2) {
    if (recentIds[index] === messageId && (recentIds[index + 1] ?? 0) > now) return true;
  }
  return false;
}
