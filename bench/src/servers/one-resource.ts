import type { Instant } from '@dunlin/base';
import { CoapEndpoint, type Driven, type OutgoingDatagram, type Peer, ResponseCode } from '@dunlin/coap';
import { systemRandom } from '@dunlin/node';

/** A CoAP server with one small resource: what the CoAP layer costs alone. */
export class OneResource implements Driven {
  readonly #endpoint = new CoapEndpoint({ random: systemRandom() });
  readonly #representation = new TextEncoder().encode('22.5 C');
  readonly #out: OutgoingDatagram[] = [];

  get deadline(): Instant | undefined {
    return this.#endpoint.deadline;
  }

  handle(datagram: Uint8Array, peer: Peer, now: Instant): void {
    this.#endpoint.handle(datagram, peer, now);
    this.#answer(now);
  }

  wake(now: Instant): void {
    this.#endpoint.wake(now);
    this.#answer(now);
  }

  poll(): OutgoingDatagram | undefined {
    return this.#out.shift();
  }

  peerLost(peer: Peer, now: Instant): void {
    this.#endpoint.forgetPeer(peer, now);
    this.#answer(now);
  }

  #answer(now: Instant): void {
    for (let output = this.#endpoint.poll(); output !== undefined; output = this.#endpoint.poll()) {
      if (output.kind === 'transmit') this.#out.push(output);
      if (output.kind === 'request') {
        this.#endpoint.respond(
          output.exchange,
          { code: ResponseCode.content, contentFormat: 0, payload: this.#representation },
          now,
        );
      }
    }
  }
}
