import { createSocket } from 'node:dgram';
import { isIP } from 'node:net';

/**
 * The address of this machine from which it reaches another one: what a device sees of a listener on all addresses,
 * unless something between translates addresses. `undefined` when there is no way to it. Nothing is sent.
 */
export function addressToward(remote: string, port: number): Promise<string | undefined> {
  const family = isIP(remote);
  if (family === 0) return Promise.resolve(undefined);
  const socket = createSocket(family === 6 ? 'udp6' : 'udp4');
  return new Promise((resolve) => {
    const end = (address: string | undefined): void => {
      socket.close();
      resolve(address);
    };
    socket.once('error', () => end(undefined));
    // The kernel chooses a source address when a datagram socket is connected, and asks nobody for that.
    // The zone of a link-local address means something on this machine only (RFC 4007 §6).
    socket.once('connect', () => end(socket.address().address.replace(/%.*$/, '')));
    socket.connect(port, remote);
  });
}
