import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

import { imsiIdentity, mmeNameOf } from './mobile-identity.ts';
import { encodeSgsMessage, SgsElement, type SgsMessage, SgsMessageType, SgsReader } from './sgs-message.ts';
import {
  decodeTransfer,
  encodeCpAck,
  encodeRpAnswer,
  encodeRpData,
  type Transfer,
} from './short-message-transfer.ts';

/** Why a short message was refused (3GPP TS 24.011 §8.2.5.4). */
export type RpCause = number;

/** The memory of the phone is full (3GPP TS 24.011 §8.2.5.4). */
export const memoryCapacityExceeded: RpCause = 22;

/** Takes a short message from the network: resolves with `undefined`, or the cause why it is refused. */
type TakeMessage = (tpdu: Uint8Array, centre: Uint8Array) => Promise<RpCause | undefined>;

export interface UserEquipmentOptions {
  /** Where the switching centre listens for MMEs. */
  readonly sgs: { readonly host: string; readonly port: number };
  readonly imsi: string;
  readonly take: TakeMessage;
}

/** There was no network, or it went away before it answered. */
export class NetworkLost extends Error {
  constructor(imsi: string) {
    super(`${imsi} has lost the network`);
  }
}

/** Home network 001-01, area 1. */
const locationArea = Uint8Array.of(0x00, 0xf1, 0x10, 0x00, 0x01);

/** The bit that the side which did not begin a transaction sets in its identifier (3GPP TS 24.007 §11.2.3.1.3). */
const otherSide = 0x08;

/** The number of the message centre, which the network of the tests does not look at. */
const centreNumber = '491700000099';

/**
 * A phone without radio: attaches to a switching centre by SGs (3GPP TS 29.118), the way in which phones in LTE networks
 * get their short messages, and relays those (3GPP TS 24.011). It is the phone and its MME in one.
 */
export class UserEquipment implements AsyncDisposable {
  readonly imsi: string;
  readonly #options: UserEquipmentOptions;
  readonly #answers = new Map<number, PromiseWithResolvers<RpCause | undefined>>();
  #socket: Socket | undefined;
  #attached: PromiseWithResolvers<void> | undefined;
  #detached: PromiseWithResolvers<void> | undefined;
  #reference = 0;
  #transaction = 0;

  constructor(options: UserEquipmentOptions) {
    this.#options = options;
    this.imsi = options.imsi;
  }

  /** True while the network may deliver and take short messages. */
  get isAttached(): boolean {
    return this.#socket !== undefined;
  }

  async attach(): Promise<void> {
    const socket = connect(this.#options.sgs);
    await once(socket, 'connect');
    const reader = new SgsReader();
    socket.on('data', (bytes: Uint8Array) => {
      for (const message of reader.read(bytes)) this.#hear(message);
    });
    socket.on('error', () => undefined); // The centre was stopped, which `close` tells as well.
    socket.on('close', () => this.#lose(socket));
    this.#socket = socket;
    this.#attached = Promise.withResolvers();
    this.#say(SgsMessageType.locationUpdateRequest, [
      [SgsElement.mmeName, mmeNameOf(this.imsi)],
      [SgsElement.epsLocationUpdateType, Uint8Array.of(1)],
      [SgsElement.locationArea, locationArea],
      [SgsElement.trackingArea, locationArea],
    ]);
    await this.#attached.promise;
  }

