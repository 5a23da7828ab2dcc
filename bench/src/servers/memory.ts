// Feeds registrations of many devices into a server without a socket, each from an address of its own.
import { type Instant, instantFrom } from '@dunlin/base';
import { type Binding, type Driven, type Shell, udpPeer } from '@dunlin/coap';
import { systemRandom } from '@dunlin/node';
import { LwM2mServer } from '@dunlin/server';

import { serveCommands } from '../server-process.ts';
import { DeviceSource } from '../sources.ts';

const count = Number(process.argv[2]);
let time = Date.now();
let core: Driven | undefined;

const shell: Shell = {
  local: { address: '127.0.0.1', port: 0, uri: 'coap://127.0.0.1' },
  random: systemRandom(),
  now: (): Instant => instantFrom(time),
  flush: () => undefined,
  peer: udpPeer,
  resolve: (host, port) => Promise.resolve(udpPeer(host, port)),
  [Symbol.asyncDispose]: () => Promise.resolve(),
};
const binding: Binding = {
  open: (driven) => {
    core = driven;
    return Promise.resolve(shell);
  },
};

const server = await LwM2mServer.open({ listen: [binding] });
const before = used();
const buffer = new Uint8Array(1500);
let registered = 0;
let nextWake: Instant | undefined;
for (let index = 0; index < count; index += 1) {
  const device = new DeviceSource(index, () => `urn:dev:ops:32473-bench-${index}`, 1);
  const length = device.next(buffer);
  const peer = udpPeer(`10.${(index >> 16) & 0xff}.${(index >> 8) & 0xff}.${index & 0xff}`, 5683);
  core?.handle(buffer.slice(0, length), peer, instantFrom(time));
  await Promise.resolve();
  for (let out = core?.poll(); out !== undefined; out = core?.poll()) {
    if (device.take(out.datagram) === 'answer') registered += 1;
  }
  // As a shell does after each datagram: cores set their timers when they are asked for the next one.
  nextWake = core?.deadline;
  time += 0.5;
}
if (registered !== count) throw new Error(`only ${registered} of ${count} devices could register`);
const bytes = used() - before;
if (server.local.length !== 1 || nextWake === undefined) throw new Error('the server is gone');
serveCommands(0, { bytes: () => bytes });

function used(): number {
  globalThis.gc?.();
  globalThis.gc?.();
  const { heapUsed, external, arrayBuffers } = process.memoryUsage();
  return heapUsed + external + arrayBuffers;
}
