import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

/** The first of so many UDP ports in a row of the loopback interface that nobody uses at the moment. */
export async function freePort(count = 1): Promise<number> {
  for (;;) {
    const sockets: Socket[] = [];
    try {
      sockets.push(await bind(0));
      const first = sockets[0]?.address().port ?? 0;
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