  /** Leaves the network, as a phone that is switched off. */
  async detach(): Promise<void> {
    const socket = this.#socket;
    if (socket === undefined) return;
    this.#detached = Promise.withResolvers();
    this.#say(SgsMessageType.epsDetachIndication, [
      [SgsElement.mmeName, mmeNameOf(this.imsi)],
      [SgsElement.detachType, Uint8Array.of(1)],
    ]);
    await this.#detached.promise;
    socket.destroy();
    this.#lose(socket);
  }

  /**
   * Sends a SUBMIT: resolves with `undefined` when the centre took it, or the cause why it did not; rejects when the
   * network is lost before.
   */
  submit(tpdu: Uint8Array): Promise<RpCause | undefined> {
    if (this.#socket === undefined) return Promise.reject(new NetworkLost(this.imsi));
    const reference = this.#reference;
    this.#reference = (reference + 1) & 0xff;
    // Seven identifiers; the eighth one is reserved (3GPP TS 24.007 §11.2.3.1.3).
    this.#transaction = (this.#transaction + 1) % 7;
    const answered = Promise.withResolvers<RpCause | undefined>();
    this.#answers.set(reference, answered);
    this.#uplink(encodeRpData(this.#transaction, reference, centreNumber, tpdu));
    return answered.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const socket = this.#socket;
    if (socket === undefined) return;
    const closed = once(socket, 'close');
    socket.destroy();
    await closed;
  }

  #lose(socket: Socket): void {
    if (this.#socket !== socket) return;
    this.#socket = undefined;
    this.#attached?.reject(new NetworkLost(this.imsi));
    for (const { reject } of this.#answers.values()) reject(new NetworkLost(this.imsi));
    this.#answers.clear();
  }

  #hear({ type, elements }: SgsMessage): void {
    switch (type) {
      case SgsMessageType.locationUpdateAccept:
        if (elements.has(SgsElement.mobileIdentity)) this.#say(SgsMessageType.tmsiReallocationComplete, []);
        this.#attached?.resolve();
        this.#attached = undefined;
        return;
      case SgsMessageType.locationUpdateReject:
        this.#attached?.reject(new Error(`the network does not know ${this.imsi}`));
        return;
      case SgsMessageType.pagingRequest: {
        const service = elements.get(SgsElement.serviceIndicator) ?? Uint8Array.of(2);
        this.#say(SgsMessageType.serviceRequest, [
          [SgsElement.serviceIndicator, service],
          [SgsElement.ueMode, Uint8Array.of(0)],
        ]);
        return;
      }
      case SgsMessageType.downlinkUnitdata: {
        const container = elements.get(SgsElement.nasMessageContainer);
        if (container !== undefined) this.#relay(decodeTransfer(container));
        return;
      }
      case SgsMessageType.epsDetachAck:
        this.#detached?.resolve();
        return;
      case SgsMessageType.resetIndication:
        this.#write(SgsMessageType.resetAck, [[SgsElement.mmeName, mmeNameOf(this.imsi)]]);
        return;
      default: // Releases, and names of the network, which a phone need not heed.
    }
  }

  #relay({ transaction, message }: Transfer): void {
    const ours = transaction ^ otherSide;
    if (message.kind === 'cp-ack' || message.kind === 'cp-error') return;
    this.#uplink(encodeCpAck(ours));
    if (message.kind === 'rp-data') {
      this.#options.take(message.tpdu, message.centre).then(
        (cause) => this.#uplink(encodeRpAnswer(ours, message.reference, cause)),
        (error: unknown) => this.#socket?.destroy(error instanceof Error ? error : undefined),
      );
      return;
    }
    const answer = this.#answers.get(message.reference);
    this.#answers.delete(message.reference);
    answer?.resolve(message.kind === 'rp-ack' ? undefined : message.cause);
  }

  #uplink(octets: Uint8Array): void {
    this.#say(SgsMessageType.uplinkUnitdata, [[SgsElement.nasMessageContainer, octets]]);
  }

  /** A message about the subscriber. */
  #say(type: number, elements: readonly (readonly [number, Uint8Array])[]): void {
    this.#write(type, [[SgsElement.imsi, imsiIdentity(this.imsi)], ...elements]);
  }

  #write(type: number, elements: readonly (readonly [number, Uint8Array])[]): void {
    this.#socket?.write(encodeSgsMessage(type, elements));
  }
}
