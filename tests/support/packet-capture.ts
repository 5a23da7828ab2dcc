import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';

import { Program } from './program.ts';
import { until } from './until.ts';

/**
 * Lets tshark write to a file all that goes to and from a UDP port of the loopback interface while something happens,
 * and gives what came of that. It has begun before, and ends when all of it is in the file, however busy the machine is:
 * it sees by datagrams without content, which whoever listens at the port has to pass over.
 */
export async function capture<Result>(
  port: number,
  file: string,
  happens: () => Promise<Result>,
): Promise<Result> {
  await using sniffer = new Program(['tshark', '-i', 'lo', '-f', `udp port ${port}`, '-w', file]);
  await sniffer.waitFor(/Capturing on/);
  await untilCaptured(port, file);
  const result = await happens();
  await untilCaptured(port, file);
  sniffer.signal('SIGINT');
  await sniffer.ended();
  return result;
}

/** Sends datagrams without content, of which dissectors make nothing, from a port of its own until the file has one. */
async function untilCaptured(port: number, file: string): Promise<void> {
  const socket = createSocket('udp4');
  // That nobody listens there may be said as an error of the socket.
  socket.on('error', () => undefined);
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const header = Buffer.alloc(6);
  header.writeUInt16BE(socket.address().port, 0);
  header.writeUInt16BE(port, 2);
  header.writeUInt16BE(8, 4);
  const send = (): void => socket.send(new Uint8Array(), port, '127.0.0.1');
  send();
  const sending = setInterval(send, 100);
  try {
    await until(
      () => readIfThere(file).includes(header),
      () => `a datagram to port ${port} in ${file}`,
    );
  } finally {
    clearInterval(sending);
    const closed = once(socket, 'close');
    socket.close();
    await closed;
  }
}

function readIfThere(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    // The sniffer has not made it yet.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
}
