import { driveLinks, Link, type LoadResult, type Source } from '../load.ts';
import { ServerProcess } from '../server-process.ts';

/** A socket for each of so many sources: 512 closed loops keep one server core busy. */
const sources = 512;

/** What contenders open stays open until the contest is over. */
export class Lane {
  readonly #stack: AsyncDisposableStack;

  constructor(stack: AsyncDisposableStack) {
    this.#stack = stack;
  }

  async server(file: string, args: readonly string[] = []): Promise<ServerProcess> {
    return this.#stack.use(await ServerProcess.start(file, args));
  }

  async links(
    server: ServerProcess,
    make: (index: number) => Source,
    count = sources,
  ): Promise<readonly Link[]> {
    const opened = Array.from({ length: count }, (_, index) => Link.open(make(index), server.port));
    return (await Promise.all(opened)).map((link) => this.#stack.use(link));
  }

  /** Sockets for sources, driven whenever it is their turn. */
  async load(
    server: ServerProcess,
    make: (index: number) => Source,
    count = sources,
  ): Promise<(seconds: number) => Promise<LoadResult>> {
    const links = await this.links(server, make, count);
    return (seconds) => driveLinks(links, seconds);
  }
}
