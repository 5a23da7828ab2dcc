import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

/** What an incoming datagram means to a source. */
export type Verdict =
  /** What it waited for. */
  | 'answer'
  | 'ignored'
  | 'wrong'
  /** These go out at once; the answer is still to come. */
  | { readonly replies: readonly Uint8Array[] };

/** One simulated source of load: it knows how to make its next datagram and how to judge an answer. */
export interface Source {
  /** The next datagram, in memory of its own; `undefined` when this source has nothing more to send. */
  next(): Uint8Array | undefined;
  take(datagram: Uint8Array): Verdict;
}

/** What a closed-loop run reached. */
export interface LoadResult {
  readonly answers: number;
  readonly wrong: number;
  readonly lost: number;
  readonly seconds: number;
}

/** An answer that takes longer than this counts as lost and its source goes on. */
const patience = 2000;

/** A socket with one source and one outstanding request: together a closed loop, as constrained devices are. */
export class Link implements AsyncDisposable {
  readonly #socket: Socket;
  readonly #source: Source;
  sentAt = 0;
  onAnswer: ((link: Link, isRight: boolean) => void) | undefined;

  static async open(source: Source, port: number, address = '127.0.0.1'): Promise<Link> {
    const socket = createSocket({
      type: 'udp4',
      recvBufferSize: 1 << 20,
      lookup: (host, _options, answer) => answer(null, host, 4),
    });
    // The lookup answers at once, so the socket may be listening before bind returns.
    const listening = once(socket, 'listening');
    socket.bind(0, address);
    await listening;
    // A connected socket is what costs the generator least.
    const connected = once(socket, 'connect');
    socket.connect(port, '127.0.0.1');
    await connected;
    return new Link(socket, source);
  }

  private constructor(socket: Socket, source: Source) {
    this.#socket = socket;
    this.#source = source;
    socket.on('message', (datagram: Uint8Array) => this.#take(datagram));
  }

  /** Sends the next datagram; false when the source has none. */
  send(now: number): boolean {
    const datagram = this.#source.next();
    if (datagram === undefined) return false;
    this.sentAt = now;
    this.#socket.send(datagram);
    return true;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return new Promise((resolve) => {
      this.#socket.close(() => resolve());
    });
  }

  #take(datagram: Uint8Array): void {
    const verdict = this.#source.take(datagram);
    if (typeof verdict === 'object') for (const reply of verdict.replies) this.#socket.send(reply);
    else if (verdict !== 'ignored') this.onAnswer?.(this, verdict === 'answer');
  }
}

/** Drives links for so many seconds, or until no source has anything more to send, and waits for the last answers. */
export async function driveLinks(links: readonly Link[], seconds: number): Promise<LoadResult> {
  const counts = { answers: 0, wrong: 0, lost: 0 };
  const started = performance.now();
  const { promise, resolve } = Promise.withResolvers<void>();
  let active = 0;
  let isOver = false;
  const proceed = (link: Link, now: number): void => {
    if (!isOver && link.send(now)) return;
    link.sentAt = 0;
    active -= 1;
    if (active === 0) resolve();
  };
  for (const link of links) {
    link.onAnswer = (from, isRight) => {
      if (isRight) counts.answers += 1;
      else counts.wrong += 1;
      // What comes after it was given up for lost, or twice, moves nothing on.
      if (from.sentAt !== 0) proceed(from, performance.now());
    };
  }
  for (const link of links) if (link.send(started)) active += 1;
  if (active === 0) resolve();
  const watch = setInterval(() => {
    const now = performance.now();
    isOver ||= now - started >= seconds * 1000;
    for (const link of links) {
      if (link.sentAt === 0 || now - link.sentAt < patience) continue;
      counts.lost += 1;
      proceed(link, now);
    }
  }, 20);
  await promise;
  clearInterval(watch);
  for (const link of links) link.onAnswer = undefined;
  return { ...counts, seconds: (performance.now() - started) / 1000 };
}
