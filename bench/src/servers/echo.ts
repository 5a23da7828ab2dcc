// The limit: what a socket of node:dgram serves when it only sends back what it hears.
import { createSocket, type SocketOptions } from 'node:dgram';

import { serveCommands } from '../server-process.ts';

const isAsTheShell = process.argv[2] === 'as-the-shell';
const settings: Partial<SocketOptions> = isAsTheShell
  ? { sendBufferSize: 4 * 1024 * 1024, lookup: (host, _options, answer) => answer(null, host, 4) }
  : {};
const socket = createSocket({ type: 'udp4', recvBufferSize: 4 * 1024 * 1024, ...settings });
socket.on('message', (datagram, source) => socket.send(datagram, source.port, source.address));
socket.bind(0, '127.0.0.1', () => serveCommands(socket.address().port));
