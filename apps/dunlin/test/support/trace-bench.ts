import { type Instant, instantFrom } from '@dunlin/base';
import {
  encodeMessage,
  MessageType,
  Method,
  OptionNumber,
  type OutgoingMessage,
  type Peer,
  ResponseCode,
  udpPeer,
} from '@dunlin/coap';
import type { CredentialSummary, StoredObservation } from '@dunlin/server';

import { Traces } from '../../src/trace/traces.ts';
import { noon, registration } from './fake-server.ts';

export const lampPeer: Peer = udpPeer('192.0.2.7', 40_123);

/** The device `lamp`, registered at `lampPeer` with the id `r1`, and traces whose clock the test moves. */
export class TraceBench {
  now: Instant = noon;
  readonly traces: Traces;
  readonly credentials: CredentialSummary[] = [];
  readonly observations: StoredObservation[] = [];

  constructor(limits: ConstructorParameters<typeof Traces>[1] = {}) {
    this.traces = new Traces(() => this.now, limits);
    const lamp = registration('lamp', { id: 'r1', peer: lampPeer });
    this.traces.addSources({
      registrations: {
        findByEndpoint: (endpoint) => (endpoint === 'lamp' ? lamp : undefined),
        observationsOf: () => this.observations,
      },
      credentials: [
        {
          ofEndpoint: (endpoint) => this.credentials.filter(({ endpointName }) => endpointName === endpoint),
        },
      ],
    });
  }

  later(milliseconds: number): void {
    this.now = instantFrom(this.now + milliseconds);
  }

  passes(direction: 'in' | 'out', datagram: Uint8Array, peer: Peer = lampPeer): void {
    if (!this.traces.isWatching) return;
    const local = 'coap://0.0.0.0:5683';
    this.traces.passed({ direction, datagram, peer, local, service: 'management' });
  }
}

/** A message with what the test says. */
export function coap(message: Partial<OutgoingMessage>): Uint8Array {
  return encodeMessage({
    type: MessageType.confirmable,
    code: Method.get,
    messageId: 1,
    token: Uint8Array.of(0xca, 0xfe),
    options: [],
    ...message,
  });
}

/** The options of a path. */
export function uriPath(path: string): OutgoingMessage['options'] {
  return path.split('/').map((value) => ({ number: OptionNumber.uriPath, value }));
}

/** A response in an acknowledgement, with a payload in a format. */
export function content(
  format: number,
  payload: Uint8Array,
  message: Partial<OutgoingMessage> = {},
): Uint8Array {
  return coap({
    type: MessageType.acknowledgement,
    code: ResponseCode.content,
    options: [{ number: OptionNumber.contentFormat, value: format }],
    payload,
    ...message,
  });
}
