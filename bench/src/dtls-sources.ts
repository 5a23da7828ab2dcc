import { type Instant, instantFrom } from '@dunlin/base';
import {
  type AssociationId,
  type CipherSuiteName,
  cipherSuites,
  type DatagramAddress,
  DtlsEndpoint,
} from '@dunlin/dtls';
import { systemRandom } from '@dunlin/node';

import type { DeviceCredential } from './dtls-credentials.ts';
import type { Source, Verdict } from './load.ts';

/** What all sockets of the generator draw from. */
const random = systemRandom();

/** For the client's tables; it knows one server only. */
const server: DatagramAddress = { key: 'server', address: '127.0.0.1', port: 5684 };

/** What came of a datagram for a client. */
interface Received {
  readonly replies: readonly Uint8Array[];
  readonly plaintexts: readonly Uint8Array[];
  readonly isEstablished: boolean;
  readonly isFailed: boolean;
}

/** One device's DTLS, by our own client: other people's are what the interoperation tests are for. */
class DtlsDevice {
  readonly #endpoint: DtlsEndpoint;
  readonly #device: DeviceCredential;
  #association: AssociationId | undefined;

  constructor(device: DeviceCredential, suite: CipherSuiteName) {
    this.#device = device;
    this.#endpoint = new DtlsEndpoint({
      random,
      role: 'client',
      suites: cipherSuites.filter(({ name }) => name === suite),
      // As our client does: the server gives a connection id, and none is wanted back.
      connectionId: { length: 0 },
    });
  }

  /** The first datagram of a new handshake. */
  connect(): Uint8Array {
    this.#association = this.#endpoint.connect(server, this.#device, now());
    return this.#drain().replies[0] ?? new Uint8Array();
  }

  /** The record that carries a plaintext. */
  seal(plaintext: Uint8Array): Uint8Array {
    if (this.#association !== undefined) this.#endpoint.send(this.#association, plaintext, now());
    return this.#drain().replies[0] ?? new Uint8Array();
  }

  receive(datagram: Uint8Array): Received {
    this.#endpoint.handle(datagram, server, now());
    return this.#drain();
  }

  #drain(): Received {
    const replies: Uint8Array[] = [];
    const plaintexts: Uint8Array[] = [];
    let isEstablished = false;
    let isFailed = false;
    for (let output = this.#endpoint.poll(); output !== undefined; output = this.#endpoint.poll()) {
      if (output.kind === 'transmit') replies.push(output.datagram);
      else if (output.kind === 'received') plaintexts.push(output.plaintext);
      else if (output.kind === 'established') isEstablished ||= output.association === this.#association;
      else if (output.kind === 'failed') isFailed ||= output.association === this.#association;
    }
    return { replies, plaintexts, isEstablished, isFailed };
  }
}

/** One full handshake after the other, from the same address: each takes the place of the one before. */
export class HandshakeSource implements Source {
  readonly #device: DtlsDevice;

  constructor(device: DeviceCredential, suite: CipherSuiteName) {
    this.#device = new DtlsDevice(device, suite);
  }

  next(): Uint8Array {
    return this.#device.connect();
  }

  take(datagram: Uint8Array): Verdict {
    const { replies, isEstablished, isFailed } = this.#device.receive(datagram);
    if (isFailed) return 'wrong';
    return isEstablished ? 'answer' : replies.length > 0 ? { replies } : 'ignored';
  }
}

/** Makes an association first, which counts as an answer, and sends so many messages of another source over it. */
export class SecuredSource implements Source {
  readonly #device: DtlsDevice;
  readonly #inner: Source;
  readonly #limit: number;
  #isEstablished = false;
  #sent = 0;

  constructor(device: DeviceCredential, suite: CipherSuiteName, inner: Source, limit = Infinity) {
    this.#device = new DtlsDevice(device, suite);
    this.#inner = inner;
    this.#limit = limit;
  }

  next(): Uint8Array | undefined {
    if (!this.#isEstablished) return this.#device.connect();
    const message = this.#sent < this.#limit ? this.#inner.next() : undefined;
    this.#sent += 1;
    return message === undefined ? undefined : this.#device.seal(message);
  }

  take(datagram: Uint8Array): Verdict {
    const { replies, plaintexts, isEstablished, isFailed } = this.#device.receive(datagram);
    if (isFailed) return 'wrong';
    if (isEstablished) {
      this.#isEstablished = true;
      return 'answer';
    }
    const [plaintext] = plaintexts;
    if (plaintext !== undefined) return this.#inner.take(plaintext);
    return replies.length > 0 ? { replies } : 'ignored';
  }
}

function now(): Instant {
  return instantFrom(Date.now());
}
