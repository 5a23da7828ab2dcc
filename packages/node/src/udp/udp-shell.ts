import { type RemoteInfo, type Socket, createSocket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { isIPv6 } from 'node:net';

import { type Instant, type Random, TransmissionError } from '@dunlin/base';
import { type Binding, type Driven, packetSize, type Peer, type Shell, udpPeer } from '@dunlin/coap';

import { now } from '../clock.ts';
import { DeadlineTimer } from '../deadline-timer.ts';
import { systemRandom } from '../entropy.ts';
import { formatHostAndPort, normaliseAddress } from './ip-address.ts';
import { KnownPeers } from './known-peers.ts';

/** Where and how a UDP binding listens. */
export interface UdpOptions {
  /** 0 takes a free port. */
  readonly port: number;
  /** An IP address; default 0.0.0.0. `::` listens on both families. */
  readonly address?: string;
  /** Told of what the system says about single datagrams, such as an unreachable network. */
  readonly onError?: (error: Error) => void;
}

/** Room for bursts while the process is busy: about 4,000 registrations. The system may grant less. */
const socketBufferSize = 4 * 1024 * 1024;

/** A UDP socket as a binding for CoAP: one socket, one timer. */
export function udp(options: Readonly<UdpOptions>): Binding {
  return { open: (driven) => UdpShell.open(driven, options) };
}

class UdpShell implements Shell {
  readonly random: Random = systemRandom();
  #local: Shell['local'];
  readonly #driven: Driven;
  readonly #options: Readonly<UdpOptions>;
  #socket: Socket;
  readonly #timer = new DeadlineTimer((at) => this.#wake(at));
  #isClosed = false;
  #isHandling = false;
  readonly #knownPeers = new KnownPeers();

  static async open(driven: Driven, options: Readonly<UdpOptions>): Promise<UdpShell> {
    const shell = new UdpShell(driven, options, await bind(options));
    shell.#listen();
    shell.#arm();
    return shell;
  }

  private constructor(driven: Driven, options: Readonly<UdpOptions>, socket: Socket) {
    this.#driven = driven;
    this.#options = options;
    this.#socket = socket;
    this.#local = localOf(socket);
  }

  get local(): Shell['local'] {
    return this.#local;
  }

  now(): Instant {
    return now();
  }

  peer(address: string, port: number): Peer {
    return udpPeer(normaliseAddress(address), port);
  }

  async resolve(host: string, port: number): Promise<Peer> {
    const family = isIPv6(this.#local.address) ? 0 : 4;
    try {
      const { address } = await lookup(host.replace(/^\[(.*)\]$/, '$1'), { family });
      return this.peer(address, port);
    } catch (error) {
      throw new TransmissionError('not-sent', `the host name ${host} does not resolve`, { cause: error });
    }
  }

  flush(): void {
    if (this.#isHandling || this.#isClosed) return;
    this.#drain();
    this.#arm();
  }

  async rebind(): Promise<void> {
    const renewed = await bind({ ...this.#options, port: 0 });
    if (this.#isClosed) {
      renewed.close();
      return;
    }
    this.#socket.removeAllListeners('message').close();
    this.#socket = renewed;
    this.#local = localOf(renewed);
    this.#listen();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosed) return;
    this.#drain();
    this.#isClosed = true;
    this.#timer[Symbol.dispose]();
    await new Promise<void>((resolve) => {
      this.#socket.close(resolve);
    });
  }

  #listen(): void {
    this.#socket.on('message', (datagram: Uint8Array, source: RemoteInfo) => {
      this.#isHandling = true;
      try {
        const peer = this.#knownPeers.at(source.address, source.port);
        this.#driven.packetPassed?.('received', packetSize(datagram.length, peer.address));
        this.#driven.handle(datagram, peer, now());
      } finally {
        this.#isHandling = false;
      }
      this.#drain();
      this.#arm();
    });
    this.#socket.on('error', (error) => this.#options.onError?.(error));
  }

  #wake(at: Instant): void {
    const deadline = this.#driven.deadline;
    // Timers are coarser than the clock, and one may be left from an earlier deadline.
    if (deadline !== undefined && deadline <= at) {
      this.#driven.wake(at);
      this.#drain();
    }
    this.#arm();
  }

  #drain(): void {
    for (let out = this.#driven.poll(); out !== undefined; out = this.#driven.poll()) {
      this.#driven.packetPassed?.('sent', packetSize(out.datagram.length, out.peer.address));
      this.#socket.send(out.datagram, out.peer.port, out.peer.address);
    }
  }

  #arm(): void {
    this.#timer.arm(this.#isClosed ? undefined : this.#driven.deadline);
  }
}

function bind(options: Readonly<UdpOptions>): Promise<Socket> {
  const address = options.address ?? '0.0.0.0';
  const isV6 = isIPv6(address);
  const socket = createSocket({
    type: isV6 ? 'udp6' : 'udp4',
    ipv6Only: isV6 && address !== '::',
    recvBufferSize: socketBufferSize,
    sendBufferSize: socketBufferSize,
    // Peers are IP addresses already: answering at once saves the resolver's detour for every datagram.
    lookup: (host, _options, answer) =>
      answer(null, isV6 && !host.includes(':') ? `::ffff:${host}` : host, isV6 ? 6 : 4),
  });
  return new Promise((resolve, reject) => {
    socket.once('error', (error) => {
      socket.close();
      reject(bindError(error, address, options.port));
    });
    socket.bind({ address, port: options.port, exclusive: true }, () => {
      socket.removeAllListeners('error');
      resolve(socket);
    });
  });
}

function bindError(error: NodeJS.ErrnoException, address: string, port: number): TransmissionError {
  const where = `UDP ${formatHostAndPort(address, port)}`;
  const reason: Readonly<Record<string, string>> = {
    EADDRINUSE: 'the port is in use',
    EACCES: 'the port may not be used without more rights',
    EADDRNOTAVAIL: 'this machine does not have that address',
  };
  const why = reason[error.code ?? ''] ?? error.message;
  return new TransmissionError('not-sent', `cannot listen on ${where}: ${why}`, { cause: error });
}

function localOf(socket: Socket): Shell['local'] {
  const { address, port } = socket.address();
  return { address, port, uri: `coap://${formatHostAndPort(address, port)}` };
}
