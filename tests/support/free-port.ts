import { randomInt } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

/**
 * Below the ports that Linux, macOS and Windows give to who asks for any: between the look and the use of what was found
 * here nobody else gets it by chance.
 */
const firstPort = 20_000;
const portCount = 12_000;

/** The first of so many UDP ports in a row of the loopback interface that nobody uses at the moment. */
export async function freePort(count = 1): Promise<number> {
  for (;;) {
    const sockets: Socket[] = [];
    const first = firstPort + randomInt(portCount - count);
    try {
      while (sockets.length < count) sockets.push(await bind(first + sockets.length));
      return first;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    } finally {
      for (const socket of sockets) {
        const closed = once(socket, 'close');
        socket.close();
        await closed;
      }
    }
  }
}

async function bind(port: number): Promise<Socket> {
  const socket = createSocket('udp4');
  const listening = once(socket, 'listening');
  socket.bind(port, '127.0.0.1');
  try {
    await listening;
  } catch (error) {
    socket.close();
    throw error;
  }
  return socket;
}
