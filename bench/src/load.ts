import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

/** One simulated source of load: it knows how to make its next datagram and how to judge an answer. */
export interface Source {
  /** Writes the next datagram into the buffer and returns its length; 0 when this source has nothing more to send. */
  next(buffer: Uint8Array): number;
  /** What an incoming datagram means: the answer waited for, or a request to be answered at once with other bytes. */
  take(datagram: Uint8Array): 'answer' | 'ignored' | { readonly reply: Uint8Array } | 'wrong';
}

/** What a closed-loop run reached. */
export interface LoadResult {
  readonly answers: number;
  readonly wrong: number;
  readonly lost: number;
  readonly seconds: number;
}

export interface LoadOptions {
  readonly port: number;
  readonly seconds: number;
  /** Stop after this many answers instead, when it comes first. */
  readonly answers?: number;
}

/** An answer that takes longer than this counts as lost and its source goes on. */
const patience = 1000;

/** One socket per source, one outstanding request each: a closed loop, as constrained devices are. */
export async function runLoad(sources: readonly Source[], options: LoadOptions): Promise<LoadResult> {
  const links = await Promise.all(sources.map((source) => Link.open(source, options.port)));
  const result = await driveLinks(links, options);
  await Promise.all(links.map((link) => link.close()));
  return result;
}

/** Sockets that stay open from one phase to the next, so that devices keep their addresses. */
export class Link {
  readonly #socket: Socket;
  readonly #port: number;
  readonly #buffer = new Uint8Array(1500);
  source: Source;
  sentAt = 0;
  onAnswer: ((link: Link, isRight: boolean) => void) | undefined;

  static async open(source: Source, port: number): Promise<Link> {
    const socket = createSocket({
      type: 'udp4',
      recvBufferSize: 1 << 20,
      lookup: (host, _options, answer) => answer(null, host, 4),
    });
    // The lookup answers at once, so the socket may be listening before bind returns.
    const listening = once(socket, 'listening');
    socket.bind(0, '127.0.0.1');
    await listening;
    return new Link(socket, source, port);
  }

  private constructor(socket: Socket, source: Source, port: number) {
    this.#socket = socket;
    this.#port = port;
    this.source = source;
    socket.on('message', (datagram: Uint8Array) => this.#take(datagram));
  }

  /** Sends the next datagram; false when the source has none. */
  send(now: number): boolean {
    const length = this.source.next(this.#buffer);
    if (length === 0) return false;
    this.sentAt = now;
    this.#socket.send(this.#buffer.slice(0, length), this.#port, '127.0.0.1');
    return true;
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#socket.close(() => resolve());
    });
  }

  #take(datagram: Uint8Array): void {
    const meaning = this.source.take(datagram);
    if (typeof meaning === 'object') this.#socket.send(meaning.reply, this.#port, '127.0.0.1');
    else if (meaning !== 'ignored') this.onAnswer?.(this, meaning === 'answer');
  }
}

/** Drives open links for the given time. */
export async function driveLinks(links: readonly Link[], options: LoadOptions): Promise<LoadResult> {
  let answers = 0;
  let wrong = 0;
  let lost = 0;
  let active = 0;
  let isOver = false;
  const started = performance.now();
  const { promise, resolve } = Promise.withResolvers<void>();
  const proceed = (link: Link, now: number): void => {
    if (isOver || !link.send(now)) {
      active -= 1;
      if (active === 0) resolve();
    }
  };
  for (const link of links) {
    link.onAnswer = (from, isRight) => {
      if (isRight) answers += 1;
      else wrong += 1;
      if (options.answers !== undefined && answers >= options.answers) isOver = true;
      proceed(from, performance.now());
    };
  }
  for (const link of links) if (link.send(started)) active += 1;
  const watch = setInterval(() => {
    const now = performance.now();
    if (now - started >= options.seconds * 1000) isOver = true;
    for (const link of links) {
      if (now - link.sentAt < patience || link.sentAt === 0) continue;
      lost += 1;
      link.sentAt = now;
      proceed(link, now);
    }
    if (isOver && now - started > options.seconds * 1000 + patience) resolve();
  }, 50);
  await promise;
  clearInterval(watch);
  for (const link of links) link.onAnswer = undefined;
  return { answers, wrong, lost, seconds: (performance.now() - started) / 1000 };
}
