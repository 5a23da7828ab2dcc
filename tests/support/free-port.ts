import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import type { EventEmitter } from 'node:events';
import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Below the ports that Linux, macOS and Windows give to who asks for any: between the look and the use of what was found
 * here nobody else gets it by chance.
 */
const firstPort = 20_000;
const portCount = 12_000;

/** The first of so many UDP ports in a row of the loopback interface that nobody uses at the moment. */
export function freePort(count = 1): Promise<number> {
  return findPort(count, async (port) => {
    const socket = createSocket('udp4');
    socket.bind(port, '127.0.0.1');
    await once(socket, 'listening');
    await closed(socket);
  });
}

/** A TCP port of the loopback interface that nobody listens on at the moment. */
export function freeTcpPort(): Promise<number> {
  return findPort(1, async (port) => {
    const server = createServer();
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    await closed(server);
  });
}

/** Tries ports that are drawn at random until as many as are wanted could be used, which `use` rejects for those that are taken. */
async function findPort(count: number, use: (port: number) => Promise<void>): Promise<number> {
  for (;;) {
    const first = firstPort + randomInt(portCount - count);
    try {
      for (let port = first; port < first + count; port += 1) await use(port);
      return first;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    }
  }
}

async function closed(listening: EventEmitter & { close: () => unknown }): Promise<void> {
  const gone = once(listening, 'close');
  listening.close();
  await gone;
}
