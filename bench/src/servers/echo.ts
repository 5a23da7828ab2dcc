// The limit: what a bare node:dgram socket serves when it only sends back what it hears.
import { createSocket } from 'node:dgram';

import { serveCommands } from '../server-process.ts';

const socket = createSocket({ type: 'udp4', recvBufferSize: 4 * 1024 * 1024 });
socket.on('message', (datagram, source) => socket.send(datagram, source.port, source.address));
socket.bind(0, '127.0.0.1', () => serveCommands(socket.address().port));
